import FileStore
import JSONText
import Testing

@testable import Tokenization

/// Training templates of every template in Tests/Oracles/chat-templates that marks no answers.
@Suite("A template without marks gets one with them that writes the same")
struct TrainingTemplateTests {
    static let originals = ChatTemplateVectorTests.templates.filter { name in
        (try? template(name)).map { !$0.marksGeneration } ?? false
    }
    /// Conversations in which TRL's twin marks something else: the header of the turn after a last answer, and the
    /// response of a tool.
    private static let otherMarks = ["glm4moe.jinja multi_gen", "diffusion_gemma.jinja toolcall"]
    /// It writes calls of tools in place of the answer, in another way while the conversation goes on.
    private static let notFound = ["lcpp-CohereForAI-c4ai-command-r7b-12-2024-tool_use.jinja toolcall"]

    private static func template(_ name: String) throws -> ChatTemplate {
        try ChatTemplate(source: try FileStore().readText(ChatTemplateVectorTests.folder + "/" + name))
    }

    private struct Conversation {
        let name: String
        let messages: [JSONValue]
        let tools: [JSONValue]?
        let addsPrompt: Bool
        let variables: JSONObject
        let row: JSONValue

        init(_ row: JSONValue) {
            self.row = row
            name = "\(row["template"]?.stringValue ?? "") \(row["case"]?.stringValue ?? "")"
            var variables = row["kwargs"]?.objectValue ?? [:]
            tools = variables["tools"]?.arrayValue
            addsPrompt = variables["add_generation_prompt"]?.boolValue ?? false
            variables["tools"] = nil
            variables["add_generation_prompt"] = nil
            self.variables = variables
            messages = row["messages"]?.arrayValue ?? []
        }

        func render(_ template: ChatTemplate) throws(ChatTemplateError) -> RenderedChat {
            try template.render(messages: messages, tools: tools, addGenerationPrompt: addsPrompt, variables: variables)
        }
    }

    private static func conversations(_ name: String) throws -> [Conversation] {
        try #require(ChatTemplateVectorTests.rows[name]).map(Conversation.init).filter { $0.row["error"] == nil }
    }

    @Test("the text is the same, with a span for every answer", arguments: originals)
    func marks(name: String) throws {
        let training = try #require(TrainingTemplate(for: Self.template(name))).template
        #expect(training.marksGeneration)
        for conversation in try Self.conversations(name) where !Self.notFound.contains(conversation.name) {
            let what = Comment(rawValue: conversation.name)
            do {
                let rendered = try conversation.render(training)
                #expect(rendered.text == conversation.row["text"]?.stringValue, what)
                #expect(
                    rendered.generationSpans.count == conversation.messages.count { $0["role"] == "assistant" }, what)
                #expect(rendered.generationSpans.allSatisfy { !$0.isEmpty }, what)
            } catch {
                Issue.record("\(what): \(error)")
            }
        }
    }

    @Test("spans are those of TRL's training templates, but for what the prompt gives", arguments: originals)
    func twins(name: String) throws {
        let original = try Self.template(name), training = try #require(TrainingTemplate(for: original)).template
        let twin = name.replacing(".jinja", with: "_training.jinja")
        for conversation in try Self.conversations(name) where !Self.otherMarks.contains(conversation.name) {
            guard
                let other = ChatTemplateVectorTests.rows[twin]?.first(where: { $0["case"] == conversation.row["case"] }
                ),
                other["error"] == nil, other["text"] == conversation.row["text"],
                let rendered = try? conversation.render(training)
            else { continue }
            let scalars = Array(rendered.text.unicodeScalars), what = Comment(rawValue: conversation.name)
            // The twin marks content and end of turn apart in some templates.
            var merged: [Range<Int>] = []
            for span in other["spans"]?.arrayValue ?? [] {
                let range = (span[0]?.intValue ?? 0)..<(span[1]?.intValue ?? 0)
                if let last = merged.last, last.upperBound == range.lowerBound {
                    merged[merged.count - 1] = last.lowerBound..<range.upperBound
                } else {
                    merged.append(range)
                }
            }
            #expect(merged.map(\.upperBound) == rendered.spansInCodePoints.map(\.upperBound), what)
            let answers = conversation.messages.indices.filter { conversation.messages[$0]["role"] == "assistant" }
            for (answer, (theirs, ours)) in zip(answers, zip(merged, rendered.spansInCodePoints)) {
                guard theirs.lowerBound != ours.lowerBound else { continue }
                try #require(theirs.lowerBound < ours.lowerBound, what)
                var given = String.UnicodeScalarView()
                given.append(contentsOf: scalars[theirs.lowerBound..<ours.lowerBound])
                let prompt = try original.render(
                    messages: Array(conversation.messages[..<answer]), tools: conversation.tools,
                    addGenerationPrompt: true, variables: conversation.variables)
                // Behind the header the prompt may open a thought that the answer does not have.
                #expect(prompt.text.suffix(given.count + "<think>\n".count).contains(String(given)), what)
            }
        }
    }

    @Test("a template that marks answers itself needs none")
    func marked() throws {
        #expect(TrainingTemplate(for: try ChatTemplate(source: ChatTemplate.chatML)) == nil)
    }

    @Test("a long conversation is not taken for a template that runs away")
    func longConversation() throws {
        let training = try #require(TrainingTemplate(for: Self.template("qwen3.jinja"))).template
        let words = String(repeating: "word ", count: 100)
        let turns: [JSONValue] = (0..<200).map {
            ["role": $0 % 2 == 0 ? "user" : "assistant", "content": .string(words)]
        }
        #expect(try training.render(messages: turns).generationSpans.count == 100)
    }

    @Test("an answer that cannot be found is refused by its number")
    func refusal() throws {
        // The end of the conversation decides how everything before it is written.
        let source =
            "{% for m in messages %}{{ (messages | length) ~ m.role ~ loop.index ~ '|' }}{% endfor %}"
        let training = try #require(TrainingTemplate(for: ChatTemplate(source: source))).template
        let turns: [JSONValue] = [
            ["role": "user", "content": "a"], ["role": "assistant", "content": "b"], ["role": "user", "content": "c"],
        ]
        #expect {
            try training.render(messages: turns)
        } throws: { error in
            "\((error as? ChatTemplateError)?.reason ?? .tooDeep(limit: 0))".hasSuffix(TrainingTemplate.refusal + "2")
        }
    }
}
