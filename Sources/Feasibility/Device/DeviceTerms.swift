/// The terms of a device's memory, each from one formula.
struct DeviceTerms {
    struct PhaseBytes {
        let phase: DeviceEstimate.Phase
        let parts: [DeviceEstimate.Part: Double]
        var total: Double { parts.values.reduce(0, +) }
    }

    private let run: DeviceRun
    private let model: Architecture
    private let profile: MemoryProfile

    init(_ run: DeviceRun) {
        self.run = run
        model = run.architecture
        profile = run.profile
    }

    // MARK: weights

    /// Embedding and head as this framework stores them.
    private var heads: Double { model.heads(tied: model.isTied && !profile.copiesHead) }

    /// Matrices of the blocks, and everything else.
    private var weights: (matrices: Double, plain: Double) {
        if run.method == .full {
            return ((model.blockParameters + heads + model.normParameters) * profile[.trainedValueBytes], 0)
        }
        guard run.format.isQuantised else {
            return (model.blockParameters * run.format.bytes, (heads + model.normParameters) * run.format.bytes)
        }
        let bytes = profile[.formatBytes] > 0 ? profile[.formatBytes] : run.format.bytes
        if profile.quantisesHead {
            return (
                (model.blockParameters + model.embeddingParameters) * bytes,
                (model.embeddingParameters + model.normParameters) * 2
            )
        }
        return (model.blockParameters * bytes, (heads + model.normParameters) * profile[.plainBytes])
    }

    /// What a sharded run gathers before it can compute: two blocks and the embedding, in 16 bit or their own format.
    private var gathered: Double {
        let bytes = run.format.isQuantised ? run.format.bytes : 2
        return 2 * model.blockParameters / Double(max(1, model.layers)) * bytes + model.embeddingParameters * 2
    }

    private func shard(_ bytes: Double) -> Double {
        run.strategy.shardsStates ? bytes / Double(max(1, run.devices)) : bytes
    }

    // MARK: what is trained

    private var trained: Double {
        switch run.method {
        case .full: model.blockParameters + heads + model.normParameters
        case .loraEmbeddings: run.adapterParameters + 2 * model.embeddingParameters
        case .lora, .prefix, .outputScale: run.adapterParameters
        }
    }

    private var stateBytes: Double { min(run.optimizer.stateBytes ?? .infinity, profile[.stateBytes]) }
    private var gradientBytes: Double { run.optimizer.gradientBytes ?? profile[.gradientBytes] }

    // MARK: activations

    private let bytesPerNumber = 2.0

    /// Saved by one block for its backward pass.
    private var layer: Double {
        var numbers = profile[.hidden] * model.width + profile[.query] * model.queryWidth
        numbers += profile[.keyValue] * model.keyValueWidth
        numbers += profile[model.isGated ? .innerGated : .innerPlain] * model.innerWidth
        // A norm keeps its input in float32: two 16-bit numbers per norm beyond the two every profile counts.
        numbers += 2 * Double(max(0, model.normsPerLayer - 2)) * model.width
        if run.format.isQuantised { numbers += profile[.quantisedHidden] * model.width }
        if run.method != .full { numbers += profile[.adaptedInput] * run.targets.furtherInputs(of: model) }
        // A compiled block fuses away about a quarter of what it would save.
        let kept = profile[.keptShare] * (run.isCompiled ? 0.75 : 1)
        return bytesPerNumber * numbers * run.tokens * kept
    }

    /// Attention scores of one block, where the kernel stores them: multiples of one 16-bit score matrix, measured for
    /// eager attention. The backward pass of PyTorch's math kernel needs one, the normalised scores.
    private var scores: Double {
        let copies: Double
        switch run.attention {
        case .efficient: return 0
        case .math: copies = 1
        case .eager: copies = run.checkpointing ? (run.format.isQuantised ? 9 : 7.4) : 2.9
        }
        let row = Double(run.rowTokens)
        return copies * bytesPerNumber * Double(run.microBatch) * Double(model.heads) * row * row
    }

    private var checkpoints: Double {
        guard run.checkpointing, profile.hasCheckpointsOnDevice, !run.offloadsCheckpoints else { return 0 }
        return Double(model.layers) * model.width * run.tokens * profile[.checkpointBytes]
    }

    private var logits: Double {
        let perLogit: Double
        switch run.loss.keeps {
        case .all: perLogit = profile[.logitBytes] + (model.hasCappedLogits ? 4 : 0)
        case .chunks: perLogit = profile[.chunkedLogitBytes]
        case .none: perLogit = 0
        }
        let vocabulary = Double(model.vocabulary)
        var bytes = perLogit * vocabulary * run.tokens
        bytes += max(run.loss.hiddenBytes, profile[.logitHiddenBytes]) * model.width * run.tokens
        if run.targets.includesHead, run.method == .lora {
            bytes += profile[.headAdapterBytes] * vocabulary * run.tokens
        }
        // A chunk holds its logits in float32 with their softmax and gradient.
        return bytes + 12 * vocabulary * min(run.loss.chunkTokens, run.tokens)
    }

    private var workspace: Double {
        let dequantised = run.format.isQuantised ? model.largestMatrix * 2 : 0
        let head = run.format.isQuantised ? profile[.headScratch] * model.embeddingParameters * 2 : 0
        return profile[.workspaceMebibytes] * 1_048_576 + dequantised + head
    }

    /// Reserved beside the allocated bytes: the smaller of two pools that take turns cannot reuse the larger one's
    /// blocks, a head cast to float32 leaves the block of its 16-bit copy, rows of varying length leave many sizes.
    var pool: Double {
        let turn = layer + scores
        let share = !run.checkpointing ? 0 : scores > 0 ? min(0.7, profile[.poolShare]) : profile[.poolShare]
        let holes = profile.leavesHoles && run.format.isQuantised ? model.embeddingParameters * 2 : 0
        let fresh = run.checkpointing ? checkpoints + max(logits, turn) : logits
        return max(share * min(logits, turn), holes) + (profile[.varying] - 1) * fresh
    }

    // MARK: phases

    var phases: [PhaseBytes] {
        let trained = trained
        let isFull = run.method == .full
        var resident: [DeviceEstimate.Part: Double] = [:]
        let (matrices, plain) = weights
        let all = matrices + plain
        let kept = run.strategy.shardsWeights ? min(all, all / Double(max(1, run.devices)) + gathered) : all
        resident[run.format.isQuantised && !isFull ? .quantisedWeights : .weights] = all > 0 ? kept * matrices / all : 0
        resident[.plainWeights] = all > 0 ? kept * plain / all : 0
        if !isFull { resident[.adapter] = trained * profile[.valueBytes] }
        resident[.workspace] = workspace
        var loading = resident.merging([.workspace: workspace + model.largestMatrix * 2]) { $1 }
        if run.strategy.shardsWeights, profile.loadsWhole { loading[.gathered] = all }
        resident[.optimizer] = shard(trained * stateBytes)

        let buckets = run.strategy == .ddp ? 2.0 : 1
        let gradients = shard(trained * gradientBytes * buckets)
        let persists = profile.keepsGradientsAlways || run.accumulation > 1
        var backward = resident
        switch run.method {
        // Without persisting gradients the head's is the first beside the activations: what is added, and the sum. It
        // exists even where the optimizer steps during the backward pass.
        case .full:
            let head = 2 * min(trained, model.embeddingParameters) * profile[.gradientBytes]
            backward[.gradients] = persists ? max(gradients, shard(head)) : shard(head)
        case .loraEmbeddings: backward[.gradients] = shard(run.adapterParameters * gradientBytes)
        case .lora, .prefix, .outputScale: backward[.gradients] = gradients
        }
        let turn = layer + scores
        if run.checkpointing {
            backward[.checkpoints] = checkpoints
            if logits >= turn {
                backward[.logits] = logits
            } else {
                (backward[.layers], backward[.scores]) = (layer, scores)
            }
        } else {
            backward[.layers] = Double(model.layers) * layer
            backward[.scores] = Double(model.layers) * scores
            backward[.logits] = logits
        }
        var step = resident
        step[.gradients] = gradients
        step[.stepScratch] = shard(trained * (run.optimizer.transientBytes ?? profile[.transientBytes]))
        return [
            PhaseBytes(phase: .load, parts: loading), PhaseBytes(phase: .firstBackward, parts: backward),
            PhaseBytes(phase: .step, parts: step), PhaseBytes(phase: .evaluation, parts: evaluation(resident)),
            PhaseBytes(phase: .save, parts: resident),
        ]
    }

    /// One block's outputs and the logits in 16 bit and float32, all of the batch at once.
    private func evaluation(_ resident: [DeviceEstimate.Part: Double]) -> [DeviceEstimate.Part: Double] {
        let tokens = Double(run.evaluationBatch) * Double(run.rowTokens)
        var parts = resident
        parts[.layers] = bytesPerNumber * (4 * model.width + 2 * model.innerWidth) * tokens
        parts[.logits] = (run.loss.keeps == .all ? 6 : 0) * Double(model.vocabulary) * tokens
        return parts
    }
}
