/// The labels of a classification dataset, most frequent first.
package struct LabelInventory: Sendable, Hashable {
    package struct Label: Sendable, Hashable {
        package var text: String
        package var count: Int
    }

    package var labels: [Label]

    /// Where answers stop being labels.
    package struct Limits: Sendable, Hashable {
        /// Share of rows that may have an answer of their own.
        package var mostDistinctShare: Double
        package var mostWords: Int
        /// Share of rows whose label stands on at least two rows: a label that is seen once teaches nothing general.
        package var leastRepeatedShare: Double

        package init(mostDistinctShare: Double, mostWords: Int, leastRepeatedShare: Double) {
            self.mostDistinctShare = mostDistinctShare
            self.mostWords = mostWords
            self.leastRepeatedShare = leastRepeatedShare
        }
    }

    /// Nil when the answers are no labels: too many different ones, too long, or structured.
    package init?(_ examples: some Collection<Example>, limits: Limits) {
        let most = limits.mostDistinctShare * Double(examples.count)
        var counts: [String: Int] = [:]
        var rows = 0
        for example in examples {
            guard case .chat = example.body, !example.isMultiTurn else { return nil }
            let answer = example.completion
            guard Self.couldBeLabel(answer, mostWords: limits.mostWords) else { return nil }
            counts[answer, default: 0] += 1
            rows += 1
            guard Double(counts.count) <= most else { return nil }
        }
        guard counts.count > 1 else { return nil }
        let repeated = counts.values.filter { $0 > 1 }.reduce(0, +)
        guard Double(repeated) >= limits.leastRepeatedShare * Double(rows) else { return nil }
        labels = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { Label(text: $0.key, count: $0.value) }
    }

    private static func couldBeLabel(_ answer: String, mostWords: Int) -> Bool {
        guard answer.utf8.count <= 80, let first = answer.utf8.first(where: { $0 > 0x20 }) else { return false }
        guard first != UInt8(ascii: "{"), first != UInt8(ascii: "[") else { return false }
        return answer.split(whereSeparator: \.isWhitespace).count <= mostWords && !answer.contains("\n")
    }

    /// How many times more rows the most frequent label has than the rarest.
    package var imbalance: Double {
        guard let most = labels.first?.count, let least = labels.last?.count, least > 0 else { return 1 }
        return Double(most) / Double(least)
    }
}
