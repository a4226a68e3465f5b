package import JSONText

/// A chat template: the text a conversation becomes, and which of it the model is to learn.
package struct ChatTemplate: Sendable {
    package let source: String

    package init(source: String, specialTokens: [String: String] = [:]) throws(ChatTemplateError) {
        self.source = source
    }

    /// True when the template marks what an assistant writes (`{% generation %}`).
    package var marksGeneration: Bool { false }

    package func render(
        messages: [JSONValue], tools: [JSONValue]? = nil, addGenerationPrompt: Bool = false, variables: JSONObject = [:]
    ) throws(ChatTemplateError) -> RenderedChat {
        throw .notRendered(reason: "not read yet")
    }
}

/// A conversation as text; `generationSpans` are UTF-8 offsets of what an assistant writes, in order.
package struct RenderedChat: Sendable, Hashable {
    package var text: String
    package var generationSpans: [Range<Int>]

    package init(text: String, generationSpans: [Range<Int>]) {
        self.text = text
        self.generationSpans = generationSpans
    }
}
