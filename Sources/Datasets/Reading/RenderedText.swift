import JSONText

/// A conversation that was already written out with a chat template's markers, taken apart again: trained as plain text it
/// would be rendered twice, markers inside markers.
enum RenderedText {
    private static let chatML = (start: "<|im_start|>", roleEnd: "\n", end: "<|im_end|>")
    private static let llama3 = (start: "<|start_header_id|>", roleEnd: "<|end_header_id|>", end: "<|eot_id|>")
    private static let beginnings = ["<s>", "<|begin_of_text|>", "<|startoftext|>"]

    /// Nil for a text that does not begin with the markers of a known template.
    static func shape(of text: String) -> RowShape? {
        let body = withoutBeginning(text)
        if body.utf8.starts(with: chatML.start.utf8) { return .renderedChatML }
        if body.utf8.starts(with: llama3.start.utf8) { return .renderedLlama }
        if body.utf8.starts(with: "[INST]".utf8), body.contains("[/INST]") { return .renderedLlama }
        return nil
    }

    static func messages(in text: String) throws(RowProblem) -> [ChatMessage] {
        let body = withoutBeginning(text)
        if body.utf8.starts(with: "[INST]".utf8) { return instructionMessages(in: body) }
        let isChatML = body.utf8.starts(with: chatML.start.utf8)
        return try markedMessages(in: body, isChatML ? chatML : llama3)
    }

    private static func withoutBeginning(_ text: String) -> Substring {
        var body = text.drop(while: \.isWhitespace)
        for beginning in beginnings where body.hasPrefix(beginning) {
            body = body.dropFirst(beginning.count).drop(while: \.isWhitespace)
        }
        return body
    }

    private static func markedMessages(
        in text: Substring, _ markers: (start: String, roleEnd: String, end: String)
    ) throws(RowProblem) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        var rest = text
        while let start = rest.firstRange(of: markers.start) {
            rest = rest[start.upperBound...]
            guard let roleEnd = rest.firstRange(of: markers.roleEnd) else { break }
            let name = String(rest[..<roleEnd.lowerBound].filter { !$0.isWhitespace })
            rest = rest[roleEnd.upperBound...]
            let end = rest.firstRange(of: markers.end)
            let content = rest[..<(end?.lowerBound ?? rest.endIndex)]
            rest = end.map { rest[$0.upperBound...] } ?? rest[rest.endIndex...]
            // What only invites an answer is no message.
            if end == nil, content.allSatisfy(\.isWhitespace) { break }
            let role = try MessageReading.role(.string(name), message: messages.count)
            messages.append(ChatMessage(role: role, content: trimmed(content)))
        }
        return messages
    }

    /// `[INST] <<SYS>> system <</SYS>> request [/INST] answer </s>`, as Llama 2 and Mistral write it.
    private static func instructionMessages(in text: Substring) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        var rest = text
        while let start = rest.firstRange(of: "[INST]"), let end = rest.firstRange(of: "[/INST]"),
            start.upperBound <= end.lowerBound
        {
            var request = rest[start.upperBound..<end.lowerBound]
            if let open = request.firstRange(of: "<<SYS>>"), let close = request.firstRange(of: "<</SYS>>"),
                open.upperBound <= close.lowerBound
            {
                messages.append(
                    ChatMessage(role: .system, content: trimmed(request[open.upperBound..<close.lowerBound])))
                request = request[close.upperBound...]
            }
            messages.append(ChatMessage(role: .user, content: trimmed(request)))
            rest = rest[end.upperBound...]
            let answerEnd = [rest.firstRange(of: "</s>"), rest.firstRange(of: "[INST]")].compactMap { $0?.lowerBound }
                .min()
            let answer = trimmed(rest[..<(answerEnd ?? rest.endIndex)])
            if !answer.isEmpty { messages.append(ChatMessage(role: .assistant, content: answer)) }
            rest = rest[(answerEnd ?? rest.endIndex)...]
        }
        return messages
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
