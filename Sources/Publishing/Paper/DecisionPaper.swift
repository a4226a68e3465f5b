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
        let notes = DecisionRecord(json: decision.json(sources, next: next)).map { DecisionNotes($0, templates.words) }
        let stem = name.hasSuffix(".md") ? String(name.dropLast(3)) : name
        let canvas = decision.costs.map { CostChart($0).canvas() }
        let names = (light: "\(stem)-cost-light.svg", dark: "\(stem)-cost-dark.svg")
        let chart = canvas.map { ReportCharts.Picture($0, light: names.light, dark: names.dark) }
        let page = Page(decision, notes, sources, next: next, chart: chart, templates.words)
        var files = [Report.File(name: name, text: try templates.render(page, with: "paper.md"))]
        if let canvas {
            files.append(Report.File(name: names.light, text: canvas.document(.light)))
            files.append(Report.File(name: names.dark, text: canvas.document(.dark)))
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
        let notes: DecisionNotes?
        let options: [Option]
        /// What the deciding rules looked at, what was measured, and what was assumed.
        let facts: [Fact]
        /// Everything else that was answered.
        let otherFacts: [Fact]
        let chart: ReportCharts.Picture?
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
    }
}

extension DecisionPaper.Page {
    init(
        _ decision: Decision, _ notes: DecisionNotes?, _ sources: SourceBook, next: String,
        chart: ReportCharts.Picture?, _ words: Words
    ) {
        let facts = decision.situation.facts
        title = facts["task.summary"]?.text ?? "Should this model be fine-tuned?"
        verdict = words.title(.verdicts, decision.verdict.rawValue) + "."
        means = decision.with.isEmpty ? nil : decision.with.map { words.name(.means, $0) }.joined(separator: " and ")
        let terms = [decision.method, decision.venue].compactMap { $0 }.map { words.name(.means, $0) }
        how = terms.isEmpty ? nil : terms.joined(separator: ", on ")
        confidence = words.name(.confidence, decision.confidence.rawValue)
        reasons = decision.reasons.map { reason in
            let origin = words.name(.origins, reason.origin)
            return Reason(
                title: reason.rule.title, rationale: reason.rule.rationale, failsWhen: reason.rule.failsWhen,
                origin: reason.model.map { "\(origin), tried on \($0)" } ?? origin,
                sources: sources.cited(by: reason.rule).joined(separator: "; "),
                rule: reason.rule.id)
        }
        self.notes = notes
        options = decision.options.filter { !$0.speaksFor.isEmpty || !$0.speaksAgainst.isEmpty || $0.rank <= 3 }.map {
            option in
            let waits = option.waitsFor.isEmpty ? [] : ["open: " + option.waitsFor.joined(separator: ", ")]
            return Option(
                rank: String(option.rank), title: words.name(.verdicts, option.verdict.rawValue),
                speaksFor: option.speaksFor.map(\.title).joined(separator: "; "),
                speaksAgainst: (option.speaksAgainst.map(\.title) + waits).joined(separator: "; "))
        }
        let tested = Set(decision.reasons.flatMap(\.rule.when.tests).flatMap(\.factIDs))
        var shown: [Fact] = [], others: [Fact] = []
        for (id, value) in facts.known {
            guard let definition = facts.vocabulary[id], definition.from != .derived, value != definition.initially,
                id != "task.summary"
            else { continue }
            let origin = decision.situation.origin(of: id)?.name ?? "derived"
            // A price that was assumed matters only where something was calculated with it.
            if origin == "assumed" && decision.costs == nil && !tested.contains(id) { continue }
            let fact = Fact(
                what: definition.what, name: id, value: definition.words(value), origin: words.name(.origins, origin))
            if tested.contains(id) || origin != "answered" { shown.append(fact) } else { others.append(fact) }
        }
        self.facts = shown
        otherFacts = others
        self.chart = chart
        followUps = decision.followUps.map { words.name(.followUps, $0.name) }
        dissent = decision.dissent.map { sources.spelled($0.dissent.citation) + ": " + $0.dissent.says }
        self.next = next
        ruleBook = String(decision.ruleBook.prefix(12))
    }
}
