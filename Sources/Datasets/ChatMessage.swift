package import JSONText

/// One message of a conversation, in the spelling chat templates expect.
package struct ChatMessage: Sendable, Hashable {
    package var role: Role
    /// The text; empty where an assistant only calls tools.
    package var content: String
    /// What else the message carries, such as `name`, `weight`, `tool_calls` or `tool_call_id`.
    package var fields: JSONObject?

    package init(role: Role, content: String, fields: JSONObject? = nil) {
        self.role = role
        self.content = content
        self.fields = fields
    }

    /// Who speaks. Templates know these five; anything else is a row nobody can train.
    package enum Role: String, Sendable, Hashable, CaseIterable {
        case system, developer, user, assistant, tool
    }

    package var toolCalls: [JSONValue] { fields?["tool_calls"]?.arrayValue ?? [] }

    /// False for an assistant message whose author gave it `weight` 0: context, never a target.
    package var isTrained: Bool { role == .assistant && fields?["weight"]?.doubleValue != 0 }

    /// The message as templates read it.
    package var json: JSONValue {
        var object: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
        for member in fields?.members ?? [] { object[member.key] = member.value }
        return .object(object)
    }
}
