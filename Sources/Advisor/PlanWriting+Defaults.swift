import Plan
import RuleEngine

/// The tables plans are written from: `training_defaults`, `learning_rate`, `epochs`.
struct PlanDefaults: Sendable {
    let book: RuleBook

    struct Row: Sendable {
        /// `training_defaults#rank`, as cited in the plan.
        let id: String
        let why: String
        let number: Double
        let text: String
        private let row: RuleTable.Row

        init(_ row: RuleTable.Row) {
            self.row = row
            id = row.ruleID
            // Beside its own reason a changed value says who changed it.
            let reasons = [row.text("why") ?? ""] + row.overridden.map { "changed: " + $0 }
            why = reasons.joined(separator: "; ").split(whereSeparator: \.isNewline).joined(separator: " ")
            number = row.number("number") ?? 0
            text = row.text("text") ?? ""
        }

        func cell(_ column: String) -> Double { row.number(column) ?? 0 }
    }

    func row(_ id: String) throws(PlanWritingError) -> Row {
        guard let row = book.table("training_defaults")?[id] else {
            throw .missingRow(table: "training_defaults", row: id)
        }
        return Row(row)
    }

    /// The first row of the method whose size limit the model stays under.
    func bySize(_ table: String, method: MethodKind?, parameters: Int) throws(PlanWritingError) -> Row {
        let millions = Double(parameters) / 1e6
        let row = book.table(table)?.rows.first { row in
            (method == nil || row.text("method") == method?.rawValue)
                && millions < row.number("parameters_below_million") ?? .infinity
        }
        guard let row else { throw .missingRow(table: table, row: method?.rawValue ?? "any size") }
        return Row(row)
    }
}
