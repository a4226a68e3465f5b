package import Advisor
import RuleEngine

/// The files of the one-week experiment: the plan, a prompt draft, a test sheet to fill in, and a page to label with.
package struct ExperimentKit: Sendable {
    package let files: [Report.File]

    package init(
        _ experiment: Experiment, for decision: Decision, today: Day, _ templates: ReportTemplates
    ) throws(ReportError) {
        let facts = decision.situation.facts
        let title = facts["task.summary"]?.text ?? "a task without a name"
        let words = templates.words
        let draft = try templates.render(Draft(facts), with: "prompt-draft")
        files = [
            Report.File(
                name: "experiment.md",
                text: try templates.render(
                    Plan(
                        experiment, title: title, verdict: words.name(.verdicts, decision.verdict.rawValue),
                        today: today),
                    with: "experiment.md")),
            Report.File(
                name: "prompt.md",
                text: try templates.render(
                    DraftPage(draft: MarkdownText.fenced(draft), form: Draft(facts)), with: "prompt-draft.md")),
            Report.File(name: "test-sheet.csv", text: Self.sheet(experiment)),
            Report.File(
                name: "label.html",
                text: try templates.render(
                    LabelPage(title: title, needed: Figure.fixed(experiment.needed, digits: 0)), with: "label.html")),
        ]
    }

    /// One line per case, to be filled in with a spreadsheet.
    private static func sheet(_ experiment: Experiment) -> String {
        var lines = [
            "case,kind,where to find it,request,wanted answer (expert 1),wanted answer (expert 2),answer of the prompt,"
                + "good enough (expert 1),good enough (expert 2)"
        ]
        for part in experiment.sheet {
            for _ in 0..<part.count {
                lines.append("\(lines.count),\(part.kind),\"\(part.find.replacing("\"", with: "\"\""))\",,,,,,")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    struct LabelPage {
        let title: String
        let needed: String
    }

    /// Which parts a prompt for this task needs.
    struct Draft {
        let task: String
        let isForm: Bool
        let isStyle: Bool
        let hasFacts: Bool
        let isHighStakes: Bool

        init(_ facts: Facts) {
            let kind = facts["task.kind"]?.text ?? "", needs = Set(facts["task.needs"]?.set ?? [])
            let summary = facts["task.summary"]?.text ?? "[what the model does, in one sentence]"
            // A summary is written as an order ("Answer staff…"); after "You" it starts in lower case.
            task = summary.prefix(1).lowercased() + summary.dropFirst()
            isForm = ["format", "classification", "extraction", "tool_use"].contains(kind) || needs.contains("format")
            isStyle = kind == "style" || needs.contains("style")
            hasFacts = ["private", "changing"].contains(facts["knowledge.need"]?.text) || needs.contains("facts")
            isHighStakes =
                facts["stakes.level"] == .text("high")
                || ["healthcare", "finance", "legal"].contains(facts["stakes.domain"]?.text)
        }
    }

    struct DraftPage {
        let draft: String
        let isForm: Bool
        let hasFacts: Bool

        init(draft: String, form: Draft) {
            self.draft = draft
            isForm = form.isForm
            hasFacts = form.hasFacts
        }
    }

    struct Plan {
        let title: String
        let verdict: String
        let examples: String
        let needed: String
        let missing: String
        let cases: String
        let nearly: String
        let people: String
        let peopleAreAssumed: Bool
        let days: String
        let sheet: [Part]
        let agreement: String
        let perDay: String
        let cost: String
        let costIsAssumed: Bool
        let first: String
        let last: String

        struct Part {
            let kind: String
            let count: String
            let find: String
        }

        init(_ experiment: Experiment, title: String, verdict: String, today: Day) {
            func number(_ value: Double) -> String { Figure.fixed(min(value, 1e15).rounded(), digits: 0) }
            self.title = title
            self.verdict = verdict
            examples = number(experiment.examples)
            needed = number(experiment.needed)
            missing = number(experiment.missing)
            cases = String(experiment.cases)
            nearly = String(Int((Double(experiment.cases) * experiment.agreement).rounded()))
            people = number(experiment.people)
            peopleAreAssumed = experiment.peopleAreAssumed
            days = String(experiment.days)
            sheet = experiment.sheet.map { Part(kind: $0.kind, count: String($0.count), find: $0.find) }
            agreement = number(experiment.agreement * 100)
            perDay = experiment.labelsPerDay.spelled(digits: 0)
            cost = experiment.cost.spelled(digits: 0)
            costIsAssumed = experiment.costIsAssumed
            (first, last) = { ($0.first.spelled, $0.last.spelled) }(experiment.reached(from: today))
        }
    }
}
