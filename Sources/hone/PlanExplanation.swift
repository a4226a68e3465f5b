import Advisor
import Plan
import RuleEngine

/// One key of a plan: what it means, what it may hold, who set it and why, and which lints look at it.
struct PlanExplanation {
    let key: PlanKey
    /// Nil where no plan was given.
    let plan: RunPlan?
    let book: RuleBook

    func text(_ page: Page) -> String {
        var lines = [page.bold(key.name)]
        let meaning = book.meaning(ofPlanKey: key.name)
        if let meaning { lines += page.wrap(meaning.what + ".", indent: 2) }
        lines += page.wrap("may be: " + allowed, indent: 2, hanging: 4)
        if let plan { lines += value(in: plan, page) }
        if let meaning { lines += page.wrap("default: \(meaning.why)", indent: 2, hanging: 4) }
        let lints = book.decision("plan_lints")?.rules.filter { $0.outcome("key")?.text == key.name } ?? []
        for rule in lints {
            let cited = rule.sources.map(book.sources.spelled).joined(separator: "; ")
            lines += page.wrap(
                "\(rule.outcome("band")?.text ?? ""): \(rule.title) (\(rule.id)\(cited.isEmpty ? "" : "; " + cited))",
                indent: 2, hanging: 4)
        }
        return lines.joined(separator: "\n")
    }

    private var allowed: String {
        let range = key.range.map { ", \($0.words)" } ?? ""
        return switch key.kind {
        case .text: "text"
        case .whole: "a whole number" + range.replacing("a whole number ", with: "")
        case .number: "a number" + range
        case .flag: "true or false"
        case .list: "a list of words"
        case .choice(let words): words.joined(separator: ", ")
        }
    }

    private func value(in plan: RunPlan, _ page: Page) -> [String] {
        let value = plan.value(of: key.name) ?? .nothing
        guard value != .nothing else { return page.wrap("in this plan: not set", indent: 2) }
        var lines = page.wrap("in this plan: \(value.plainText)", indent: 2)
        switch plan.origins[key.name] {
        case .rule(let id, let why)?:
            lines += page.wrap("set by \(id): \(why)", indent: 2, hanging: 4)
            if let row = book.row(cited: id) {
                let cited = row.sources.map(book.sources.spelled).joined(separator: "; ")
                let basis = row.basis == .judgement ? "judgement of \(row.owner ?? "hone")" : row.basis.rawValue
                lines += page.wrap("\(basis)\(cited.isEmpty ? "" : ": \(cited)")", indent: 4, hanging: 6)
                if let note = row.note { lines += page.wrap(note, indent: 4, hanging: 6) }
            }
        case .you(let was)?:
            lines += page.wrap("set by you" + (was.map { "; before: \($0)" } ?? ""), indent: 2, hanging: 4)
        case nil:
            lines += page.wrap("the default", indent: 2)
        }
        return lines
    }
}
