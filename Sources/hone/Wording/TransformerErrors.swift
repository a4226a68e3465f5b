import Transformer

extension TransformerError: Explained {
    var explanation: Explanation {
        switch self {
        case .tooManyTokens(let count, let limit):
            Explanation("a batch of \(count) tokens, room was made for \(limit)", hint: "lower `training.micro_batch`")
        case .unknownToken(let id, let row, let vocabulary):
            Explanation(
                "token \(id) in row \(row), the model knows ids below \(vocabulary)",
                hint: "the tokenizer does not belong to this model")
        case .positionTooLarge(let position, _, let limit):
            Explanation(
                "a row reaches position \(position), the model sees \(limit)", hint: "lower `training.max_length` to \(limit)")
        case .noSuchRow(let row, let tokens): Explanation("row \(row) of a batch of \(tokens) tokens")
        case .emptyPrompt(let index): Explanation("prompt \(index + 1) is empty", hint: "give every prompt at least one token")
        case .noAdapter: Explanation("the model was loaded without an adapter", hint: "name one with --adapter")
        }
    }
}
