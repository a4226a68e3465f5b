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
        let facts: [Fact]
        let cost: Cost?
        let flips: [Flip]
        let unknown: [String]
        let followUps: [String]
        let dissent: [String]
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

        struct Fact {
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
                origin: reason.model.map { "\(origin), tried on \($0)" } ?? origin, sources: cited.joined(separator: "; "),
                rule: reason.rule.id)
        }
        contradictions = decision.contradictions.map(\.title)
        self.facts = facts.known.compactMap { id, value in
            guard let definition = facts.vocabulary[id], definition.from != .derived, value != definition.initially,
                id != "task.summary"
            else { return nil }
            let origin = decision.situation.origin(of: id)?.name ?? "derived"
            return Fact(name: id, value: value.spelled, origin: words.name(.origins, origin))
        }
        cost = decision.costs.map { DecisionPaper.Page.Cost($0, pictures: pictures) }
        flips = decision.flips.map { flip in
            Flip(
                changes: flip.changes.map { "\($0.fact) = \($0.value.spelled)" }.joined(separator: " and "),
                verdict: words.name(.verdicts, flip.verdict.rawValue))
        }
        unknown = decision.unknown
        followUps = decision.followUps.map { words.name(.followUps, $0.name) }
        dissent = decision.dissent.map { sources.spelled($0.dissent.citation) + ": " + $0.dissent.says }
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
            breakEven = "Tuning pays back within \(Int(costs.horizonDays)) days from \(requests(low)) requests a day at best and "
                + (high.isInfinite ? "never at worst." : "\(requests(high)) at worst.")
        }
        assumed = costs.assumed.isEmpty ? nil : costs.assumed.joined(separator: ", ")
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
        case .tuned_hosted: "A tuned hosted model"
        case .tuned_own: "A tuned model on your own machine"
        }
    }
}
