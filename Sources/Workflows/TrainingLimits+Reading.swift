package import RuleEngine
package import Training

extension TrainingLimits {
    /// Reads the rows of `training_limits`.
    package init(_ book: RuleBook) throws(MissingTableRow) {
        let table = "training_limits"
        try self.init { (row) throws(MissingTableRow) in
            guard let value = book.table(table)?[row]?.number("value") else {
                throw MissingTableRow(table: table, row: row)
            }
            return value
        }
    }
}

/// The rule book lacks a number the program works with.
package struct MissingTableRow: Error, Sendable, Hashable {
    package let table: String
    package let row: String
}
