/// Why a batch cannot go through a model.
package enum TransformerError: Error, Sendable, Hashable {
    case tooManyTokens(Int, limit: Int)
    case unknownToken(Int32, row: Int, vocabulary: Int)
    case positionTooLarge(Int, row: Int, limit: Int)
}
