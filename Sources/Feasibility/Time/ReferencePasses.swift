import ModelFiles
import Plan
import Tensors

/// Passes of the trainer on small models, timed: what a machine's speed is read from.
///
/// They differ in width, row length, targets and method, so that each kind of work weighs heavily in one of them, and have
/// layers enough that what a pass keeps does not stay in the caches, as in models that are trained.
struct ReferencePasses {
    let threads: Int
    /// In `bf16` nothing is trained in full.
    var precision = Precision.fp32
    /// Seconds spent on each, beside one round to warm up.
    var secondsEach = 0.2

    func measured() throws -> [(work: StepWork, seconds: Double)] {
        let small = shape(width: 192, inner: 512, heads: 6, keyValueHeads: 2, vocabulary: 4096, layers: 6)
        let middle = shape(width: 512, inner: 1408, heads: 8, keyValueHeads: 8, vocabulary: 4096, layers: 3)
        let large = shape(width: 896, inner: 3072, heads: 14, keyValueHeads: 2, vocabulary: 4096)
        let wordy = shape(width: 192, inner: 512, heads: 6, keyValueHeads: 2, vocabulary: 32768)
        let thin = StepWork.Pass.adapter(LoRASettings(rank: 8)), thick = StepWork.Pass.adapter(LoRASettings(rank: 64))
        var passes: [(StepWork, Double)] = []
        for model in [small, middle, large] {
            passes.append(try timed(thin, model, rows: 8, rowTokens: 64, targetShare: 0.4))
            passes.append(try timed(thick, model, rows: 8, rowTokens: 64, targetShare: 0.4))
            if trainsInFull { passes.append(try timed(.full, model, rows: 8, rowTokens: 64, targetShare: 0.4)) }
            passes.append(try timed(.evaluation, model, rows: 8, rowTokens: 64, targetShare: 0.4))
        }
        for model in [small, middle, large] {
            passes.append(try timed(thin, model, rows: 1, rowTokens: 32, targetShare: 0.4))
        }
        passes.append(try timed(thin, small, rows: 32, rowTokens: 64, targetShare: 0.4))
        passes.append(try timed(thin, small, rows: 1, rowTokens: 1024, targetShare: 0.4))
        passes.append(try timed(thin, middle, rows: 1, rowTokens: 1024, targetShare: 0.4))
        if trainsInFull { passes.append(try timed(.full, wordy, rows: 4, rowTokens: 64, targetShare: 1)) }
        passes.append(try timed(thin, wordy, rows: 4, rowTokens: 64, targetShare: 1))
        passes.append(update(parameters: 1 << 22))
        passes.append(update(parameters: 1 << 24))
        return passes
    }

    private var trainsInFull: Bool { precision == .fp32 }

    private func shape(width: Int, inner: Int, heads: Int, keyValueHeads: Int, vocabulary: Int, layers: Int = 2)
        -> ModelShape
    {
        ModelShape(
            vocabularySize: vocabulary, hiddenSize: width, intermediateSize: inner, layerCount: layers,
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: width / heads)
    }

    private func timed(
        _ pass: StepWork.Pass, _ shape: ModelShape, rows: Int, rowTokens: Int, targetShare: Double
    ) throws -> (StepWork, Double) {
        let pass = try TimedModel(pass, shape, precision: precision, threads: threads, tokens: rows * rowTokens)
            .timed(rows: rows, rowTokens: rowTokens, targetShare: targetShare, within: secondsEach)
        return (pass.work, pass.seconds)
    }

    /// Clearing gradients, their length, and AdamW.
    private func update(parameters: Int) -> (StepWork, Double) {
        let team = ThreadTeam(threads: threads), adam = AdamW()
        let buffers = (0..<4).map { _ in Buffer(.float32, count: parameters) }
        let values = buffers.map(\.floats)
        let seconds = withExtendedLifetime(buffers) {
            durations(within: secondsEach) {
                team.run { member in
                    let share = member.share(of: parameters, step: 16), at = share.lowerBound
                    _ = Kernels.sumOfSquares(share.count, values[0] + at)
                    adam.update(
                        share.count, step: 1, learningRate: 1e-4, weightDecay: 0.01, gradientScale: 1,
                        gradient: values[0] + at, value: values[1] + at, firstMoment: values[2] + at,
                        secondMoment: values[3] + at)
                    (values[0] + at).update(repeating: 0, count: share.count)
                }
            }.median
        }
        var work = StepWork()
        work[.updates] = Double(parameters)
        return (work, seconds)
    }
}
