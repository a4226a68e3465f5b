import JSONText

/// Messages in the spellings of OpenAI, ShareGPT and their relatives.
enum MessageReading {
    static func messages(_ list: [JSONValue]) throws(RowProblem) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        messages.reserveCapacity(list.count)
        for (place, value) in list.enumerated() { messages.append(try message(value, at: place)) }
        return messages
    }

    private static func message(_ value: JSONValue, at place: Int) throws(RowProblem) -> ChatMessage {
        guard case .object(let object) = value else {
            throw .wrongKind(field: "messages[\(place)]", found: value.kind, wanted: "an object with role and content")
        }
        let roleKey = object["role"] != nil ? "role" : "from"
        guard let speaker = object[roleKey] else { throw .missing(field: "messages[\(place)].role") }
        let contentKey = object["content"] == nil && object["value"] != nil ? "value" : "content"
        let role = try role(speaker, message: place)
        let callsTools = object["tool_calls"]?.arrayValue?.isEmpty == false
        guard let content = object[contentKey] ?? (callsTools ? JSONValue.null : Optional<JSONValue>.none) else {
            throw .missing(field: "messages[\(place)].\(contentKey)")
        }
        if content.isNull, !callsTools {
            throw .wrongKind(field: "messages[\(place)].\(contentKey)", found: .null, wanted: "a text")
        }
        var message = ChatMessage(role: role, content: try self.content(content, message: place))
        if object.count > 2 {
            message.isTrained = role == .assistant && object["weight"]?.doubleValue != 0
            let fields = object.members.filter { ![roleKey, contentKey, "weight"].contains($0.key) }
            message.fields = fields.isEmpty ? nil : JSONObject(fields.map { ($0.key, $0.value) })
        }
        return message
    }

    /// The five roles under all the names data sets give them.
    static func role(_ value: JSONValue, message place: Int) throws(RowProblem) -> ChatMessage.Role {
        guard let name = value.stringValue else {
            throw .wrongKind(field: "messages[\(place)].role", found: value.kind, wanted: "a text")
        }
        switch name {
        case "user", "human", "User", "Human", "USER": return .user
        case "assistant", "gpt", "model", "bot", "chatgpt", "bard", "bing", "function_call", "Assistant", "ASSISTANT":
            return .assistant
        case "system", "System", "SYSTEM": return .system
        case "developer": return .developer
        case "tool", "function", "observation", "ipython", "tool_response": return .tool
        default: throw .unknownRole(name, message: place)
        }
    }

    /// A text, a list of text parts, or a structured tool result.
    static func content(_ value: JSONValue, message place: Int) throws(RowProblem) -> String {
        switch value {
        case .string(let text): return text
        case .null: return ""
        case .array(let parts):
            var text = ""
            for part in parts { text += try partText(part, message: place) }
            return text
        case .object: return value.text(.pythonStyle)
        case .number, .bool:
            throw .wrongKind(field: "messages[\(place)].content", found: value.kind, wanted: "a text")
        }
    }

    private static func partText(_ part: JSONValue, message place: Int) throws(RowProblem) -> String {
        if let text = part.stringValue { return text }
        let type = part["type"]?.stringValue ?? "text"
        guard ["text", "input_text", "output_text", "refusal"].contains(type),
            let text = part[type == "refusal" ? "refusal" : "text"]?.stringValue
        else { throw .unsupportedPart(type: part["type"]?.stringValue ?? part.kind.rawValue, message: place) }
        return text
    }
}
