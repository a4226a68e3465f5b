import ModelFiles
import Plan
import Tensors
import Transformer

/// Passes of the trainer on small models, timed: what a machine's speed is read from.
///
/// They differ in width, row length, targets and method, so that each kind of work weighs heavily in one of them.
struct ReferencePasses {
    let threads: Int
    /// Seconds spent on each, beside one round to warm up.
    var secondsEach = 0.25

    func measured() throws -> [(work: StepWork, seconds: Double)] {
        let small = shape(width: 192, inner: 512, heads: 6, keyValueHeads: 2, vocabulary: 4096)
        let middle = shape(width: 512, inner: 1408, heads: 8, keyValueHeads: 8, vocabulary: 4096)
        let large = shape(width: 896, inner: 3072, heads: 14, keyValueHeads: 2, vocabulary: 4096)
        let wordy = shape(width: 192, inner: 512, heads: 6, keyValueHeads: 2, vocabulary: 32768)
        let thin = StepWork.Pass.adapter(LoRASettings(rank: 8)), thick = StepWork.Pass.adapter(LoRASettings(rank: 64))
        var passes: [(StepWork, Double)] = []
        for model in [small, middle, large] {
            passes.append(try timed(thin, model, rows: 8, rowTokens: 64, targetShare: 0.4))
            passes.append(try timed(thick, model, rows: 8, rowTokens: 64, targetShare: 0.4))
            passes.append(try timed(.full, model, rows: 8, rowTokens: 64, targetShare: 0.4))
            passes.append(try timed(.evaluation, model, rows: 8, rowTokens: 64, targetShare: 0.4))
        }
        passes.append(try timed(thin, small, rows: 1, rowTokens: 32, targetShare: 0.4))
        passes.append(try timed(thin, small, rows: 1, rowTokens: 1024, targetShare: 0.4))
        passes.append(try timed(thin, middle, rows: 1, rowTokens: 1024, targetShare: 0.4))
        passes.append(try timed(.full, wordy, rows: 4, rowTokens: 64, targetShare: 1))
        passes.append(try timed(thin, wordy, rows: 4, rowTokens: 64, targetShare: 1))
        passes.append(update(parameters: 1 << 22))
        passes.append(update(parameters: 1 << 24))
        return passes
    }

    private func shape(width: Int, inner: Int, heads: Int, keyValueHeads: Int, vocabulary: Int) -> ModelShape {
        ModelShape(
            vocabularySize: vocabulary, hiddenSize: width, intermediateSize: inner, layerCount: 2,
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: width / heads)
    }

    private func timed(
        _ pass: StepWork.Pass, _ shape: ModelShape, rows: Int, rowTokens: Int, targetShare: Double
    ) throws -> (StepWork, Double) {
        let trainable: LlamaModel.Trainable =
            switch pass {
            case .evaluation: .none
            case .adapter(let settings): .adapter(settings)
            case .full: .full
            }
        let model = LlamaModel(
            shape: shape, trainable: trainable, team: ThreadTeam(threads: threads), maxBatchTokens: rows * rowTokens
        ) { _, dimensions, values in
            // Small numbers without denormals; time does not depend on them otherwise.
            for index in 0..<dimensions.reduce(1, *) { values[index] = Float(index % 7 + 1) / 100 }
        }
        let targets = Int(Double(rowTokens) * targetShare)
        let batch = PackedBatch(
            rows: (0..<rows).map { row in
                ((0..<rowTokens).map { Int32(($0 * 31 + row) % shape.vocabularySize) },
                 (0..<rowTokens).map { $0 >= rowTokens - targets })
            })
        let seconds = try fastest(within: secondsEach) {
            if pass == .evaluation { _ = try model.evaluateLoss(batch) } else { _ = try model.forwardBackward(batch) }
        }
        let work = StepWork(
            pass, shape, tokens: Double(rows * rowTokens), rowTokens: Double(rowTokens),
            targets: Double(batch.targetCount))
        return (work, seconds)
    }

    /// Clearing gradients, their length, and AdamW.
    private func update(parameters: Int) -> (StepWork, Double) {
        let team = ThreadTeam(threads: threads), adam = AdamW()
        let buffers = (0..<4).map { _ in Buffer(.float32, count: parameters) }
        let values = buffers.map(\.floats)
        let seconds = withExtendedLifetime(buffers) {
            fastest(within: secondsEach) {
                team.run { member in
                    let share = member.share(of: parameters, step: 16), at = share.lowerBound
                    _ = Kernels.sumOfSquares(share.count, values[0] + at)
                    adam.update(
                        share.count, step: 1, learningRate: 1e-4, weightDecay: 0.01, gradientScale: 1,
                        gradient: values[0] + at, value: values[1] + at, firstMoment: values[2] + at,
                        secondMoment: values[3] + at)
                    (values[0] + at).update(repeating: 0, count: share.count)
                }
            }
        }
        var work = StepWork()
        work[.updates] = Double(parameters)
        return (work, seconds)
    }
}

/// The fastest of the rounds that fit into `seconds`, after one to warm up: what else the machine did is not its speed.
func fastest(within seconds: Double, _ round: () throws -> Void) rethrows -> Double {
    try round()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var best = Double.infinity
    repeat {
        let took = try clock.measure(round)
        best = min(best, Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
    } while clock.now < end
    return best
}
