import FileStore
import Foundation
import JSONText
import Testing

@testable import Tokenization

/// What transformers' renderer makes of 59 templates (Tests/Oracles/chat-templates).
@Suite("Templates render as in transformers")
struct ChatTemplateVectorTests {
    static let folder = TokenizerVectorTests.oracles + "/../chat-templates"
    static let templates: [String] =
        ((try? FileStore().list(folder)) ?? []).filter { $0.hasSuffix(".jinja") }.sorted()
    static let rows: [String: [JSONValue]] = {
        let lines = (try? FileStore().readText(folder + "/vectors.jsonl").split(separator: "\n")) ?? []
        return Dictionary(grouping: lines.compactMap { try? JSONValue.parse(String($0)) }) { $0["template"]?.stringValue ?? "" }
    }()

    @Test("The vectors are there")
    func vectorsAreRead() {
        #expect(Self.templates.count == 59)
        #expect(Self.rows.values.reduce(0) { $0 + $1.count } == 826)
    }

    @Test("Text, spans and errors", arguments: templates)
    func renders(name: String) throws {
        let source = try FileStore().readText(Self.folder + "/" + name)
        for row in try #require(Self.rows[name]) {
            let what = Comment(rawValue: "\(name) \(row["case"]?.stringValue ?? "")")
            do {
                let rendered = try render(row, source: source)
                #expect(row["error"] == nil, what)
                #expect(rendered.text == row["text"]?.stringValue, what)
                #expect(Array(rendered.text.utf8) == Array((row["text"]?.stringValue ?? "").utf8), what)
                let spans = row["spans"]?.arrayValue?.map { [$0[0]?.intValue ?? -1, $0[1]?.intValue ?? -1] } ?? []
                #expect(rendered.spansInCodePoints.map { [$0.lowerBound, $0.upperBound] } == spans, what)
                #expect(rendered.lostGenerationLine == nil, what)
            } catch let error as ChatTemplateError {
                #expect("\(error.reason)" == row["error"]?.stringValue, what)
            }
        }
    }

    private func render(_ row: JSONValue, source: String) throws -> RenderedChat {
        var variables = row["kwargs"]?.objectValue ?? [:]
        let tools = variables["tools"]?.arrayValue
        let addsPrompt = variables["add_generation_prompt"]?.boolValue ?? false
        variables["tools"] = nil
        variables["add_generation_prompt"] = nil
        return try ChatTemplate(source: source).render(
            messages: row["messages"]?.arrayValue ?? [], tools: tools, addGenerationPrompt: addsPrompt, variables: variables)
    }
}
