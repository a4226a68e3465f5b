import Glibc
package import JSONText

/// A chat template: the text a conversation becomes, and which of it the model is to learn.
///
/// The language is the part of Jinja that chat templates use, rendered as transformers does it: blocks trimmed, values
/// printed as Python prints them, nothing escaped. A template that asks for more is refused where it does so.
package struct ChatTemplate: Sendable {
    package let source: String
    /// As templates name them: `bos_token`, `eos_token`, …
    package let specialTokens: [String: String]
    /// Seconds since 1970 for `strftime_now`; a fixed clock makes such a template repeatable.
    package var clock: @Sendable () -> Int = { time(nil) }
    /// How often the template writes the conversation for each message of it; 0 for one that writes it once.
    var passesPerMessage = 0

    private let syntax: TemplateSyntax

    package init(source: String, specialTokens: [String: String] = [:]) throws(ChatTemplateError) {
        self.source = source
        self.specialTokens = specialTokens
        syntax = try TemplateParser.parse(source)
    }

    /// True when the template marks what an assistant writes (`{% generation %}`).
    package var marksGeneration: Bool { syntax.hasGeneration }

    /// Members of messages that are null are left out, and what a model thought is found under every name in use.
    /// `variables` win over special tokens.
    package func render(
        messages: [JSONValue], tools: [JSONValue]? = nil, addGenerationPrompt: Bool = false, variables: JSONObject = [:]
    ) throws(ChatTemplateError) -> RenderedChat {
        var values: [String: TemplateValue] = [:]
        for (name, text) in specialTokens { values[name] = .text(text) }
        values["documents"] = TemplateValue.none
        for member in variables { values[member.key] = TemplateValue(member.value) }
        values["messages"] = .list(messages.map { TemplateValue(Self.prepared($0)) })
        values["tools"] = tools.map { .list($0.map(TemplateValue.init(_:))) } ?? TemplateValue.none
        values["add_generation_prompt"] = .bool(addGenerationPrompt)
        let passes = 1 + passesPerMessage * min(messages.count, 10_000)
        return try TemplateEvaluator(variables: values, limit: TemplateEvaluator.workLimit * passes, clock: clock)
            .render(syntax)
    }

    private static let thoughtNames = ["reasoning_content", "thinking", "reasoning"]

    private static func prepared(_ message: JSONValue) -> JSONValue {
        guard let object = message.objectValue else { return message }
        let members = object.filter { !$0.value.isNull }
        let thought = thoughtNames.lazy.compactMap { object[$0] }.first { !$0.isNull }
        guard let thought else { return .object(JSONObject(members.map { ($0.key, $0.value) })) }
        var prepared: JSONObject = ["thinking": thought]
        for member in members { prepared[member.key] = member.value }
        prepared["reasoning_content"] = thought
        return .object(prepared)
    }
}

/// A conversation as text; `generationSpans` are UTF-8 offsets of what an assistant writes, in order.
package struct RenderedChat: Sendable, Hashable {
    package var text: String
    package var generationSpans: [Range<Int>]
    /// The line of a `{% generation %}` inside a macro, a captured block or a filter: its text goes through a variable, so
    /// its place in `text` is not known and the spans are incomplete.
    package var lostGenerationLine: Int?

    package init(text: String, generationSpans: [Range<Int>], lostGenerationLine: Int? = nil) {
        self.text = text
        self.generationSpans = generationSpans
        self.lostGenerationLine = lostGenerationLine
    }

    /// The spans as Python counts them.
    package var spansInCodePoints: [Range<Int>] {
        let bytes = Array(text.utf8)
        func codePoints(before end: Int) -> Int { bytes[..<end].count { $0 & 0xC0 != 0x80 } }
        return generationSpans.map { codePoints(before: $0.lowerBound)..<codePoints(before: $0.upperBound) }
    }
}
