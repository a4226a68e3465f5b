import Advisor
import FileStore
import Foundation
import RuleEngine
import Testing
import YAMLText

@testable import Publishing

@Suite("Forms to fill in and read back")
struct AnswerFormTests {
    private static let home = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private let book: RuleBook
    private let templates: ReportTemplates

    init() throws {
        book = try RuleBook.load(RuleFolder(path: Self.home + "/rules"))
        templates = try ReportTemplates(folder: Self.home + "/templates/report", FileStore())
    }

    private func example(_ name: String) throws -> Answers {
        let path = Self.home + "/examples/\(name)/answers.yaml"
        return try Answers.read(FileStore().readText(path), file: path, book.vocabulary)
    }

    private func form(_ answers: Answers, _ format: AnswerForm.Format) throws -> String {
        try AnswerForm(answers, book: book, format: format, name: "form." + format.rawValue, templates).text
    }

    @Test(
        "a Markdown form with answers in it reads back as those answers",
        arguments: ["support-json", "medical-triage", "task-api"])
    func roundTrip(name: String) throws {
        let answers = try example(name)
        let read = try Answers.read(form(answers, .markdown), file: "form.md", book.vocabulary)
        for question in book.questions {
            #expect(read.facts[question.fact] == answers.facts[question.fact], "\(question.fact)")
        }
    }

    @Test("an empty form says nothing, and nothing is never no")
    func empty() throws {
        let read = try Answers.read(form(Answers(book.vocabulary), .markdown), file: "form.md", book.vocabulary)
        #expect(read.yaml == "\n")
    }

    @Test("two ticks where one is asked for, and a word that is no answer, are named with their line")
    func mistakes() throws {
        let text = try form(Answers(book.vocabulary), .markdown)
            .replacing("- [ ] private:", with: "- [x] private:").replacing("- [ ] stable:", with: "- [X] stable:")
        let error = try #require(throws: AdvisorError.self) { try Answers.read(text, file: "form.md", book.vocabulary) }
        guard case .fact(.severalValues("knowledge.need", ["stable", "private"]), let place?) = error else {
            Issue.record("\(error)")
            return
        }
        let line = text.split(separator: "\n", omittingEmptySubsequences: false)[place.line - 1]
        #expect(line.hasPrefix("- [x] private"))
        #expect(throws: AdvisorError.noForm("notes.md")) {
            try Answers.read("# Notes", file: "notes.md", book.vocabulary)
        }
    }

    @Test("an HTML form works offline, asks every question, and reads back what its button saved")
    func page() throws {
        let text = try form(example("support-json"), .html)
        for question in book.questions { #expect(text.contains("data-fact=\"\(question.fact)\"")) }
        #expect(!text.contains("http://") && !text.contains("https://"))
        #expect(text.contains("value=\"format\" checked"))
        #expect(throws: AdvisorError.noForm("form.html")) { try Answers.read(text, file: "form.html", book.vocabulary) }
        let saved = text.replacing(
            Answers.formStart + "\n",
            with: Answers.formStart
                + "\ntask.kind: format\ntask.summary: \"a \\u003c/script> b\"\ntask.needs: [format, style]\n")
        let read = try Answers.read(saved, file: "form.html", book.vocabulary)
        #expect(read.facts["task.summary"] == .text("a </script> b"))
        #expect(read.facts["task.needs"] == .set(["format", "style"]))
    }

    @Test("a summary that a person wrote cannot become an element of the page")
    func escaping() throws {
        var answers = Answers(book.vocabulary)
        try answers.set("task.summary=\"><script>alert(1)</script>")
        #expect(try !form(answers, .html).contains("<script>alert"))
    }

    @Test(
        "the experiment leaves a plan, a prompt draft for this kind of task, a sheet of twenty cases and a labelling page"
    )
    func experiment() throws {
        var answers = Answers(book.vocabulary)
        for setting in [
            "task.summary=Answer staff", "task.kind=format", "knowledge.need=private", "data.examples=0",
            "stakes.level=high",
        ] {
            try answers.set(setting)
        }
        let decision = try Advisor(book).decide(Situation(answers))
        let experiment = try #require(decision.experiment)
        let kit = try ExperimentKit(experiment, for: decision, today: Day(number: 20_778), templates)
        #expect(kit.files.map(\.name) == ["experiment.md", "prompt.md", "test-sheet.csv", "label.html"])
        #expect(kit.files[0].text.contains("5000") && kit.files[0].text.contains("2027-"))
        #expect(kit.files[1].text.contains("You answer staff.") && kit.files[1].text.contains("Passages:"))
        #expect(kit.files[1].text.contains("hand over to"))
        let rows = kit.files[2].text.split(separator: "\n")
        #expect(rows.count == 21 && rows.allSatisfy { !$0.contains("\"\"\"") })
        #expect(!kit.files[3].text.contains("http") && kit.files[3].text.contains("label.jsonl"))
    }
}
