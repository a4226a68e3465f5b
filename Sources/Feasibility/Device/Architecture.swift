/// How many numbers a decoder of any family consists of, and how they are grouped.
///
/// `ModelShape` describes what hone trains itself; this describes what other frameworks train, as memory needs it.
package struct Architecture: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case dense
        /// Mixture of experts: which experts are quantised depends on the loader.
        case mixture
        /// Recurrent or linear-attention layers between ordinary ones.
        case hybrid
    }

    /// One linear layer of a block.
    package struct Linear: Sendable, Hashable {
        package enum Role: String, Sendable, Hashable { case query, key, value, output, gate, up, down }
        package let role: Role
        package let inputs: Double
        package let outputs: Double

        package var parameters: Double { inputs * outputs }
    }

    package var name: String
    package var kind: Kind = .dense
    package var layers: Int
    package var hidden: Int
    package var inner: Int
    package var heads: Int
    package var keyValueHeads: Int
    package var headSize: Int
    package var vocabulary: Int
    package var isTied: Bool
    package var isGated = true
    package var hasQueryBias = false
    package var hasCappedLogits = false
    package var normsPerLayer = 2
    package var experts: Int?
    package var expertInner: Int?
    package var expertsPerToken: Int?
    /// The published number of parameters where the formula of a dense decoder does not give it.
    package var publishedParameters: Double?
    /// Where these numbers come from, as a person reads it.
    package var origin: String

    package var queryWidth: Double { Double(heads) * Double(headSize) }
    package var keyValueWidth: Double { Double(keyValueHeads) * Double(headSize) }
    package var width: Double { Double(hidden) }
    package var innerWidth: Double { Double(inner) }

    /// The linear layers of one block.
    package var linears: [Linear] {
        let attention = [
            Linear(role: .query, inputs: width, outputs: queryWidth),
            Linear(role: .key, inputs: width, outputs: keyValueWidth),
            Linear(role: .value, inputs: width, outputs: keyValueWidth),
            Linear(role: .output, inputs: queryWidth, outputs: width),
        ]
        let gate = isGated ? [Linear(role: .gate, inputs: width, outputs: innerWidth)] : []
        return attention + gate + [
            Linear(role: .up, inputs: width, outputs: innerWidth),
            Linear(role: .down, inputs: innerWidth, outputs: width),
        ]
    }

    /// Weights of the linear layers of all blocks: what quantisation shrinks.
    package var blockParameters: Double {
        if kind != .dense, let publishedParameters { return publishedParameters - heads(tied: isTied) - normParameters }
        return Double(layers) * linears.reduce(0) { $0 + $1.parameters }
    }

    package var embeddingParameters: Double { Double(vocabulary) * width }

    package var normParameters: Double {
        let biases = hasQueryBias ? queryWidth + 2 * keyValueWidth : 0
        return Double(layers) * (Double(normsPerLayer) * width + biases) + width
    }

    /// Embedding and output head.
    package func heads(tied: Bool) -> Double { embeddingParameters * (tied ? 1 : 2) }

    package var parameters: Double { blockParameters + heads(tied: isTied) + normParameters }

    /// Parameters a token is multiplied with.
    package var activeParameters: Double {
        guard kind == .mixture, let experts, let expertsPerToken, let expertInner else { return parameters }
        let idle = Double(layers * max(0, experts - expertsPerToken)) * 3 * width * Double(expertInner)
        return max(parameters - idle, parameters / Double(max(1, experts)))
    }

    /// The largest matrix of a block: the scratch of a dequantising product.
    package var largestMatrix: Double { linears.map(\.parameters).max() ?? 0 }
}
