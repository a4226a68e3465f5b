package import ModelFiles
package import Plan
internal import Tensors

/// Where everything one pass needs lies in the arena, as a pure function of its arguments.
///
/// The trainer allocates by it and the feasibility check estimates by it, so the two cannot disagree. Counts are
/// floats.
package struct StepLayout: Sendable {
    /// What the pass is for; it decides what has to be kept until the backward pass.
    package enum Purpose: Sendable, Hashable {
        case evaluation
        case adapterTraining(LoRASettings)
        case fullTraining

        var isTraining: Bool { self != .evaluation }
        var adapter: LoRASettings? { if case .adapterTraining(let settings) = self { settings } else { nil } }
    }

    package let tokens: Int
    package let headRows: Int
    /// Everything, in bytes.
    package var byteCount: ByteCount { ByteCount(count * 4) }
    private(set) package var count = 0

    // One layer's activations, from the layer's own start; `layerStride` is 0 where all layers use the same room.
    let layer: LayerLayout
    let layerStride: Int
    // What stays in float32 for each layer.
    let precise: PreciseLayout
    let precises: Int, preciseStride: Int
    /// Whether the backward pass reads activations rounded to bfloat16.
    let narrows: Bool
    // Where they are kept, and floats from one layer's to the next's; 0 where they are computed again.
    let kept: Int, keptStride: Int
    /// Where the rows that go into the layers lie, and floats from one layer's to the next's.
    let residuals: Int, residualStride: Int
    let lowRankStride: Int

    private(set) var delta = 0, hidden = 0
    private(set) var finalResidual = 0, finalNormed = 0, finalInverse = 0
    private(set) var residualGradient = 0, middleGradient = 0, normedGradient = 0
    private(set) var attentionGradient = 0, fusedGradient = 0, lowRankGradient = 0
    // Gradients that DoRA scales for its own use.
    private(set) var outputGradient = 0, downGradient = 0
    private(set) var droppedRows = 0, droppedColumns = 0
    // Floats of a row's room, and columns in one member's room: fixed for all layers, because members are not in step.
    private(set) var droppedRowStride = 0, droppedColumnShare = 0
    private(set) var logits = 0, cappedLogits = 0, headHidden = 0, headGradient = 0, losses = 0
    // Sums of the gradients of all norms, once for each member.
    private(set) var normPartials = 0, normPartialStride = 0
    private(set) var attentionScratch = 0, attentionScratchCount = 0
    // In bfloat16: what the product at hand multiplies, one row of room for each token, and room for its weights.
    private(set) var narrowedRows = 0, narrowedRowStride = 0, narrowedLowRank = 0, narrowedHidden = 0
    private(set) var productScratch = 0
    /// With quantised weights, those of the product at hand.
    private(set) var expandedWeights = 0
    /// By group, what the gradients of the factors are products of: rows of inputs, and of gradients of outputs.
    private(set) var narrowedInputs = [0, 0, 0, 0], narrowedGradients = [0, 0, 0, 0]
    // Of one member for products that sum over tokens: where its parts lie, and floats to the next member's.
    private(set) var narrowedColumns = 0, turnedLowRank = 0, factorSums = 0, sumsStride = 0

    /// Targets of the output head handled at once: enough for a good product, few enough that logits stay small.
    /// Their logits stay within 32 MB, down to 16 rows.
    static func headRows(vocabulary: Int) -> Int { max(16, min(512, 8_000_000 / max(1, vocabulary))) }

    package init(
        shape: ModelShape, purpose: Purpose, precision: Precision = .fp32, isQuantized: Bool = false,
        recomputes: Bool = false, tokens: Int, threads: Int
    ) {
        self.tokens = tokens
        headRows = min(max(1, tokens), Self.headRows(vocabulary: shape.vocabularySize))
        let attention = Attention(shape)
        let width = shape.hiddenSize
        lowRankStride = AdapterWeights.lowRankWidth(shape, purpose.adapter)
        let usesDoRA = purpose.adapter?.useDoRA ?? false
        layer = LayerLayout(shape: shape, tokens: tokens)
        precise = PreciseLayout(shape: shape, tokens: tokens, lowRank: lowRankStride, keepsUnscaled: usesDoRA)
        let keepsLayers = purpose.isTraining && !recomputes, keepsResiduals = purpose.isTraining && recomputes
        narrows = purpose.isTraining && precision == .bf16
        layerStride = keepsLayers && !narrows ? layer.count : 0
        count = layer.count * (layerStride > 0 ? shape.layerCount : 1)
        (precises, preciseStride) = (count, keepsLayers ? precise.count : 0)
        count += precise.count * (keepsLayers ? shape.layerCount : 1)
        // The last layer's room is not used again before its backward pass.
        (kept, keptStride) = (count, keepsLayers && narrows ? layer.keptCount : 0)
        count += keptStride * (shape.layerCount - 1)
        residualStride = keepsResiduals ? aligned(tokens * width) : layerStride
        residuals = keepsResiduals ? count : layer.residual
        if keepsResiduals { count += residualStride * shape.layerCount }

        delta = take(tokens * width)
        hidden = take(tokens * shape.intermediateSize)
        finalResidual = take(tokens * width)
        finalNormed = take(tokens * width)
        finalInverse = take(tokens)
        losses = take(tokens)
        logits = take(headRows * shape.vocabularySize)
        if shape.headSoftcap > 0, purpose.isTraining { cappedLogits = take(headRows * shape.vocabularySize) }
        headHidden = take(headRows * width)
        attentionScratchCount = aligned(
            max(attention.scratchCount(keys: tokens), attention.decodeScratchCount(count: shape.maxPositions)))
        attentionScratch = take(attentionScratchCount * threads)
        if let adapter = purpose.adapter, adapter.dropout > 0 {
            droppedRowStride = max(width, shape.intermediateSize, attention.queryWidth)
            droppedColumnShare = ((droppedRowStride + 15) / 16 + threads - 1) / threads * 16
            droppedRows = take(tokens * droppedRowStride)
            droppedColumns = take(tokens * droppedColumnShare * threads)
        }
        if precision == .bf16 {
            narrowedRowStride = max(width, 2 * shape.intermediateSize, attention.fusedWidth)
            narrowedRows = take((tokens * narrowedRowStride + 1) / 2)
            narrowedLowRank = take((tokens * lowRankStride + 1) / 2)
            narrowedHidden = take((threads * headRows * width + 1) / 2)
            productScratch = take(threads * BFloat16Product.scratchBytes / 4)
            if isQuantized {
                let largest = LinearGroup.allCases.map { $0.outputs(shape) * $0.inputs(shape) }.max() ?? 0
                expandedWeights = take((largest + 1) / 2)
            }
            if let adapter = purpose.adapter {
                for group in LinearGroup.allCases {
                    narrowedInputs[group.rawValue] = take((tokens * group.inputs(shape) + 1) / 2)
                    narrowedGradients[group.rawValue] = take((tokens * group.outputs(shape) + 1) / 2)
                }
                let columns = ((narrowedRowStride + 15) / 16 + threads - 1) / threads * 16
                narrowedColumns = count
                turnedLowRank = narrowedColumns + (adapter.dropout > 0 ? aligned((tokens * columns + 1) / 2) : 0)
                factorSums = turnedLowRank + aligned((tokens * lowRankStride + 1) / 2)
                sumsStride = factorSums + aligned(lowRankStride * columns) - narrowedColumns
                _ = take(threads * sumsStride)
            }
        }
        guard purpose.isTraining else { return }
        residualGradient = take(tokens * width)
        middleGradient = take(tokens * width)
        normedGradient = take(tokens * width)
        attentionGradient = take(tokens * attention.queryWidth)
        fusedGradient = take(tokens * attention.fusedWidth)
        lowRankGradient = take(tokens * lowRankStride)
        if usesDoRA {
            outputGradient = take(tokens * width)
            downGradient = take(tokens * width)
        }
        headGradient = take(headRows * width)
        if purpose == .fullTraining || purpose.adapter.map({ !$0.modulesToSave.isEmpty }) ?? false {
            normPartialStride = shape.norms.reduce(0) { $0 + $1.width } * shape.layerCount + width
            normPartials = take(threads * normPartialStride)
        }
    }

    private mutating func take(_ floats: Int) -> Int {
        defer { count += aligned(floats) }
        return count
    }
}

/// A count of floats rounded up to a cache line.
func aligned(_ floats: Int) -> Int { (floats + 15) / 16 * 16 }

extension Attention {
    init(_ shape: ModelShape, precision: Precision = .fp32) {
        self.init(
            heads: shape.attentionHeadCount, keyValueHeads: shape.keyValueHeadCount, headSize: shape.headSize,
            scale: shape.attentionScale, softcap: shape.attentionSoftcap, narrows: precision == .bf16)
    }
}
