import ModelFiles
import Plan
import Tensors
import Testing
import Training
import Transformer

@Suite("Learning")
struct LearnerTests {
    static func learner(threads: Int = 2, seed: UInt32 = 1, steps: Int = 60) -> Learner {
        let shape = ModelShape(
            vocabularySize: 64, hiddenSize: 32, intermediateSize: 48, layerCount: 2, attentionHeadCount: 4,
            keyValueHeadCount: 2, headSize: 8)
        let team = ThreadTeam(threads: threads)
        var state = seed
        let model = LlamaModel(shape: shape, trainable: .full, team: team, maxBatchTokens: 64) { _, shape, values in
            for index in 0..<shape.reduce(1, *) {
                state = state &* 1_664_525 &+ 1_013_904_223
                values[index] = shape.count == 1 ? 1 : (Float(state >> 8) / 16_777_216 - 0.5) * 0.1
            }
        }
        let optimizer = Optimizer(parameters: model.parameters, adam: AdamW(), weightDecay: 0, team: team)
        return Learner(
            model: model, optimizer: optimizer,
            schedule: LearningRateSchedule(peak: 1e-2, kind: .linear, warmupSteps: 5, totalSteps: steps), maxGradNorm: 1
        )
    }

    static let rows: [(ids: [Int32], isTarget: [Bool])] = [
        ([1, 7, 9, 12, 3, 2], [false, false, true, true, true, true]),
        ([1, 8, 10, 44, 2], [false, false, false, true, true]),
    ]

    @Test("one batch can be learned by heart")
    func overfit() throws {
        let learner = Self.learner()
        let batch = PackedBatch(rows: Self.rows)
        let first = try learner.step([batch])
        var last = first
        for _ in 0..<59 { last = try learner.step([batch]) }
        #expect(first.targetTokens == 6)
        #expect(first.loss > 3)
        #expect(last.loss < 0.02, "loss \(last.loss) after 60 steps")
    }

    @Test("two micro-batches weigh their tokens like one batch of both")
    func accumulation() throws {
        let together = try Self.learner().step([PackedBatch(rows: Self.rows)])
        let apart = try Self.learner().step(Self.rows.map { PackedBatch(rows: [$0]) })
        #expect(abs(together.loss - apart.loss) < 1e-6)
        #expect(abs(together.gradNorm - apart.gradNorm) / together.gradNorm < 1e-5)
    }

    @Test("the same seed gives the same losses, bit for bit")
    func determinism() throws {
        let batch = PackedBatch(rows: Self.rows)
        let one = Self.learner(), other = Self.learner()
        for _ in 0..<5 { #expect(try one.step([batch]) == other.step([batch])) }
    }

    @Test("a step without targets is refused and changes nothing")
    func noTargets() throws {
        let learner = Self.learner()
        let batch = PackedBatch(rows: [([1, 2, 3], [false, false, false])])
        #expect(throws: LearningError.noTargets(globalStep: 0)) { try learner.step([batch]) }
        #expect(learner.globalStep == 0)
    }

    @Test("schedules follow transformers")
    func schedules() {
        let linear = LearningRateSchedule(peak: 1, kind: .linear, warmupSteps: 2, totalSteps: 10)
        #expect([0, 1, 2, 6, 10].map(linear.rate) == [0, 0.5, 1, 0.5, 0])
        let cosine = LearningRateSchedule(peak: 2, kind: .cosine, warmupSteps: 0, totalSteps: 8)
        #expect(cosine.rate(atStep: 0) == 2)
        #expect(abs(cosine.rate(atStep: 4) - 1) < 1e-12)
        #expect(LearningRateSchedule(peak: 3, kind: .constant, warmupSteps: 1, totalSteps: 8).rate(atStep: 7) == 3)
    }
}
