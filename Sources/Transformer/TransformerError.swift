/// Why a batch cannot go through a model.
package enum TransformerError: Error, Sendable, Hashable {
    case tooManyTokens(Int, limit: Int)
    case unknownToken(Int32, row: Int, vocabulary: Int)
    case positionTooLarge(Int, row: Int, limit: Int)
    case noSuchRow(Int, tokens: Int)
    case emptyPrompt(index: Int)
    /// The model was made without an adapter.
    case noAdapter
}
