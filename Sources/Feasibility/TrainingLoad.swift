package import Datasets
import Foundation

/// How much there is to train on, as the estimate needs it.
package struct TrainingLoad: Sendable, Hashable {
    package var rows: Int
    package var tokens: Int
    package var targetTokens: Int
    package var longestRow: Int
    /// The squares of the rows' tokens, added up; 0 where nobody counted them.
    package var squaredTokens: Double
    package var validationRows: Int
    package var validationTokens: Int

    package init(
        rows: Int, tokens: Int, targetTokens: Int, longestRow: Int, squaredTokens: Double = 0, validationRows: Int = 0,
        validationTokens: Int = 0
    ) {
        self.rows = rows
        self.tokens = tokens
        self.targetTokens = targetTokens
        self.longestRow = longestRow
        self.squaredTokens = squaredTokens
        self.validationRows = validationRows
        self.validationTokens = validationTokens
    }

    package init(_ data: EncodedDataset) {
        self.init(
            rows: data.train.count, tokens: data.train.reduce(0) { $0 + $1.count },
            targetTokens: data.train.reduce(0) { $0 + $1.targetCount },
            longestRow: (data.train + data.validation).map(\.count).max() ?? 0,
            squaredTokens: data.train.reduce(0) { $0 + Double($1.count * $1.count) }, validationRows: data.validation.count,
            validationTokens: data.validation.reduce(0) { $0 + $1.count })
    }

    /// What the largest of `batches` batches of `rows` rows probably holds, never more than as many of the longest row: the
    /// mean, and the deviations that the largest of so many normal draws lies above it (the root of 2 ln n).
    func usualLargestBatch(rows: Int, of batches: Int) -> Int {
        let most = rows * longestRow
        guard squaredTokens > 0 else { return most }
        let variance = max(0, squaredTokens / Double(max(1, self.rows)) - meanLength * meanLength)
        let above = (2 * log(Double(max(1, batches))) * Double(rows) * variance).squareRoot()
        return min(most, max(longestRow, Int((Double(rows) * meanLength + above).rounded(.up))))
    }

    /// Tokens of a usual row.
    var meanLength: Double { Double(tokens) / Double(max(1, rows)) }
}
