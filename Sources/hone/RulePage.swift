import RuleEngine
import YAMLText

/// One rule on a terminal, with everything its author wrote and the cases that prove it.
struct RulePage {
    let rule: Rule
    let decision: DecisionTable
    let book: RuleBook
    let page: Page

    var text: String {
        var lines = [rule.title] + page.wrap("\(rule.id), in \(rule.place.file):\(rule.place.line)", indent: 2)
        let outcome = rule.then.map { "\($0.column) \($0.value.spelled)" }.joined(separator: ", ")
        if rule.isSafety {
            lines += page.wrap(
                "protects people or the law: an overlay weakens it only with a written reason", indent: 2)
        }
        if !rule.overridden.isEmpty {
            lines += ["", "Changed by an overlay"] + rule.overridden.flatMap { page.item("△", $0) }
        }
        lines += ["", "Answers"] + page.wrap("\(decision.answers) → \(outcome)", indent: 2)
        lines += ["", "When"] + condition(rule.when, indent: 2)
        if decision.hitPolicy == .first {
            let words =
                rule.whenUnknown == .ask ? "asks when an answer is missing" : "goes on when an answer is missing"
            lines += page.wrap("(\(words))", indent: 2)
        }
        lines += ["", "Because"] + page.wrap(rule.rationale, indent: 2)
        lines += ["", "Who says so"]
        lines += rule.sources.flatMap { page.cited($0, book.sources) }
        if rule.basis == .judgement { lines += page.item("·", "a judgement of \(rule.owner ?? "nobody")") }
        if !rule.dissent.isEmpty { lines += ["", "Who says otherwise"] }
        lines += rule.dissent.flatMap { page.item("≠", book.sources.spelled($0.citation) + ": " + $0.says) }
        lines += ["", "Wrong when"] + page.wrap(rule.failsWhen, indent: 2)
        let fires = book.cases.filter { $0.fires.contains(rule.id) }
        let silent = book.cases.filter { $0.silent.contains(rule.id) }
        lines += ["", "Cases"]
        lines += fires.flatMap { page.item("✓", $0.name) } + silent.flatMap { page.item("✗", $0.name) }
        for boundary in book.cases.flatMap(\.boundaries) where boundary.rule == rule.id {
            lines.append("  | \(boundary.fact): true at \(boundary.fires.spelled), not at \(boundary.silent.spelled)")
        }
        return lines.joined(separator: "\n")
    }

    private func condition(_ condition: Condition, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        switch condition {
        case .always: return [space + "always"]
        case .all(let parts): return [space + "all of"] + parts.flatMap { self.condition($0, indent: indent + 2) }
        case .any(let parts): return [space + "any of"] + parts.flatMap { self.condition($0, indent: indent + 2) }
        case .none(let parts): return [space + "none of"] + parts.flatMap { self.condition($0, indent: indent + 2) }
        case .test(let test):
            let unit = book.vocabulary[test.id]?.unit ?? ""
            let isNumber = test.comparison.comparesNumbers && test.factIDs.count == 1
            return [space + test.spelled + (isNumber && !unit.isEmpty ? " \(unit)" : "")]
        }
    }
}

/// One row of a table on a terminal: its cells with their units, and who stands for it.
struct RowPage {
    let row: RuleTable.Row
    let table: RuleTable
    let book: RuleBook
    let page: Page

    var text: String {
        var lines = ["\(table.title): \(row.id)"]
        lines += page.wrap("\(row.ruleID), in \(row.place.file):\(row.place.line)", indent: 2)
        if !row.overridden.isEmpty {
            lines += ["", "Changed by an overlay"] + row.overridden.flatMap { page.item("△", $0) }
        }
        lines += ["", "Says"]
        for column in table.columns {
            guard let value = row.value(column.name) else { continue }
            let unit = column.kind == .number ? "; unit: \(column.unit)" : ""
            lines += page.pair(column.name, "\(value.spelled) (\(column.what)\(unit))", indent: 2)
        }
        if let note = row.note { lines += page.wrap(note, indent: 2) }
        lines += ["", "Who says so"]
        lines += row.sources.flatMap { page.cited($0, book.sources) }
        if row.basis != .published { lines += page.item("·", "\(row.basis.words) \(row.owner ?? "nobody")") }
        if let day = row.checkedOn { lines += page.wrap("checked on \(day)", indent: 2) }
        if let proof = table.provenBy { lines += ["", "Proven by"] + page.wrap(proof, indent: 2) }
        return lines.joined(separator: "\n")
    }
}

extension Rule.Basis {
    fileprivate var words: String {
        switch self {
        case .published: "published by"
        case .measured: "measured by"
        case .judgement: "a judgement of"
        }
    }
}

extension Page {
    /// The source, and below it what each of its items says in our words.
    fileprivate func cited(_ citation: Citation, _ sources: SourceBook) -> [String] {
        let items = sources.items.filter { citation.items.contains($0.id) }
        return item("·", sources.spelled(citation))
            + items.flatMap { wrap("\($0.id): \($0.says)", indent: 4, hanging: 8) }
    }
}
