package import JSONText

/// One message of a conversation, in the spelling chat templates expect.
package struct ChatMessage: Sendable, Hashable {
    package var role: Role
    /// False where the owner says so: `weight` 0, or an answer inside a list that is only the prompt.
    package var isTrained: Bool
    /// The text; empty where an assistant only calls tools.
    package var content: String
    // Few messages carry any: a pointer instead of the object keeps the others small.
    private var otherFields: Shared<JSONObject>?

    /// Without a word from the owner every answer is trained and nothing else is.
    package init(role: Role, content: String, isTrained: Bool? = nil, fields: JSONObject? = nil) {
        self.role = role
        self.content = content
        self.isTrained = role == .assistant && isTrained ?? true
        otherFields = fields.map(Shared.init)
    }

    /// What else the message carries, such as `name`, `tool_calls` or `tool_call_id`.
    package var fields: JSONObject? {
        get { otherFields?.value }
        set { otherFields = newValue.map(Shared.init) }
    }

    /// Who speaks. Templates know these five; anything else is a row nobody can train.
    package enum Role: String, Sendable, Hashable, CaseIterable {
        case system, developer, user, assistant, tool
    }

    package var toolCalls: [JSONValue] { fields?["tool_calls"]?.arrayValue ?? [] }

    /// The message as templates read it.
    package var json: JSONValue {
        var object: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
        for member in fields?.members ?? [] { object[member.key] = member.value }
        return .object(object)
    }
}
