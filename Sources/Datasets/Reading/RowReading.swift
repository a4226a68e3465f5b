import JSONText

/// One row while it is being read: remembers which members have been understood.
struct RowReading {
    static let conversationKeys = ["conversations", "conversation", "dialogue", "dialog"]
    static let promptKeys = ["prompt", "question", "query", "input", "instruction"]
    static let answerKeys = ["completion", "response", "answer", "output", "target"]
    static let textKeys = ["text", "sentence", "utterance"]
    static let labelKeys = ["label", "intent", "category", "class", "label_text"]

    private let object: JSONObject
    let shape: RowShape
    private var understood: [String] = []

    init(object: JSONObject, shape: RowShape) {
        self.object = object
        self.shape = shape
    }

    /// The member, marked as understood.
    mutating func take(_ key: String) -> JSONValue? {
        guard let value = object[key] else { return nil }
        understood.append(key)
        return value
    }

    func peek(firstOf keys: [String]) -> JSONValue? { keys.lazy.compactMap { object[$0] }.first }

    mutating func take(firstOf keys: [String]) -> JSONValue? {
        for key in keys { if let value = take(key) { return value } }
        return nil
    }

    /// The template a row's text was rendered with; nil where it is just text, or where the owner says that it is text.
    static func renderedShape(of object: JSONObject, _ shape: RowShape, _ format: RowShape?) -> RowShape? {
        guard shape == .text, format == nil else { return nil }
        return textKeys.lazy.compactMap { object[$0]?.stringValue }.first.flatMap(RenderedText.shape)
    }

    var hasOtherMembers: Bool { object.count > understood.count }

    /// What nobody took, in the file's order; nil when nothing is left.
    var otherMembers: JSONObject? {
        let rest = object.members.filter { !understood.contains($0.key) }
        return rest.isEmpty ? nil : JSONObject(rest.map { ($0.key, $0.value) })
    }

    mutating func tools() throws(RowProblem) -> [JSONValue] {
        if let value = take("tools"), !value.isNull, value.stringValue?.isEmpty != true {
            guard let list = value.arrayValue ?? value.nestedJSON?.arrayValue else {
                throw .wrongKind(field: "tools", found: value.kind, wanted: "a list")
            }
            return list
        }
        if let list = take("functions")?.arrayValue {
            return list.map { ["type": "function", "function": $0] }
        }
        return []
    }

    mutating func body() throws(RowProblem) -> Example.Body {
        switch shape {
        case .messages: return .chat(try systemMessage() + messages(under: ["messages"]))
        case .shareGPT, .hybrid: return .chat(try systemMessage() + messages(under: Self.conversationKeys))
        case .alpaca: return .chat(try alpacaMessages())
        case .promptCompletion:
            let (promptKey, prompt) = try member(of: Self.promptKeys)
            let (answerKey, answer) = try member(of: Self.answerKeys)
            return .chat(
                try systemMessage() + [
                    ChatMessage(role: .user, content: try text(prompt, promptKey)),
                    ChatMessage(role: .assistant, content: try text(answer, answerKey)),
                ])
        case .promptCompletionMessages: return .chat(try listedMessages())
        case .textLabel:
            let (textKey, body) = try member(of: Self.textKeys)
            let (labelKey, label) = try member(of: Self.labelKeys)
            return .chat(
                try systemMessage() + [
                    ChatMessage(role: .user, content: try text(body, textKey)),
                    ChatMessage(role: .assistant, content: try text(label, labelKey)),
                ])
        case .text:
            let (key, body) = try member(of: Self.textKeys)
            return .plainText(try text(body, key))
        case .renderedChatML, .renderedLlama:
            let (key, body) = try member(of: Self.textKeys)
            return .chat(try RenderedText.messages(in: try text(body, key)))
        case .gemini: return .chat(try geminiMessages())
        }
    }
}

// MARK: - The shapes

extension RowReading {
    private mutating func member(of keys: [String]) throws(RowProblem) -> (key: String, value: JSONValue) {
        for key in keys { if let value = take(key) { return (key, value) } }
        throw .missing(field: keys[0])
    }

    /// Texts, and numbers and truth values as labels are sometimes written.
    private func text(_ value: JSONValue, _ field: String) throws(RowProblem) -> String {
        switch value {
        case .string(let text): return text
        case .number(let number): return number.text
        case .bool(let value): return value ? "true" : "false"
        case .null: return ""
        // Structured answers are trained as the JSON text they stand for.
        case .object, .array: return value.text(.pythonStyle)
        }
    }

    /// A `system` member beside the conversation.
    private mutating func systemMessage() throws(RowProblem) -> [ChatMessage] {
        guard let value = take("system"), !value.isNull else { return [] }
        let content = try MessageReading.content(value, message: 0)
        return content.isEmpty ? [] : [ChatMessage(role: .system, content: content)]
    }

    private mutating func messages(under keys: [String]) throws(RowProblem) -> [ChatMessage] {
        let (key, value) = try member(of: keys)
        guard let list = value.arrayValue ?? value.nestedJSON?.arrayValue else {
            throw .wrongKind(field: key, found: value.kind, wanted: "a list of messages")
        }
        return try MessageReading.messages(list)
    }

    /// Only the completion is trained: answers inside the prompt are context.
    private mutating func listedMessages() throws(RowProblem) -> [ChatMessage] {
        let system = try systemMessage()
        var prompt = try messages(under: Self.promptKeys)
        for place in prompt.indices { prompt[place].isTrained = false }
        let (key, answer) = try member(of: Self.answerKeys)
        if let list = answer.arrayValue ?? answer.nestedJSON?.arrayValue {
            return try system + prompt + MessageReading.messages(list)
        }
        return system + prompt + [ChatMessage(role: .assistant, content: try text(answer, key))]
    }

    private mutating func alpacaMessages() throws(RowProblem) -> [ChatMessage] {
        var messages = try systemMessage()
        if let history = take("history")?.arrayValue {
            for (place, turn) in history.enumerated() {
                guard let question = turn[0]?.stringValue, let answer = turn[1]?.stringValue else {
                    throw .wrongKind(field: "history[\(place)]", found: turn.kind, wanted: "a question and its answer")
                }
                messages.append(ChatMessage(role: .user, content: question))
                messages.append(ChatMessage(role: .assistant, content: answer))
            }
        }
        let (instructionKey, instruction) = try member(of: ["instruction"])
        var request = try text(instruction, instructionKey)
        if let input = take("input") {
            let input = try text(input, "input")
            if !input.isEmpty { request += (request.isEmpty ? "" : "\n") + input }
        }
        let (answerKey, answer) = try member(of: ["output"] + Self.answerKeys)
        messages.append(ChatMessage(role: .user, content: request))
        messages.append(ChatMessage(role: .assistant, content: try text(answer, answerKey)))
        return messages
    }

    private mutating func geminiMessages() throws(RowProblem) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        if let system = take("systemInstruction") ?? take("system_instruction") {
            messages.append(
                ChatMessage(role: .system, content: try MessageReading.content(system["parts"] ?? system, message: 0)))
        }
        let (key, value) = try member(of: ["contents"])
        guard let contents = value.arrayValue else {
            throw .wrongKind(field: key, found: value.kind, wanted: "a list of contents")
        }
        for (place, entry) in contents.enumerated() {
            let role = try MessageReading.role(entry["role"] ?? "user", message: place)
            messages.append(
                ChatMessage(role: role, content: try MessageReading.content(entry["parts"] ?? .null, message: place)))
        }
        return messages
    }
}
