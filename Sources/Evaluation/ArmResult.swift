/// One arm's answers to every held-out row and the figures they add up to.
package struct ArmResult: Sendable, Hashable {
    package var arm: Arm
    package var items: [ItemResult]
    /// A metric that could not be measured is missing, never zero.
    package var figures: [Metric: Interval]
    package var usage: Usage

    package init(arm: Arm, items: [ItemResult], figures: [Metric: Interval], usage: Usage) {
        self.arm = arm
        self.items = items
        self.figures = figures
        self.usage = usage
    }

    /// What the answers cost, per item.
    package struct Usage: Sendable, Hashable {
        /// Means over the items; nil where they were not counted.
        package var promptTokens: Double?
        package var outputTokens: Double?
        /// Generation time of the whole arm divided by its items: throughput in batches, not what one user waits.
        package var secondsPerItem: Double?
        /// What one request took at the median and for the slowest twentieth, where requests were timed one by one.
        package var latency: Latency?
        /// US dollars for a thousand requests at the prices of the case; nil where no price is known.
        package var costPerThousand: Double?

        package struct Latency: Sendable, Hashable {
            package var median: Double
            package var slow: Double

            package init(median: Double, slow: Double) {
                self.median = median
                self.slow = slow
            }
        }

        package init(promptTokens: Double?, outputTokens: Double?, secondsPerItem: Double?) {
            self.promptTokens = promptTokens
            self.outputTokens = outputTokens
            self.secondsPerItem = secondsPerItem
        }

        init(items: [ItemResult], seconds: Double?) {
            promptTokens = Self.mean(items.compactMap(\.promptTokens))
            outputTokens = Self.mean(items.compactMap(\.outputTokens))
            secondsPerItem = items.isEmpty ? nil : seconds.map { $0 / Double(items.count) }
            let times = items.compactMap(\.seconds).sorted()
            if !times.isEmpty {
                latency = Latency(median: times[times.count / 2], slow: times[min(times.count - 1, times.count * 19 / 20)])
            }
        }

        private static func mean(_ counts: [Int]) -> Double? {
            counts.isEmpty ? nil : Double(counts.reduce(0, +)) / Double(counts.count)
        }
    }
}

/// What a provider asks for tokens, in US dollars.
package struct TokenPrices: Sendable, Hashable {
    package let inputPerMillion: Double
    package let outputPerMillion: Double

    package init(inputPerMillion: Double, outputPerMillion: Double) {
        self.inputPerMillion = inputPerMillion
        self.outputPerMillion = outputPerMillion
    }
}

extension ArmResult {
    /// The same arm with what a thousand requests cost. A floor has no tokens and costs none.
    package func priced(_ prices: TokenPrices) -> ArmResult {
        var result = self
        if arm.kind.isFloor {
            result.usage.costPerThousand = 0
        } else if let read = usage.promptTokens, let written = usage.outputTokens {
            result.usage.costPerThousand = (read * prices.inputPerMillion + written * prices.outputPerMillion) / 1000
        }
        return result
    }

    /// Scores the items and adds them up. `seconds` is the time the arm took to generate all of them.
    package init(
        arm: Arm, items: [ItemResult], scoring: ItemScoring, seconds: Double? = nil, bootstrap: Bootstrap = .init()
    ) {
        let scored = items.map(scoring.scored)
        let figures = scoring.metrics.compactMap { metric in
            Interval.of(metric, in: scored, labels: scoring.labels, bootstrap).map { (metric, $0) }
        }
        self.init(
            arm: arm, items: scored, figures: Dictionary(figures) { first, _ in first },
            usage: Usage(items: scored, seconds: seconds))
    }
}
