import JSONText
import Tokenization

/// Rows as TRL 1.16 prepares them where it differs from hone: plain texts and rows of prompt and completion.
extension DatasetEncoder {
    /// Nil for conversations, whose masks both take from the generation parts of the template.
    func encodeAsTRL(_ example: Example, index: Int) throws -> EncodedExample? {
        let prompt: [Int32], whole: [Int32]
        switch example.body {
        case .plainText(let text):
            (prompt, whole) = ([], encoder.tokenizer.encode(ended(text), addSpecialTokens: true))
        case .chat(let messages) where example.isPlainPrompt:
            // One text: tokens may merge across the border.
            let text = messages[0].content + ended(messages[1].content)
            prompt = encoder.tokenizer.encode(messages[0].content, addSpecialTokens: true)
            whole = encoder.tokenizer.encode(text, addSpecialTokens: true)
        case .chat(let messages) where example.shape == .promptCompletionMessages:
            let tools = example.tools.isEmpty ? nil : example.tools
            let start = example.promptMessageCount ?? messages.count
            prompt = try encoder.promptIDs(messages: messages[..<start].map(\.json), tools: tools)
            whole = try encoder.conversationIDs(messages: messages.map(\.json), tools: tools)
        case .chat: return nil
        }
        let shared = zip(prompt, whole).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 }
        return EncodedExample(
            index: index, line: example.line, inputIDs: whole, isTarget: whole.indices.map { $0 >= shared },
            stage: example.answersInForm ? .format : .domain)
    }

    /// The text with the end token in its own spelling behind it, unless it ends so already.
    private func ended(_ text: String) -> String {
        guard let end = encoder.tokenizer.specialTokens.endOfSequence?.text,
            !text.utf8.reversed().starts(with: end.utf8.reversed())
        else { return text }
        return text + end
    }
}

extension Example {
    /// `prompt` and `completion` as texts and nothing else: TRL puts no chat template around them.
    package var isPlainPrompt: Bool {
        shape == .promptCompletion && messages.map(\.role) == [.user, .assistant] && tools.isEmpty
    }

    /// How many messages are the `prompt` of a row that lists prompt and completion apart.
    package var promptMessageCount: Int? {
        shape == .promptCompletionMessages ? messages.firstIndex(where: \.isTrained) ?? messages.count : nil
    }
}
