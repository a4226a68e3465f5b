/// How long rows are in tokens, with the tokenizer and template that will train them.
package struct LengthStatistics: Sendable, Hashable {
    package var rows: Int
    package var tokens: Int
    package var targetTokens: Int
    package var median: Int
    package var p95: Int
    package var p99: Int
    package var longest: Int

    package init(lengths: [Int], targetTokens: Int) {
        let sorted = lengths.sorted()
        rows = sorted.count
        tokens = sorted.reduce(0, +)
        self.targetTokens = targetTokens
        median = Self.quantile(0.5, of: sorted)
        p95 = Self.quantile(0.95, of: sorted)
        p99 = Self.quantile(0.99, of: sorted)
        longest = sorted.last ?? 0
    }

    /// Nearest rank: always a length some row has.
    private static func quantile(_ share: Double, of sorted: [Int]) -> Int {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
