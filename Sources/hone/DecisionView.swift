import Advisor
import RuleEngine

/// A decision on a terminal: the verdict first, then why, then what would change it, and the next command last.
///
/// Every mark has a word or a sign beside it, so nothing is lost without colour or to a screen reader.
struct DecisionView {
    let decision: Decision
    let sources: SourceBook
    let next: String
    /// Every rule that was tried, not only those that spoke.
    let showsTrace: Bool
    let today: Day
    let page: Page

    var text: String {
        var lines = head
        lines += section("Why", why)
        lines += section(
            "Answers that contradict each other",
            decision.contradictions.flatMap { page.item("!", $0.title, $0.rationale) })
        lines += section("Answer and data disagree", disagreements)
        if showsTrace { lines += section("Every rule that was tried", trace) }
        lines += section("Changed by your organisation's overlay", overrides)
        if decision.verdict == .undecided { lines += section("Questions that would decide it", questions) }
        lines += section("How the options stand", options)
        lines += section("What would change it", flips)
        lines += section("Not answered, and could change it", unknown)
        lines += section("What it costs", costs)
        if let experiment = decision.experiment {
            lines += section(
                "No data yet: one week to find out", ExperimentView(experiment, today: today, page: page).lines)
        }
        lines += section("Base models to compare", models)
        lines += section("What comes along", followUps)
        lines += section("Who says otherwise", dissent)
        lines += ["", page.bold("Next"), "  " + next]
        return lines.joined(separator: "\n")
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", page.bold(title)] + lines
    }

    // MARK: head

    private var head: [String] {
        var lines = [page.bold(decision.verdict.headline)]
        var terms = ["verdict \(decision.verdict.rawValue)"]
        if !decision.with.isEmpty { terms.append("with " + decision.with.joined(separator: ", ")) }
        if let method = decision.method { terms.append("method \(method)") }
        if let venue = decision.venue { terms.append("venue \(venue)") }
        lines.append("  " + terms.joined(separator: " · "))
        if decision.verdict != .undecided { lines.append("  " + decision.confidence.words) }
        if let band = decision.sizeBand { lines += page.wrap(band.title, indent: 2) }
        return lines
    }

    // MARK: why

    private var why: [String] {
        decision.reasons.flatMap { reason -> [String] in
            let facts = decision.situation.facts
            var lines = page.item("✓", reason.rule.title)
            lines += condition(reason.rule.when.trace(facts), depth: 2)
            lines += page.wrap(reason.rule.rationale, indent: 4)
            lines += page.pair("source", citations(reason.rule), indent: 4)
            if let model = reason.model { lines += page.pair("tried on", model, indent: 4) }
            if !reason.rule.overridden.isEmpty {
                lines += page.pair("changed by overlay", reason.rule.overridden.joined(separator: "; "), indent: 4)
            }
            lines += page.pair("wrong when", reason.rule.failsWhen, indent: 4)
            return lines
        }
    }

    private func citations(_ rule: Rule) -> String {
        sources.cited(by: rule).joined(separator: "; ") + "  (\(rule.id))"
    }

    private var trace: [String] {
        decision.trace.rules.flatMap { rule in
            page.item(rule.truth.mark, rule.rule.title + "  (\(rule.rule.id))") + condition(rule.condition, depth: 2)
        }
    }

    /// The condition in the shape of the rule, with what was found at every test.
    private func condition(_ trace: Trace.ConditionTrace, depth: Int) -> [String] {
        let indent = String(repeating: "  ", count: depth)
        switch trace {
        case .always:
            return []
        case .group(let joint, let parts, let truth):
            if depth == 2 && joint == .all { return parts.flatMap { condition($0, depth: depth) } }
            let word =
                switch joint {
                case .all: "all of"
                case .any: "any of"
                case .none: "none of"
                }
            return [indent + truth.mark + " " + word] + parts.flatMap { condition($0, depth: depth + 1) }
        case .test(let test, let found, let reference, let truth):
            var finding = found.map(\.spelled) ?? "not answered"
            if let reference { finding += ", against \(reference.spelled)" }
            if found != nil, let origin = decision.situation.origin(of: test.id) { finding += "  \(origin.words)" }
            return page.columns(indent + truth.mark + " " + test.spelled, finding, at: 50)
        }
    }

    // MARK: the rest

    private var options: [String] {
        decision.options.flatMap { option -> [String] in
            let rank = "\(option.rank)."
            var lines = [
                " " + String(repeating: " ", count: max(0, 2 - rank.count)) + rank + " " + option.verdict.rawValue
            ]
            if option.rank > 5 && option.speaksFor.isEmpty && option.speaksAgainst.isEmpty { return lines }
            lines += option.speaksFor.flatMap { page.item("+", $0.title, indent: 5) }
            lines += option.speaksAgainst.flatMap { page.item("-", $0.title, indent: 5) }
            if option.rank <= 5 && !option.waitsFor.isEmpty && decision.verdict != .undecided {
                lines += page.item("?", "open: " + option.waitsFor.joined(separator: ", "), indent: 5)
            }
            return lines
        }
    }

    private var flips: [String] {
        decision.flips.flatMap { flip in
            let changes = flip.changes.map { "\($0.fact): \($0.value.spelled)" }.joined(separator: " and ")
            return page.columns("  " + changes, "→ " + flip.verdict.rawValue, at: 50)
        }
    }

    /// The questions in words, with where each answer leads; those behind the first few only by name, because an answer
    /// changes which ones are left.
    private var questions: [String] {
        let asked = decision.questions.filter(\.couldDecide).prefix(4)
        return asked.flatMap { open -> [String] in
            var lines = page.item("•", open.question.ask + "  (\(open.question.fact))", indent: 2)
            lines += page.wrap("why I ask: " + open.question.why, indent: 4, hanging: 6)
            lines += open.answers.flatMap { answer -> [String] in
                let words = answer.meaning.isEmpty ? answer.spelled : "\(answer.spelled): \(answer.meaning)"
                let leads = answer.verdict == .undecided ? "then more is asked" : "→ " + answer.verdict.rawValue
                return page.columns("    " + words, leads, at: 54)
            }
            return lines
        }
    }

    private var unknown: [String] {
        let shown =
            decision.verdict == .undecided
            ? Set(decision.questions.filter(\.couldDecide).prefix(4).map(\.question.fact)) : []
        return decision.unknown.filter { !shown.contains($0) }.flatMap { fact -> [String] in
            let definition = decision.situation.facts.vocabulary[fact]
            return page.columns("  " + fact, definition?.what ?? "", at: 32)
        }
    }

    private var disagreements: [String] {
        decision.situation.disagreements.flatMap { page.wrap($0.words, indent: 2, hanging: 4) }
    }

    private var overrides: [String] { decision.overrides.flatMap { page.item("△", $0.text) } }

    private var followUps: [String] {
        decision.followUps.flatMap { followUp in
            page.columns("  " + followUp.name, followUp.rules.first?.title ?? "", at: 23)
        }
    }

    private var costs: [String] {
        guard let costs = decision.costs else { return [] }
        var lines = costs.lines.map { line in
            "  " + line.way.words.padding(to: 44) + line.perRequest.usd(digits: 5) + " USD a request"
        }
        lines.append("  " + "before it saves anything".padding(to: 44) + costs.oneOff.usd(digits: 0) + " USD")
        lines += costs.parts.map { "    " + $0.kind.words.padding(to: 42) + $0.usd.usd(digits: 0) + " USD" }
        let (low, high) = (costs.breakEven.low, costs.breakEven.high)
        let horizon = "within \(Int(costs.horizonDays)) days"
        lines += page.wrap(
            low.isInfinite
                ? "Tuning never pays back \(horizon): the tuned request is not cheaper."
                : "Tuning pays back \(horizon) from \(requests(low)) requests a day"
                    + (high.isInfinite
                        ? " at best, and never at worst, depending on what is assumed."
                        : " at best and \(requests(high)) at worst, depending on what is assumed."),
            indent: 2)
        if let listed = costs.listed {
            let read = listed.checkedOn.map { ", read on \($0)" } ?? ""
            lines += page.wrap(
                "price of \(listed.model) from the price list\(read) (\(listed.row)); give your own with "
                    + "--set cost.input_per_million_usd=… and --set cost.output_per_million_usd=…",
                indent: 2, hanging: 4)
        }
        if let warning = costs.priceWarning { lines += page.item("!", warning) }
        if !costs.assumed.isEmpty {
            lines += page.wrap("assumed: " + costs.assumed.joined(separator: ", "), indent: 2, hanging: 4)
        }
        return lines
    }

    /// Rounded up; beyond 10¹⁵ a day the digits mean nothing.
    private func requests(_ count: Double) -> String { count < 1e15 ? grouped(Int(count.rounded(.up))) : "10¹⁵" }

    private var models: [String] {
        guard let models = decision.models else { return [] }
        var lines = models.candidates.flatMap { candidate -> [String] in
            let row = candidate.row
            var facts = ["\(FactValue.spelled(candidate.billions)) billion parameters"]
            facts.append("context \(FactValue.spelled(row.number("context_tokens") ?? 0))")
            facts.append(
                "\(row.text("licence") ?? "licence unknown"), commercial use: \(row.text("commercial") ?? "unknown")")
            facts.append(row.text("gated") == "no" ? "open download" : "gated: \(row.text("gated") ?? "unknown")")
            if let qlora = candidate.qlora { facts.append("QLoRA \(qlora.gib) GiB") }
            if let lora = candidate.lora { facts.append("LoRA \(lora.gib) GiB") }
            if let printed = candidate.printed?.number("qlora_gib") {
                facts.append("a source prints \(FactValue.spelled(printed)) GiB for QLoRA")
            }
            if let start = row.text("starting_point") { facts.append("a source recommends it for \(start)") }
            return page.item("·", row.text("name") ?? row.id, facts.joined(separator: " · "))
        }
        let left = models.leftOut.map { "\($0.count) \($0.reason)" }.joined(separator: ", ")
        if !left.isEmpty { lines += page.wrap("left out: " + left, indent: 2) }
        if let date = models.candidates.first?.row.checkedOn {
            lines += page.wrap("licences and sizes as read on \(date)", indent: 2)
        }
        return lines
    }

    private var dissent: [String] {
        decision.dissent.flatMap { page.item("≠", sources.spelled($0.dissent.citation) + ": " + $0.dissent.says) }
    }
}

extension Truth {
    fileprivate var mark: String {
        switch self {
        case .holds: "✓"
        case .fails: "✗"
        case .unknown: "?"
        }
    }
}

extension Situation.Disagreement {
    var words: String {
        let counts = dataCounts ? "the data counts" : "your answer stands; look again"
        return "\(fact): you said \(answered.spelled), the data says \(measured.spelled); \(counts)"
    }
}

extension Situation.Origin {
    fileprivate var words: String {
        switch self {
        case .answered: "you answered"
        case .measured(let model): model.map { "measured on \($0)" } ?? "measured"
        case .derived: "by rule"
        case .assumed(let why): "assumed: \(why)"
        }
    }
}
