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
}
