package import Transformer

/// Why an evaluation could not be made.
package enum EvaluationError: Error, Sendable, Hashable {
    case unknownMetric(String)
    /// Early stopping goes by a score that is better when it is higher.
    case notForStopping(String, known: [String])
    /// The split holds no row to ask.
    case noRows
    /// A row does not fit through the model.
    case model(arm: String, TransformerError)
}
