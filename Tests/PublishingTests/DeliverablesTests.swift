import Datasets
import Foundation
import JSONText
import Testing

@testable import Publishing

@Suite("Deliverables")
struct DeliverablesTests {
    @Test("the chosen examples cover different answers and leave out near copies")
    func choice() {
        let requests = [
            "add milk to my list", "add milk to the list", "add bread to my list", "add milk to my list now",
        ]
        let deletions = ["delete the last task please", "remove task four please"]
        let rows = (requests.map { ($0, #"{"action":"create"}"#) } + deletions.map { ($0, #"{"action":"delete"}"#) })
        let examples = rows.enumerated().map { place, row in Self.example(place + 1, row.0, row.1) }
        let chosen = ExampleChoice(from: examples, count: 2).chosen
        #expect(Set(chosen.map(\.completion)).count == 2)
        #expect(ExampleChoice(from: examples, count: 50).chosen.count == examples.count)
        #expect(ExampleChoice(from: [], count: 3).chosen.isEmpty)
    }

    @Test("few-shot leaves a prompt, retrieval a guide with its questions")
    func files() throws {
        let templates = try ReportFixture.templates()
        let examples = (1...30).map { number in
            Self.example(
                number, "What does item \(number) cost?", "Item \(number) costs \(number) euros.",
                source: "prices-\(number % 3).md")
        }
        let answers = [ReportInput.Answer(fact: "task.summary", value: "Tell what things cost")]
        let decision = try #require(DecisionRecord(json: ["verdict": "rag", "with": ["few_shot"]]))
        let made = try Deliverables(
            for: decision, answers: answers, examples: examples, shown: 3,
            documents: [.init(name: "prices-1.md", byteCount: 2048)], templates)
        #expect(made.files.map(\.file) == Deliverables.fileNames)
        let prompt = try JSONValue.parse(made.files[1].text)
        #expect(prompt["messages"]?.arrayValue?.count == 1 + 2 * 3 + 1)
        #expect(prompt["messages"]?[0]?["content"]?.stringValue == "You are the price desk.")
        #expect(made.files[0].text.contains("`{{request}}`"))
        #expect(made.files[4].text.contains("Tell what things cost"))
        #expect(made.files[5].text.split(separator: "\n").count == 30)
        #expect(!made.files[4].text.contains("{{"))
    }

    @Test("where answers are JSON the request holds their schema, and rows that are not shown test it")
    func request() throws {
        let examples = (1...12).map { Self.example($0, "Add \($0)", "{\"title\": \"Task \($0)\", \"count\": \($0)}") }
        let decision = try #require(DecisionRecord(json: ["verdict": "few_shot"]))
        let made = try Deliverables(
            for: decision, answers: [], examples: examples, shown: 2, documents: [], ReportFixture.templates())
        func text(_ name: String) throws -> String { try #require(made.files.first { $0.file == name }).text }
        let schema = try JSONValue.parse(text("prompt-request.json"))["response_format"]?["json_schema"]
        #expect(schema?["strict"]?.boolValue == true)
        #expect(schema?["schema"]?["properties"]?.objectValue?.keys == ["title", "count"])
        let tests = try text("prompt-tests.jsonl").split(separator: "\n")
        #expect(tests.count == 10)
    }

    private static func example(_ line: Int, _ request: String, _ answer: String, source: String? = nil) -> Example {
        Example(
            place: RowPlace(file: 0, line: line, byteOffset: 0), shape: .messages,
            body: .chat([
                ChatMessage(role: .system, content: "You are the price desk."),
                ChatMessage(role: .user, content: request),
                ChatMessage(role: .assistant, content: answer),
            ]), source: source)
    }
}
