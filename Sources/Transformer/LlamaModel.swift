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
    }

    package let shape: ModelShape
    package let trainable: Trainable
    package let team: ThreadTeam
    package let maxBatchTokens: Int
    package let layout: StepLayout
    let weights: ModelWeights
    let adapter: AdapterWeights?
    let rotary: RotaryTables
    let attention: Attention
    let arena: Buffer
    /// Whether passes without training use the adapter; switched off, the same memory serves the base model.
    package var usesAdapter = true
    /// Noise on the embeddings while training (NEFTune, arXiv 2310.05914): uniform, at most alpha / sqrt(tokens × width)
    /// of a row. Nil adds none.
    package var neftuneAlpha: Double?
    /// Lengths that DoRA needs must be measured before the next pass.
    var adaptedRowsAreStale = false
    /// The pass in progress.
    var pass = Pass()

    /// Reads every tensor through `read`; fresh adapters start with both factors zero until they are given values.
    package init(
        shape: ModelShape, trainable: Trainable, team: ThreadTeam, maxBatchTokens: Int, reading read: TensorReader
    ) rethrows {
        self.shape = shape
        self.trainable = trainable
        self.team = team
        self.maxBatchTokens = maxBatchTokens
        attention = Attention(shape)
        layout = StepLayout(shape: shape, purpose: trainable.purpose, tokens: maxBatchTokens, threads: team.count)
        weights = ModelWeights(shape: shape, withGradients: trainable == .full)
        adapter = trainable.purpose.adapter.map { AdapterWeights(shape: shape, settings: $0) }
        rotary = RotaryTables(shape: shape)
        arena = Buffer(.float32, count: layout.count)
        for parameter in weights.parameters { try read(parameter.name, parameter.shape, parameter.values) }
    }

    /// What training changes: the adapter's factors, or every weight, or nothing. In the order of the forward pass.
    package var parameters: [Parameter] {
        switch trainable {
        case .none: []
        case .adapter: adapter?.parameters ?? []
        case .full: weights.parameters
        }
    }

    /// Every tensor of the base model, trained or frozen.
    package var baseParameters: [Parameter] { weights.parameters }

    package func zeroGradients() {
        guard let gradients = adapter?.gradients ?? weights.gradients else { return }
        let count = gradients.count
        team.run { member in
            let share = member.share(of: count, step: 1024)
            memset(gradients.floats + share.lowerBound, 0, share.count * 4)
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
