package import JSONText

/// Conversations to input ids and loss masks: one tokenizer and one template, always used together.
package struct ChatEncoder: Sendable {
    package let tokenizer: Tokenizer
    package let template: ChatTemplate

    /// Reads `tokenizer.json`, `tokenizer_config.json` and `chat_template.jinja` of a model folder.
    package init(folder: String) throws {
        tokenizer = try Tokenizer(folder: folder)
        template = try ChatTemplate(source: "")
    }

    package init(tokenizer: Tokenizer, template: ChatTemplate) {
        self.tokenizer = tokenizer
        self.template = template
    }

    /// SHA-256 of tokenizer and template: data encoded by equal fingerprints is interchangeable.
    package var fingerprint: String { "" }

    /// The whole conversation; targets are what an assistant writes in it.
    package func encode(messages: [JSONValue], tools: [JSONValue]? = nil) throws -> EncodedChat {
        EncodedChat(ids: [], isTarget: [], text: "")
    }

    /// The conversation up to the point where the assistant is to speak.
    package func promptIDs(messages: [JSONValue], tools: [JSONValue]? = nil) throws -> [Int32] { [] }

    /// Ids after which a generated answer is complete.
    package var stopIDs: [Int32] { [] }
}

/// Input ids, one flag per id whether it is a target token, and the text they came from.
package struct EncodedChat: Sendable, Hashable {
    package var ids: [Int32]
    package var isTarget: [Bool]
    package var text: String

    package init(ids: [Int32], isTarget: [Bool], text: String) {
        self.ids = ids
        self.isTarget = isTarget
        self.text = text
    }
}
