package import ModelFiles
package import Plan
import Tensors
import Transformer

/// The speed of the bundled trainer and decoder here, on a model of a known shape whose weights are random.
package struct ShapeBenchmark {
    private let model: LlamaModel
    private let shape: ModelShape
    /// Operations of one trained token, as the estimates of time count them.
    package private(set) var operationsPerToken = 0.0

    /// - Parameter tokens: The most tokens of one pass.
    package init(shape: ModelShape, adapter: LoRASettings, threads: Int, tokens: Int) {
        self.shape = shape
        var state: UInt64 = 1
        model = LlamaModel(
            shape: shape, trainable: .adapter(adapter), team: ThreadTeam(threads: threads), maxBatchTokens: tokens
        ) { _, dimensions, values in
            // Uniform within 0.04: speed depends on values only where they are denormal.
            for index in 0..<dimensions.reduce(1, *) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                values[index] = Float(Int64(bitPattern: state) >> 40) * 0x1p-23 * 0.04
            }
        }
        model.startAdapter(seed: 1)
    }

    /// Tokens per second of passes with gradients: `rows` rows of `rowTokens`, a share of them targets.
    package mutating func training(rows: Int, rowTokens: Int, targetShare: Double, seconds: Double) throws -> Double {
        let targets = Int(Double(rowTokens) * targetShare)
        let batch = PackedBatch(
            rows: (0..<rows).map { row in
                (ids(rowTokens, seed: row), (0..<rowTokens).map { $0 >= rowTokens - targets })
            })
        let tokens = Double(rows * rowTokens)
        if case .adapter(let settings) = model.trainable {
            let work = StepWork(
                .adapter(settings), shape, tokens: tokens, rowTokens: Double(rowTokens), targets: Double(batch.targetCount))
            operationsPerToken = (work[.products] + work[.adapters] + work[.attention]) / tokens
        }
        return tokens / (try fastest(within: seconds) { _ = try model.forwardBackward(batch) })
    }

    /// New tokens per second, greedy, for `batch` prompts at a time; reading the prompts counts too.
    package func decoding(batch: Int, promptTokens: Int, newTokens: Int) throws -> Double {
        let prompts = (0..<batch).map { ids(promptTokens, seed: $0) }
        let clock = ContinuousClock()
        var written = 0
        let took = try clock.measure {
            written = try Generator(model: model).generate(prompts: prompts, limit: newTokens, stopIDs: [])
                .reduce(0) { $0 + $1.ids.count }
        }
        return Double(written) / (Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
    }

    private func ids(_ count: Int, seed: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * 7919 + seed * 104_729) % shape.vocabularySize) }
    }
}
