import YAMLText

/// The decisions and tables of a rule book while an overlay changes them.
struct OverlaidRules {
    private(set) var decisions: [DecisionTable]
    private(set) var tables: [RuleTable]
    private(set) var overrides: [RuleOverride] = []
    private(set) var problems: [RuleProblem] = []
    private let overlay: RuleOverlay
    private let reader: RuleReader

    init(_ overlay: RuleOverlay, decisions: [DecisionTable], tables: [RuleTable], reader: RuleReader) {
        self.overlay = overlay
        self.decisions = decisions
        self.tables = tables
        self.reader = reader
        // Rules of its own come first, so that its thresholds may speak of them too.
        for addition in overlay.rules { attempt(addition.place) { try $0.add(addition) } }
        for addition in overlay.rows { attempt(addition.place) { try $0.add(addition) } }
        for change in overlay.thresholds { attempt(change.place) { try $0.change(change) } }
        for change in overlay.cells { attempt(change.place) { try $0.change(change) } }
        for entry in overlay.retired { attempt(entry.place) { try $0.retire(entry) } }
    }

    private mutating func attempt(_ place: YAMLPlace, _ body: (inout OverlaidRules) throws -> Void) {
        do {
            try body(&self)
        } catch let problem as RuleProblem {
            problems.append(problem)
        } catch let error as YAMLError {
            problems.append(RuleProblem(error))
        } catch let problem as FactProblem {
            problems.append(RuleProblem(place, .fact(problem)))
        } catch {
            problems.append(RuleProblem(place, .unreadable("\(error)")))
        }
    }

    private mutating func record(_ target: String, _ what: String, _ reason: String?, _ place: YAMLPlace) -> String {
        let override = RuleOverride(target: target, what: what, reason: reason, overlay: overlay.name, place: place)
        overrides.append(override)
        return "\(what), by \(overlay.name)" + (reason.map { " (\($0))" } ?? ", no reason given")
    }

    // MARK: rules

    private func find(_ rule: String, _ place: YAMLPlace) throws(RuleProblem) -> (decision: Int, rule: Int) {
        for (index, decision) in decisions.enumerated() {
            if let found = decision.rules.firstIndex(where: { $0.id == rule }) { return (index, found) }
        }
        throw RuleProblem(place, .unknownRule(rule, known: decisions.flatMap { $0.rules.map(\.id) }))
    }

    private mutating func change(_ change: RuleOverlay.Threshold) throws {
        let (decision, index) = try find(change.rule, change.place)
        var rule = decisions[decision].rules[index]
        try refuseUnexplained(rule, change.reason, change.place)
        let definition = try reader.vocabulary.definition(of: change.fact)
        guard let value = try definition.value([FactValue.spelled(change.number)]) else { return }
        let matching = rule.when.tests.filter { isThreshold($0, of: change) }
        let what: String
        if let outcome = rule.then.firstIndex(where: { $0.column == change.fact && $0.value.number != nil }),
            matching.isEmpty
        {
            what = "\(change.fact) is \(value.spelled) instead of \(rule.then[outcome].value.spelled)"
            rule.then[outcome] = Outcome(column: change.fact, value: value, fact: rule.then[outcome].fact)
        } else {
            guard let test = matching.first else {
                let known = rule.when.tests.filter(\.comparison.comparesNumbers).map(\.id) + rule.then.map(\.column)
                throw RuleProblem(change.place, .noThreshold(rule: rule.id, fact: change.fact, known: known))
            }
            let operators = matching.map(\.comparison.rawValue)
            guard Set(operators).count == 1 else {
                throw RuleProblem(
                    change.place, .severalThresholds(rule: rule.id, fact: change.fact, operators: operators))
            }
            what = "\(test.spelled) became \(value.spelled)"
            rule.when = rule.when.mapTests { test in
                guard isThreshold(test, of: change) else { return test }
                return FactTest(fact: test.fact, id: test.id, comparison: test.comparison, operand: .values([value]))
            }
        }
        rule.overridden.append(record(rule.id, what, change.reason, change.place))
        decisions[decision].rules[index] = rule
    }

    private func isThreshold(_ test: FactTest, of change: RuleOverlay.Threshold) -> Bool {
        guard test.id == change.fact, test.comparison.comparesNumbers, case .values = test.operand else { return false }
        return change.comparison == nil || change.comparison == test.comparison
    }

    private mutating func retire(_ entry: RuleOverlay.Retired) throws {
        let (decision, index) = try find(entry.rule, entry.place)
        let rule = decisions[decision].rules[index]
        try refuseUnexplained(rule, entry.reason, entry.place)
        decisions[decision].rules[index].status = .retired
        decisions[decision].rules[index].overridden.append(record(rule.id, "retired", entry.reason, entry.place))
    }

    private mutating func add(_ addition: RuleOverlay.NewRule) throws {
        guard let decision = decisions.firstIndex(where: { $0.id == addition.decision }) else {
            throw RuleProblem(addition.place, .unknownDecision(addition.decision, known: decisions.map(\.id)))
        }
        let table = decisions[decision]
        var rule = try reader.rule(addition.node, columns: table.columns)
        var index = table.rules.endIndex
        if let before = addition.before {
            guard let found = table.rules.firstIndex(where: { $0.id == before }) else {
                throw RuleProblem(addition.place, .unknownRule(before, known: table.rules.map(\.id)))
            }
            index = found
        }
        // A rule that is tried before a safety rule and says something else takes that rule's place.
        if table.hitPolicy == .first, let column = table.columns.first?.name {
            let shadowed = table.rules[index...].first { $0.isSafety && $0.outcome(column) != rule.outcome(column) }
            if let shadowed { try refuseUnexplained(shadowed, addition.reason, addition.place) }
        }
        let place = addition.before.map { "added before \($0)" } ?? "added"
        rule.overridden.append(record(rule.id, place, addition.reason ?? rule.rationale, addition.place))
        decisions[decision].rules.insert(rule, at: index)
    }

    private func refuseUnexplained(_ rule: Rule, _ reason: String?, _ place: YAMLPlace) throws(RuleProblem) {
        let isExplained = reason.map { $0.contains { !$0.isWhitespace } } ?? false
        if rule.isSafety && !isExplained { throw RuleProblem(place, .overlayWeakensSafety(rule.id)) }
    }

    // MARK: tables

    private func find(table: String, _ place: YAMLPlace) throws(RuleProblem) -> Int {
        guard let index = tables.firstIndex(where: { $0.id == table }) else {
            throw RuleProblem(place, .unknownTable(table, known: tables.map(\.id)))
        }
        return index
    }

    private mutating func change(_ change: RuleOverlay.Cell) throws {
        let index = try find(table: change.table, change.place)
        let table = tables[index]
        guard let column = table.columns.first(where: { $0.name == change.column }) else {
            throw RuleProblem(change.place, .unknownTableColumn(change.column, known: table.columns.map(\.name)))
        }
        guard let row = table.rows.firstIndex(where: { $0.id == change.row }) else {
            throw RuleProblem(change.place, .unknownRow(change.row, table: table.id, known: table.rows.map(\.id)))
        }
        let value = try RuleTable.Row.cell(change.node, column)
        let before = table.rows[row].cells[column.name]?.spelled ?? "nothing"
        let what = "\(column.name) is \(value.spelled) instead of \(before)"
        let words = record(table.rows[row].ruleID, what, change.reason, change.place)
        tables[index].rows[row].cells[column.name] = value
        tables[index].rows[row].overridden.append(words)
        if let date = change.checkedOn { tables[index].rows[row].checkedOn = date }
    }

    private mutating func add(_ addition: RuleOverlay.NewRow) throws {
        let index = try find(table: addition.table, addition.place)
        let table = tables[index]
        var row = try RuleTable.Row.read(addition.node, table: table.id, columns: table.columns, defaults: .none)
        row.overridden.append(record(row.ruleID, "added", addition.reason, addition.place))
        tables[index].rows.append(row)
    }
}
