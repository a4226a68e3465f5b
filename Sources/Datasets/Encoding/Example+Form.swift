import JSONText

extension Example {
    /// The answer is written for a program: a JSON object or array, calls of tools, or a block of code.
    var answersInForm: Bool {
        if let last = messages.last(where: { $0.role == .assistant }), !last.toolCalls.isEmpty { return true }
        let answer = completion.drop { $0.isWhitespace }
        if answer.hasPrefix("```") { return true }
        guard answer.hasPrefix("{") || answer.hasPrefix("[") else { return false }
        return (try? JSONValue.parse(String(answer))) != nil
    }
}
