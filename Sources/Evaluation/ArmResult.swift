/// One arm's answers to every held-out row and the figures they add up to.
package struct ArmResult: Sendable, Hashable {
    package var arm: Arm
    package var items: [ItemResult]
    /// A metric that could not be measured is missing, never zero.
    package var figures: [Metric: Interval]
    package var usage: Usage
    /// Parts in which every row was answered, each with examples from the others; nil for held-out rows alone.
    package var folds: Int?

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
        /// What had to be computed once before the first answer, such as training a classifier; no part of an answer's time.
        package var preparationSeconds: Double?
        /// What one request took at the median and for the slowest twentieth, where requests were timed one by one.
        package var latency: Latency?
        /// US dollars for a thousand requests; nil where no price is known.
        package var costPerThousand: Double?
        package var costBasis: ArmPrices.Basis?

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

extension ArmResult {
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
