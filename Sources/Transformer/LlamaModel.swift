import Foundation
package import ModelFiles
package import Plan
package import Tensors

/// A decoder of Llama's kind with hand-written forward and backward passes; what families of models do differently is
/// data in its shape.
///
/// Gradients are those of the **sum** of token losses; whoever takes a step divides by the target tokens of the whole
/// step. One pass at a time; results are bit-identical for equal inputs, thread count and instruction set.
package final class LlamaModel {
    /// What is trained.
    package enum Trainable: Sendable, Hashable {
        case none
        case adapter(LoRASettings)
        case full

        var purpose: StepLayout.Purpose {
            switch self {
            case .none: .evaluation
            case .adapter(let settings): .adapterTraining(settings)
            case .full: .fullTraining
            }
        }

        /// The tensors that are trained whole beside an adapter.
        func saved(of shape: ModelShape) -> Set<String> {
            guard case .adapter(let settings) = self else { return [] }
            return Set(shape.tensorsSaved(by: settings).map(\.name))
        }
    }

    package let shape: ModelShape
    package let trainable: Trainable
    /// `fp32`, or `bf16`: frozen matrices are kept and multiplied in bfloat16, everything else stays in float32.
    package let precision: Precision
    /// Training keeps what goes into each layer and computes the rest again in the backward pass (gradient checkpointing,
    /// arXiv 1604.06174): half as long again, a fraction of the memory, the same numbers to the bit.
    package let recomputes: Bool
    package let team: ThreadTeam
    package let maxBatchTokens: Int
    package let layout: StepLayout
    let weights: ModelWeights
    let adapter: AdapterWeights?
    let rotary: RotaryTables
    let attention: Attention
    let arena: Buffer
    /// Whether passes without training use the adapter; switched off, the same memory serves the base model.
    package var usesAdapter = true {
        didSet { if usesAdapter != oldValue { exchangeSavedModules() } }
    }
    /// What stands, with the adapter in use, in the base in place of the modules that the adapter brings whole; and the
    /// other way round.
    var exchanged: [(tensor: BaseTensor, values: Buffer)] = []
    /// Noise on the embeddings while training (NEFTune, arXiv 2310.05914): uniform, at most alpha / sqrt(tokens × width)
    /// of a row. Nil adds none.
    package var neftuneAlpha: Double?
    /// What is derived from the adapter must be derived again before the next pass.
    var adapterIsStale = true
    /// The pass in progress.
    var pass = Pass()

    /// Reads every tensor through `read`; fresh adapters start with both factors zero until they are given values.
    package init(
        shape: ModelShape, trainable: Trainable, precision: Precision = .fp32, quantization: Quantization? = nil,
        recomputes: Bool = false, team: ThreadTeam, maxBatchTokens: Int, reading read: TensorReader
    ) rethrows {
        precondition(precision != .fp16, "no kernel multiplies in float16")
        precondition(quantization == nil || precision == .bf16, "quantised weights are multiplied in bfloat16")
        self.shape = shape
        self.trainable = trainable
        self.precision = precision
        self.recomputes = recomputes && trainable != .none
        self.team = team
        self.maxBatchTokens = maxBatchTokens
        attention = Attention(shape, precision: precision)
        layout = StepLayout(
            shape: shape, purpose: trainable.purpose, precision: precision, isQuantized: quantization != nil,
            recomputes: self.recomputes, tokens: maxBatchTokens, threads: team.count)
        weights = ModelWeights(
            shape: shape, matrixType: precision == .bf16 ? .bfloat16 : .float32, quantization: quantization,
            withGradients: trainable == .full, saved: trainable.saved(of: shape))
        adapter = trainable.purpose.adapter.map { AdapterWeights(shape: shape, settings: $0, precision: precision) }
        rotary = RotaryTables(shape: shape)
        arena = Buffer(.float32, count: layout.count)
        for tensor in weights.tensors { try tensor.fill { try read(tensor.name, tensor.shape, $0) } }
    }

    /// What training changes: the adapter's factors, or every weight, or nothing. In the order of the forward pass.
    package var parameters: [Parameter] {
        switch trainable {
        case .none: []
        case .adapter: (adapter?.parameters ?? []) + savedParameters
        case .full: weights.tensors.map(\.parameter)
        }
    }

    /// Every tensor of the base model, trained or frozen.
    package var baseTensors: [BaseTensor] { weights.tensors }

    package func zeroGradients() {
        let all = [adapter?.gradients, weights.gradients, weights.savedGradients].compactMap(\.self)
        team.run { member in
            for gradients in all {
                let share = member.share(of: gradients.count, step: 1024)
                memset(gradients.floats + share.lowerBound, 0, share.count * 4)
            }
        }
    }
}

/// What a forward and backward pass added to the gradients.
package struct PassResult: Sendable, Hashable {
    /// Sum of the negative log-likelihoods of all target tokens, in nats.
    package var lossSum: Double
    package var targetTokens: Int

    package init(lossSum: Double, targetTokens: Int) {
        self.lossSum = lossSum
        self.targetTokens = targetTokens
    }
}
