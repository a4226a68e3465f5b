import ModelFiles
import Tensors

/// Activations of one layer: offsets in floats from the layer's start.
struct LayerLayout: Sendable {
    private(set) var residual = 0, firstNormed = 0
    private(set) var fused = 0, attended = 0
    private(set) var middle = 0, secondNormed = 0
    private(set) var gateUp = 0
    /// Queries and keys before their norms.
    private(set) var queryKey = 0
    // What attention and MLP add before their norms.
    private(set) var attentionBranch = 0, mlpBranch = 0
    private(set) var count = 0
    /// What the backward pass reads and a norm or an activation alone cannot give again.
    private(set) var keptArrays: [KeptArray] = []
    /// Floats that all kept arrays take in bfloat16.
    private(set) var keptCount = 0

    /// An array [tokens, width] that is kept in bfloat16 for the backward pass.
    struct KeptArray: Sendable {
        /// In floats from the layer's start.
        let offset: Int
        let width: Int
        /// In floats from the start of what is kept of the layer.
        let place: Int
    }

    init(shape: ModelShape, tokens: Int) {
        let attention = Attention(shape), design = shape.block
        residual = keep(tokens, shape.hiddenSize)
        if design.norms != .after { firstNormed = take(tokens * shape.hiddenSize) }
        fused = keep(tokens, attention.fusedWidth)
        attended = keep(tokens, attention.queryWidth)
        middle = keep(tokens, shape.hiddenSize)
        if design.norms != .after { secondNormed = take(tokens * shape.hiddenSize) }
        gateUp = keep(tokens, 2 * shape.intermediateSize)
        if design.queryKeyNorm != .none { queryKey = keep(tokens, shape.queryWidth + shape.keyValueWidth) }
        if design.norms != .before {
            attentionBranch = keep(tokens, shape.hiddenSize)
            mlpBranch = keep(tokens, shape.hiddenSize)
        }
    }

    private mutating func keep(_ tokens: Int, _ width: Int) -> Int {
        let offset = take(tokens * width)
        keptArrays.append(KeptArray(offset: offset, width: width, place: keptCount))
        keptCount += aligned((tokens * width + 1) / 2)
        return offset
    }

    private mutating func take(_ floats: Int) -> Int {
        defer { count += aligned(floats) }
        return count
    }
}

/// What stays in float32 from the forward to the backward pass of one layer: offsets in floats from the layer's start.
struct PreciseLayout: Sendable {
    private(set) var logSums = 0, lowRank = 0
    // Of the norms before attention and MLP, of queries and keys, and of what attention and MLP add.
    private(set) var firstInverse = 0, secondInverse = 0, queryKeyInverse = 0, attentionInverse = 0, mlpInverse = 0
    /// With DoRA, by group: outputs before their scaling.
    private(set) var unscaled = [Int](repeating: 0, count: LinearGroup.allCases.count)
    private(set) var count = 0

    init(shape: ModelShape, tokens: Int, lowRank ranks: Int, keepsUnscaled: Bool) {
        let design = shape.block
        logSums = take(tokens * shape.attentionHeadCount)
        lowRank = take(tokens * ranks)
        if design.norms != .after {
            firstInverse = take(tokens)
            secondInverse = take(tokens)
        }
        if design.queryKeyNorm != .none {
            queryKeyInverse = take(tokens * (shape.attentionHeadCount + shape.keyValueHeadCount))
        }
        if design.norms != .before {
            attentionInverse = take(tokens)
            mlpInverse = take(tokens)
        }
        if keepsUnscaled {
            for group in LinearGroup.allCases { unscaled[group.rawValue] = take(tokens * group.outputs(shape)) }
        }
    }

    private mutating func take(_ floats: Int) -> Int {
        defer { count += aligned(floats) }
        return count
    }
}
