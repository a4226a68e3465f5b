import Advisor
import FileStore
import Foundation
import Publishing
import RuleEngine
import Testing

@Suite("The decision paper")
struct DecisionPaperTests {
    private static let home = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func paper(_ settings: [String]) throws -> DecisionPaper {
        let advisor = try Advisor(RuleBook.load(RuleFolder(path: Self.home + "/rules")))
        var answers = Answers(advisor.book.vocabulary)
        for setting in settings { try answers.set(setting) }
        let templates = try ReportTemplates(folder: Self.home + "/templates/report", FileStore())
        return try DecisionPaper(
            advisor.decide(Situation(answers)), advisor.book.sources, next: "hone run case", name: "decision.md",
            templates)
    }

    @Test("says the verdict, its rule and source, what it rests on and what would change it")
    func page() throws {
        let files = try paper(["task.kind=qa", "knowledge.need=private", "task.summary=A bot over our handbook"]).files
        #expect(files.map(\.name) == ["decision.md"])
        let text = try #require(files.first?.text)
        #expect(text.hasPrefix("# A bot over our handbook\n"))
        for part in [
            "Do not fine-tune: retrieve the facts", "approach.rag-when-facts-change-or-are-private",
            "SFT Fundamentals, A11",
            "(`knowledge.need`) | private | you answered |", "## What would change it", "## Who says otherwise",
            "`hone run case`",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test("has a cost chart for light and dark pages when prices are known")
    func chart() throws {
        let files = try paper([
            "task.kind=summarization", "prompt.tokens=900", "request.input_tokens=20", "request.output_tokens=30",
            "cost.input_per_million_usd=0.4", "cost.output_per_million_usd=1.6", "deployment.target=api",
        ]).files
        #expect(files.map(\.name) == ["decision.md", "decision-cost-light.svg", "decision-cost-dark.svg"])
        #expect(files[0].text.contains("decision-cost-light.svg"))
        #expect(files[1].text.hasPrefix("<svg"))
    }

    @Test("text of the person cannot forge a heading or a table")
    func harmless() throws {
        let text = try #require(
            try paper(["task.summary=a\n# b | c <script>", "prompting.result=works"]).files.first?.text)
        #expect(!text.contains("\n# b"))
        #expect(!text.contains("<script>"))
    }
}
