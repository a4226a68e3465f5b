package import Advisor
package import RuleEngine

/// The decision on one page for somebody who has to sign it, with its cost chart beside it.
package struct DecisionPaper: Sendable {
    /// The page first, then pictures.
    package let files: [Report.File]

    /// - Parameter name: File name of the page; pictures are named after it.
    package init(
        _ decision: Decision, _ sources: SourceBook, next: String, name: String, _ templates: ReportTemplates
    ) throws(ReportError) {
        let stem = name.hasSuffix(".md") ? String(name.dropLast(3)) : name
        let page = Page(decision, sources, next: next, pictures: stem, templates.words)
        var files = [Report.File(name: name, text: try templates.render(page, with: "paper.md"))]
        if let costs = decision.costs {
            let canvas = CostChart(costs).canvas()
            for theme in Theme.allCases {
                files.append(Report.File(name: "\(stem)-cost-\(theme.rawValue).svg", text: canvas.document(theme)))
            }
        }
        self.files = files
    }

    struct Page {
        let title: String
        let verdict: String
        let means: String?
        let how: String?
        let confidence: String
        let reasons: [Reason]
        let contradictions: [String]
        let disagreements: [String]
        let overrides: [String]
        let questions: [Question]
        let options: [Option]
        /// What the deciding rules looked at, what was measured, and what was assumed.
        let facts: [Fact]
        /// Everything else that was answered, in one line.
        let alsoAnswered: String?
        let cost: Cost?
        let flips: [Flip]
        let unknown: [String]
        let followUps: [String]
        let dissent: [String]
        let experiment: String?
        let next: String
        let ruleBook: String

        struct Reason {
            let title: String
            let rationale: String
            let failsWhen: String
            let origin: String
            let sources: String
            let rule: String
        }

        struct Question {
            let ask: String
            let fact: String
            let answers: String
        }

        struct Option {
            let rank: String
            let title: String
            let speaksFor: String
            let speaksAgainst: String
        }

        struct Fact {
            let what: String
            let name: String
            let value: String
            let origin: String
        }

        struct Cost {
            let light: String
            let dark: String
            let width: String
            let alt: String
            let lines: [Line]
            let oneOff: String
            let breakEven: String
            let assumed: String?
            let listed: String?
            let parts: String

            struct Line {
                let name: String
                let price: String
            }
        }

        struct Flip {
            let changes: String
            let verdict: String
        }
    }
}

extension DecisionPaper.Page {
    init(_ decision: Decision, _ sources: SourceBook, next: String, pictures: String, _ words: Words) {
        let facts = decision.situation.facts
        title = facts["task.summary"]?.text ?? "Should this model be fine-tuned?"
        verdict = words.title(.verdicts, decision.verdict.rawValue) + "."
        means = decision.with.isEmpty ? nil : decision.with.map { words.name(.means, $0) }.joined(separator: " and ")
        let terms = [decision.method, decision.venue].compactMap { $0 }.map { words.name(.means, $0) }
        how = terms.isEmpty ? nil : terms.joined(separator: ", on ")
        confidence = words.name(.confidence, decision.confidence.rawValue)
        reasons = decision.reasons.map { reason in
            let origin = words.name(.origins, reason.origin)
            var cited = reason.rule.sources.map(sources.spelled)
            if let owner = reason.rule.owner { cited.append("a judgement of \(owner)") }
            return Reason(
                title: reason.rule.title, rationale: reason.rule.rationale, failsWhen: reason.rule.failsWhen,
                origin: reason.model.map { "\(origin), tried on \($0)" } ?? origin,
                sources: cited.joined(separator: "; "),
                rule: reason.rule.id)
        }
        contradictions = decision.contradictions.map { "\($0.title). \($0.rationale)" }
        disagreements = decision.situation.disagreements.map { disagreement in
            let counts = disagreement.dataCounts ? "the data counts" : "the answer stands"
            return "\(disagreement.fact): answered \(disagreement.answered.spelled), the data says "
                + "\(disagreement.measured.spelled); \(counts)"
        }
        overrides = decision.overrides.map(\.text)
        questions =
            decision.verdict == .undecided
            ? decision.questions.filter(\.couldDecide).prefix(4).map { open in
                let answers = open.answers.map { answer in
                    let leads =
                        answer.verdict == .undecided
                        ? "then more is asked" : words.name(.verdicts, answer.verdict.rawValue)
                    return "\(answer.spelled): \(leads)"
                }
                return Question(
                    ask: open.question.ask, fact: open.question.fact, answers: answers.joined(separator: "; "))
            } : []
        options = decision.options.filter { !$0.speaksFor.isEmpty || !$0.speaksAgainst.isEmpty || $0.rank <= 3 }.map {
            option in
            let waits = option.waitsFor.isEmpty ? [] : ["open: " + option.waitsFor.joined(separator: ", ")]
            return Option(
                rank: String(option.rank), title: words.name(.verdicts, option.verdict.rawValue),
                speaksFor: option.speaksFor.map(\.title).joined(separator: "; "),
                speaksAgainst: (option.speaksAgainst.map(\.title) + waits).joined(separator: "; "))
        }
        let tested = Set(decision.reasons.flatMap(\.rule.when.tests).flatMap(\.factIDs))
        var shown: [Fact] = [], others: [String] = []
        for (id, value) in facts.known {
            guard let definition = facts.vocabulary[id], definition.from != .derived, value != definition.initially,
                id != "task.summary"
            else { continue }
            let origin = decision.situation.origin(of: id)?.name ?? "derived"
            if tested.contains(id) || origin != "answered" {
                shown.append(
                    Fact(what: definition.what, name: id, value: value.spelled, origin: words.name(.origins, origin)))
            } else {
                others.append("\(id) \(value.spelled)")
            }
        }
        self.facts = shown
        alsoAnswered = others.isEmpty ? nil : others.joined(separator: "; ")
        cost = decision.costs.map { DecisionPaper.Page.Cost($0, pictures: pictures) }
        flips = decision.flips.map { flip in
            Flip(
                changes: flip.changes.map { "\($0.fact) = \($0.value.spelled)" }.joined(separator: " and "),
                verdict: words.name(.verdicts, flip.verdict.rawValue))
        }
        unknown = decision.unknown
        followUps = decision.followUps.map { words.name(.followUps, $0.name) }
        dissent = decision.dissent.map { sources.spelled($0.dissent.citation) + ": " + $0.dissent.says }
        experiment = decision.experiment.map { experiment in
            func number(_ value: Double) -> String { Figure.fixed(min(value, 1e15).rounded(), digits: 0) }
            return
                "\(experiment.days) working days: a prompt on \(experiment.cases) cases, two experts who judge apart, "
                + "then \(experiment.labelsPerDay.spelled(digits: 0)) reviewed examples a day. "
                + "\(number(experiment.missing)) more make \(number(experiment.needed)), "
                + "for \(experiment.cost.spelled(digits: 0)) USD."
        }
        self.next = next
        ruleBook = String(decision.ruleBook.prefix(12))
    }
}

extension DecisionPaper.Page.Cost {
    init(_ costs: CostComparison, pictures: String) {
        let canvas = CostChart(costs).canvas()
        light = pictures + "-cost-light.svg"
        dark = pictures + "-cost-dark.svg"
        width = String(Int(canvas.width))
        alt = canvas.summary
        lines = costs.lines.map { Line(name: $0.way.title, price: $0.perRequest.spelled(digits: 5)) }
        oneOff = costs.oneOff.spelled(digits: 0)
        let (low, high) = (costs.breakEven.low, costs.breakEven.high)
        func requests(_ count: Double) -> String { Figure.fixed(min(count, 1e15).rounded(.up), digits: 0) }
        if low.isInfinite {
            breakEven = "Tuning never pays back within \(Int(costs.horizonDays)) days."
        } else {
            breakEven =
                "Tuning pays back within \(Int(costs.horizonDays)) days from \(requests(low)) requests a day at best and "
                + (high.isInfinite ? "never at worst." : "\(requests(high)) at worst.")
        }
        assumed = costs.assumed.isEmpty ? nil : costs.assumed.joined(separator: ", ")
        parts = costs.parts.map { "\($0.kind.rawValue) \($0.usd.spelled(digits: 0))" }.joined(separator: ", ")
        listed = costs.listed.map { listed in
            let age = costs.listedPriceIsOld.map { " It is \($0) days old: look it up again." } ?? ""
            return "Price of \(listed.model) from the price list" + (listed.checkedOn.map { ", read on \($0)." } ?? ".")
                + age
        }
    }
}

extension CostComparison.Span {
    func spelled(digits: Int) -> String {
        let (from, to) = (Figure.fixed(low, digits: digits), Figure.fixed(high, digits: digits))
        return from == to ? from : "\(from) to \(to)"
    }
}

extension CostComparison.Line.Way {
    var title: String {
        switch self {
        case .prompting: "A long prompt"
        case .prompting_cached: "A long prompt, cached"
        case .few_shot: "More examples in the prompt"
        case .rag: "Retrieved passages in the prompt"
        case .tuned_hosted: "A tuned hosted model"
        case .tuned_own: "A tuned model on your own machine"
        }
    }
}
