import Advisor
import FileStore
import Foundation
import RuleEngine
import Testing

@testable import Publishing

@Suite("What stands beside the verdict")
struct DecisionNotesTests {
    private static let home = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The report of a run that decided this, and the decision's page to sign.
    private func pages(_ settings: [String], overlay: String? = nil, today: Day? = nil) throws -> [String] {
        let above = overlay.map { RuleFolder(path: "acme", files: [("overlay.yaml", $0)]) }
        let book = try RuleBook.load(RuleFolder(path: Self.home + "/rules"), overlay: above)
        var answers = Answers(book.vocabulary)
        for setting in settings { try answers.set(setting) }
        var situation = Situation(answers)
        situation.measure("data.examples", .number(700))
        let decision = try Advisor(book, today: today).decide(situation)
        let templates = try ReportTemplates(folder: Self.home + "/templates/report", FileStore())
        var input = try ReportFixture.decided()
        input.decision = DecisionRecord(json: decision.json(book.sources, next: "hone run case"))
        let paper = try DecisionPaper(decision, book.sources, next: "hone run case", name: "paper.md", templates)
        return [try Report(input, templates).files, paper.files].map { $0.first?.text ?? "" }
    }

    @Test("contradictions, an answer the data contradicts and what an organisation changed are named")
    func doubts() throws {
        let change = "{rule: enough.narrow-task, fact: derived.enough_examples, to: 650, reason: our texts vary}"
        let pages = try pages(
            ["task.kind=format", "prompting.result=works", "base.capable=no", "data.examples=90000"],
            overlay: "overlay: ACME\nchanges: [\(change)]\n")
        for page in pages {
            #expect(page.contains("**Answers that contradict each other:** Something already works"))
            #expect(page.contains("**Answer and data disagree:** data.examples: answered 90000, the data says 700"))
            #expect(page.contains("**Changed by the organisation:** enough.narrow-task"))
        }
    }

    @Test("an undecided case shows its questions and where their answers lead")
    func questions() throws {
        for page in try pages(["task.kind=tool_use"]) {
            #expect(page.contains("What would decide it"))
            #expect(page.contains("| Which facts does a good answer depend on? (`knowledge.need`) |"))
            #expect(page.contains("private: Retrieval"))
        }
    }

    @Test("costs come with their chart, their break-even and the age of a listed price")
    func costs() throws {
        let settings = [
            "task.kind=summarization", "knowledge.need=none", "prompting.model=gpt-4.1-mini", "prompt.tokens=900",
            "request.input_tokens=20", "request.output_tokens=30", "deployment.target=api",
        ]
        for page in try pages(settings, today: Day(number: 30_000)) {
            #expect(page.contains("What it costs") && page.contains("| A long prompt |"))
            #expect(page.contains("pays back within") && page.contains("days old: look it up again"))
            #expect(page.contains("cost.svg") || page.contains("cost-light.svg"))
        }
    }

    @Test("the base models to compare come with licence, access and memory; the week without data with its price")
    func modelsAndWeek() throws {
        let trained = try pages([
            "task.kind=generation", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
            "few_shot.result=falls_short",
        ])
        for page in trained {
            #expect(page.contains("Base models to compare") && page.contains("keep the licence text"))
        }
        let book = try RuleBook.load(RuleFolder(path: Self.home + "/rules"))
        var answers = Answers(book.vocabulary)
        for setting in ["task.kind=style", "knowledge.need=none", "data.examples=12", "task.well_defined=yes"] {
            try answers.set(setting)
        }
        let decision = try Advisor(book).decide(Situation(answers))
        let record = try #require(DecisionRecord(json: decision.json(book.sources, next: "")))
        let week = try #require(record.experiment?.sentence)
        #expect(week.contains("20 cases") && week.contains("488 more make 500"))
    }
}
