package import ModelFiles
package import Plan
import Tensors
import Transformer

/// One pass of the bundled trainer over known work.
package struct TimedPass: Sendable, Hashable {
    package let work: StepWork
    package let tokens: Double
    package let seconds: Double

    package var tokensPerSecond: Double { tokens / seconds }
    /// Operations of one token, as the estimates of time count them.
    package var operationsPerToken: Double { (work[.products] + work[.adapters] + work[.attention]) / tokens }
    package var operationsPerSecond: Double { operationsPerToken * tokensPerSecond }
}

/// A model of a known shape with made-up weights, to time the bundled trainer and decoder on.
package struct TimedModel {
    private let pass: StepWork.Pass
    private let shape: ModelShape
    private let model: LlamaModel

    /// - Parameter tokens: The most tokens of one pass.
    package init(
        _ pass: StepWork.Pass, _ shape: ModelShape, precision: Precision = .fp32, quantization: Quantization? = nil,
        threads: Int, tokens: Int
    ) {
        self.pass = pass
        self.shape = shape
        let trainable: LlamaModel.Trainable =
            switch pass {
            case .evaluation: .none
            case .adapter(let settings): .adapter(settings)
            case .full: .full
            }
        var state: UInt64 = 1
        model = LlamaModel(
            shape: shape, trainable: trainable, precision: precision, quantization: quantization,
            team: ThreadTeam(threads: threads), maxBatchTokens: tokens
        ) { _, dimensions, values in
            // Uniform within 0.04: speed depends on values only where they are denormal.
            for index in 0..<dimensions.reduce(1, *) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                values[index] = Float(Int64(bitPattern: state) >> 40) * 0x1p-23 * 0.04
            }
        }
        if case .adapter = pass { model.startAdapter(seed: 1) }
    }

    /// A usual pass over `rows` rows of `rowTokens`, a share of them targets, among those that fit into `seconds`.
    package func timed(rows: Int, rowTokens: Int, targetShare: Double, within seconds: Double) throws -> TimedPass {
        let targets = Int(Double(rowTokens) * targetShare)
        let batch = PackedBatch(
            rows: (0..<rows).map { row in
                (ids(rowTokens, seed: row), (0..<rowTokens).map { $0 >= rowTokens - targets })
            })
        let tokens = Double(rows * rowTokens)
        let took = try durations(within: seconds) {
            if pass == .evaluation { _ = try model.evaluateLoss(batch) } else { _ = try model.forwardBackward(batch) }
        }.median
        let work = StepWork(
            pass, shape, tokens: tokens, rowTokens: Double(rowTokens), targets: Double(batch.targetCount))
        return TimedPass(work: work, tokens: tokens, seconds: took)
    }

    /// New tokens per second, greedy, for `batch` prompts at a time: with the reading of the prompts, and of the tokens
    /// after the first alone.
    package func decoding(batch: Int, promptTokens: Int, newTokens: Int) throws -> (whole: Double, after: Double) {
        let prompts = (0..<batch).map { ids(promptTokens, seed: $0) }
        let clock = ContinuousClock()
        func seconds(_ limit: Int) throws -> Double {
            try clock.measure { _ = try Generator(model: model).generate(prompts: prompts, limit: limit, stopIDs: []) }
                / .seconds(1)
        }
        let first = try seconds(1), all = try seconds(newTokens)
        return (Double(batch * newTokens) / all, Double(batch * (newTokens - 1)) / max(all - first, 1e-9))
    }

    private func ids(_ count: Int, seed: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * 7919 + seed * 104_729) % shape.vocabularySize) }
    }
}

/// The seconds of each round that fits into `seconds`, after one to warm up.
func durations(within seconds: Double, _ round: () throws -> Void) rethrows -> [Double] {
    try round()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var all: [Double] = []
    repeat { all.append(try clock.measure(round) / .seconds(1)) } while clock.now < end
    return all
}

/// The fastest of the rounds that fit into `seconds`: what else the machine did is not what it can do.
func fastest(within seconds: Double, _ round: () throws -> Void) rethrows -> Double {
    try durations(within: seconds, round).min() ?? 0
}

extension [Double] {
    /// The middle one, or the larger of the two in the middle: work that lasts meets every disturbance.
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
