import Foundation
import JSONText
import Testing

@Suite("The task API example")
struct TaskAPIExampleTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../examples/task-api/data.jsonl").standardizedFileURL.path

    private func rows() throws -> [(request: String, call: JSONObject)] {
        try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n").map { line in
            let row = try JSONValue.parse(String(line))
            let messages = try #require(row["messages"]?.arrayValue)
            let request = try #require(messages.dropLast().last?["content"]?.stringValue)
            let answer = try #require(messages.last?["content"]?.stringValue)
            return (request, try #require(try JSONValue.parse(answer).objectValue))
        }
    }

    @Test("plain requests are answered by strict JSON calls")
    func form() throws {
        let rows = try rows()
        #expect(rows.count >= 500)
        for row in rows {
            #expect(!row.request.contains("{") && row.request.contains(" "), "\(row.request)")
            #expect(row.call["action"]?.stringValue != nil)
        }
    }

    @Test("every kind of call is shown: create, read, update, delete, complete, list")
    func actions() throws {
        let actions = Set(try rows().compactMap { $0.call["action"]?.stringValue })
        #expect(actions == ["create", "read", "update", "delete", "complete", "list"])
    }

    @Test("what a request leaves out is filled with a default")
    func defaults() throws {
        let created = try rows().filter { $0.call["action"]?.stringValue == "create" }
        #expect(created.allSatisfy { $0.call["due"] != nil && $0.call["priority"] != nil })
        let silent = created.filter { !$0.request.lowercased().contains("priority") }
        #expect(silent.contains { $0.call["priority"]?.stringValue == "medium" })
        #expect(created.contains { $0.call["due"] == .null || $0.call["due"]?.stringValue == "none" })
    }
}
