package import JSONText

extension Example {
    /// The row as `messages`, with everything else its owner wrote; what `hone audit --convert` and `--fix` write.
    package var row: JSONValue {
        var row = JSONObject()
        switch body {
        case .plainText(let text): row["text"] = .string(text)
        case .chat(let messages):
            row["messages"] = .array(
                messages.map { message in
                    guard message.role == .assistant, !message.isTrained, var object = message.json.objectValue else {
                        return message.json
                    }
                    object["weight"] = 0
                    return .object(object)
                })
        }
        if !tools.isEmpty { row["tools"] = .array(tools) }
        if let group { row["group"] = .string(group) }
        if let source { row["source"] = .string(source) }
        if isReal { row["real"] = true }
        for member in metadata?.members ?? [] { row[member.key] = member.value }
        return .object(row)
    }

    /// One line of a JSONL file, with its line break.
    package var jsonLine: [UInt8] { row.utf8(.pythonStyle) + [0x0A] }

    /// The row in another spelling, with everything else its owner wrote; nil where that spelling cannot hold it.
    package func row(as shape: RowShape) -> JSONValue? {
        guard case .chat(let messages) = body, shape != .messages else { return shape == .messages ? row : nil }
        guard let spelled = spelling(of: messages, as: shape), var object = row.objectValue else { return nil }
        object["messages"] = nil
        return .object(JSONObject(spelled.map { ($0.key, $0.value) } + object.map { ($0.key, $0.value) }))
    }

    private func spelling(of messages: [ChatMessage], as shape: RowShape) -> JSONObject? {
        if shape == .shareGPT {
            let turns = messages.map { message -> JSONValue in
                let from: String =
                    switch message.role {
                    case .user: "human"
                    case .assistant: "gpt"
                    case .system, .developer: "system"
                    case .tool: "tool"
                    }
                return ["from": .string(from), "value": .string(message.content)]
            }
            return hasOnlyText ? ["conversations": .array(turns)] : nil
        }
        // What is left holds questions and answers in turns, perhaps below a system message.
        var turns = messages[...]
        let system = turns.first?.role == .system ? turns.removeFirst().content : nil
        let roles = turns.map(\.role)
        guard hasOnlyText, !turns.isEmpty, roles.count % 2 == 0,
            roles.indices.allSatisfy({ roles[$0] == ($0 % 2 == 0 ? .user : .assistant) })
        else { return nil }
        let texts = turns.map(\.content)
        let last = texts.count - 2
        switch shape {
        case .alpaca:
            var object: JSONObject = [
                "instruction": .string(texts[last]), "input": "", "output": .string(texts[last + 1]),
            ]
            object["system"] = system.map(JSONValue.string)
            if last > 0 {
                object["history"] = .array(
                    stride(from: 0, to: last, by: 2).map { [.string(texts[$0]), .string(texts[$0 + 1])] })
            }
            return object
        case .promptCompletion:
            guard last == 0, system == nil else { return nil }
            return ["prompt": .string(texts[0]), "completion": .string(texts[1])]
        default: return nil
        }
    }

    /// No tools, names or weights, which only messages can carry.
    private var hasOnlyText: Bool {
        tools.isEmpty && messages.allSatisfy { $0.fields == nil && $0.isTrained == ($0.role == .assistant) }
    }
}
