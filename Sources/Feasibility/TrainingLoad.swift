package import Datasets

/// How much there is to train on, as the estimate needs it.
package struct TrainingLoad: Sendable, Hashable {
    package var rows: Int
    package var tokens: Int
    package var targetTokens: Int
    package var longestRow: Int
    package var validationRows: Int
    package var validationTokens: Int

    package init(
        rows: Int, tokens: Int, targetTokens: Int, longestRow: Int, validationRows: Int = 0, validationTokens: Int = 0
    ) {
        self.rows = rows
        self.tokens = tokens
        self.targetTokens = targetTokens
        self.longestRow = longestRow
        self.validationRows = validationRows
        self.validationTokens = validationTokens
    }

    package init(_ data: EncodedDataset) {
        self.init(
            rows: data.train.count, tokens: data.train.reduce(0) { $0 + $1.count },
            targetTokens: data.train.reduce(0) { $0 + $1.targetCount },
            longestRow: (data.train + data.validation).map(\.count).max() ?? 0, validationRows: data.validation.count,
            validationTokens: data.validation.reduce(0) { $0 + $1.count })
    }

    /// Tokens of a usual row.
    var meanLength: Double { Double(tokens) / Double(max(1, rows)) }
}
