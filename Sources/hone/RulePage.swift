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
        lines += rule.sources.flatMap(cited)
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

    /// The source, and below it what each of its items says in our words.
    private func cited(_ citation: Citation) -> [String] {
        let items = book.sources.items.filter { citation.items.contains($0.id) }
        return page.item("·", book.sources.spelled(citation))
            + items.flatMap { page.wrap("\($0.id): \($0.says)", indent: 4, hanging: 8) }
    }
}
