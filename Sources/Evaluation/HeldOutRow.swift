package import Datasets
import JSONText
package import Tokenization

/// A row no model was trained on, ready to be asked: the question as tokens, the expected answer as text and as tokens.
package struct HeldOutRow: Sendable {
    package let example: Example
    /// The whole conversation with its loss mask.
    package let encoded: EncodedExample
    /// The conversation up to where the assistant is to speak; nil for text without roles, which asks nothing.
    package let prompt: [Int32]?

    init(_ example: Example, encoded: EncodedExample, prompt: [Int32]?) {
        self.example = example
        self.encoded = encoded
        self.prompt = prompt
    }

    package init(_ example: Example, encoded: EncodedExample, _ encoder: ChatEncoder) throws {
        if case .plainText = example.body {
            self.init(example, encoded: encoded, prompt: nil)
        } else {
            let tools = example.tools.isEmpty ? nil : example.tools
            let prompt = try encoder.promptIDs(messages: example.prompt.map(\.json), tools: tools)
            self.init(example, encoded: encoded, prompt: prompt)
        }
    }

    package var expected: String { example.completion }

    /// The same row asked in another way; what is expected stays. Losses are those of the row as it stands in the data.
    package func asked(with prompt: [ChatMessage], _ encoder: ChatEncoder) throws(ChatEncodingError) -> HeldOutRow {
        let tools = example.tools.isEmpty ? nil : example.tools
        let ids = try encoder.promptIDs(messages: prompt.map(\.json), tools: tools)
        return HeldOutRow(example, encoded: encoded, prompt: ids)
    }

    /// UTF-8 bytes of everything that is a target.
    var targetBytes: Int {
        guard case .chat(let messages) = example.body else { return example.completion.utf8.count }
        let trained = messages.filter(\.isTrained)
        return trained.reduce(0) { sum, message in
            let calls = message.content.isEmpty && !message.toolCalls.isEmpty
            return sum + (calls ? example.completion.utf8.count : message.content.utf8.count)
        }
    }
}

extension ItemResult {
    /// The row before it was asked.
    package init(_ row: HeldOutRow) {
        self.init(row.example, output: "")
        promptTokens = row.prompt?.count
    }
}

extension [HeldOutRow] {
    /// The rows of one part of a split, in its order.
    package init(_ rows: [EncodedExample], of dataset: Dataset, _ encoder: ChatEncoder) throws {
        self = try rows.map { try HeldOutRow(dataset.examples[$0.index], encoded: $0, encoder) }
    }

    /// At most `limit` rows, evenly spread, so that a sorted file does not lose its end.
    package func sampled(limit: Int?) -> [HeldOutRow] {
        guard let limit, limit < count, limit > 0 else { return self }
        return (0..<limit).map { self[$0 * count / limit] }
    }
}
