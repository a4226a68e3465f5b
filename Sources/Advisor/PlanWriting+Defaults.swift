import Datasets
import Plan
import RuleEngine

/// The tables plans are written from: `training_defaults`, `learning_rate`, `epochs`, `plan_keys`.
struct PlanDefaults: Sendable {
    let book: RuleBook

    struct Row: Sendable {
        /// `training_defaults#rank`, as cited in the plan.
        let id: String
        let why: String
        /// What a source that disagrees says.
        let others: String?
        let number: Double
        let text: String
        private let row: RuleTable.Row

        init(_ row: RuleTable.Row) {
            self.row = row
            id = row.ruleID
            // Beside its own reason a changed value says who changed it.
            let reasons = [row.text("why") ?? ""] + row.overridden.map { "changed: " + $0 }
            why = reasons.joined(separator: "; ").split(whereSeparator: \.isNewline).joined(separator: " ")
            others = row.text("others")
            number = row.number("number") ?? 0
            text = row.text("text") ?? ""
        }

        func cell(_ column: String) -> Double { row.number(column) ?? 0 }

        /// The reason as a plan's comment gives it, with the value of a source that disagrees.
        var reason: String { others.map { "\(why); others: \($0)" } ?? why }
    }

    func row(_ id: String) throws(PlanWritingError) -> Row { try row("training_defaults", id) }

    func row(_ table: String, _ id: String) throws(PlanWritingError) -> Row {
        guard let row = book.table(table)?[id] else { throw .missingRow(table: table, row: id) }
        return Row(row)
    }

    /// The first row for this method and these stakes whose size limit the model stays under.
    func learningRate(_ method: MethodKind, parameters: Int, stakesAreHigh: Bool) throws(PlanWritingError) -> Row {
        let millions = Double(parameters) / 1e6
        let row = book.table("learning_rate")?.rows.first { row in
            row.text("method") == method.rawValue && (row.text("stakes") == nil || stakesAreHigh)
                && millions < row.number("parameters_below_million") ?? .infinity
        }
        guard let row else { throw .missingRow(table: "learning_rate", row: method.rawValue) }
        return Row(row)
    }

    func epochs(parameters: Int, rows: Int) throws(PlanWritingError) -> Row {
        let millions = Double(parameters) / 1e6
        let row = book.table("epochs")?.rows.first { row in
            millions < row.number("parameters_below_million") ?? .infinity
                && Double(rows) < row.number("rows_below") ?? .infinity
        }
        guard let row else { throw .missingRow(table: "epochs", row: "any size") }
        return Row(row)
    }
}

/// A plan in the making.
struct PlanDraft {
    let given: PlanWritingCase
    var plan: RunPlan
    var stepsPerEpoch = 1
    /// Rows an optimizer step should hold, and the rule that says so.
    var effectiveBatch = 1

    init(_ given: PlanWritingCase) {
        self.given = given
        plan = RunPlan(
            model: given.model, method: .lora(), data: DataSettings(paths: given.dataPaths, format: given.format),
            training: TrainingSettings())
        plan.data.fingerprint = given.dataFingerprint
        plan.data.template = given.templateFingerprint
    }

    mutating func credit(_ key: String, _ row: PlanDefaults.Row) {
        plan.origins[key] = .rule(id: row.id, why: row.reason)
    }

    /// Rows that are trained, the general ones included.
    var trainingRows: Double {
        let heldOut = plan.data.split.validation + plan.data.split.test
        let task = given.ownedTrainingRows.map { Double($0) } ?? Double(given.rows) * (1 - heldOut)
        let share = plan.data.generalMix?.share ?? 0
        guard let each = given.generalRowTargets, each > 0 else { return task / (1 - share) }
        let targets = task * Double(given.lengths.targetTokens) / Double(max(1, given.lengths.rows))
        return task + share / (1 - share) * targets / each
    }

    var meanLength: Double { Double(given.lengths.tokens) / Double(max(1, given.lengths.rows)) }

    func roundedUp(_ value: Int, to step: Int) -> Int { (value + step - 1) / step * step }
}
