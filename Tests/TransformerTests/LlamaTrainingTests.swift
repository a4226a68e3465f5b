import Foundation
import ModelFiles
import Plan
import Randomness
import Tensors
import Testing

@testable import Transformer

@Suite("Training a tiny Llama")
struct LlamaTrainingTests {
    let example: LlamaOracle.Case

    init() throws { example = try LlamaOracle.load().cases[1] }

    private func gradients(_ model: LlamaModel) -> [Float] {
        model.parameters.flatMap { parameter in
            parameter.gradient.map { Array(UnsafeBufferPointer(start: $0, count: parameter.count)) } ?? []
        }
    }

    private func row(_ ids: [Int32]) -> PackedBatch { PackedBatch(rows: [(ids, ids.map { _ in true })]) }

    @Test(
        "noise on the embeddings is that of its key, shrinks with its alpha, and is never there when nothing is trained"
    )
    func embeddingNoise() throws {
        let model = try example.model(.full), batch = example.batch
        let calm = try model.forwardBackward(batch, dropoutKey: 7).lossSum
        let asked = try model.evaluateLoss(batch)
        model.neftuneAlpha = 5
        let noisy = try model.forwardBackward(batch, dropoutKey: 7).lossSum
        #expect(noisy != calm)
        #expect(try model.forwardBackward(batch, dropoutKey: 7).lossSum == noisy)
        #expect(try model.forwardBackward(batch, dropoutKey: 8).lossSum != noisy)
        #expect(try model.evaluateLoss(batch) == asked)
        model.neftuneAlpha = 1e-4
        let faint = try model.forwardBackward(batch, dropoutKey: 7).lossSum
        #expect(abs(faint - calm) < abs(noisy - calm) / 100)
    }

    @Test("the gradient of the whole model is the derivative of the loss", arguments: [true, false])
    func finiteDifferences(isFull: Bool) throws {
        let settings = LoRASettings(rank: example.adapter.rank, alpha: example.adapter.alpha)
        let model = try example.model(isFull ? .full : .adapter(settings))
        let batch = example.batch
        _ = try model.forwardBackward(batch)
        for parameter in model.parameters {
            // Along the gradient itself the derivative is its squared length; single entries would drown in rounding.
            let gradient = Array(UnsafeBufferPointer(start: try #require(parameter.gradient), count: parameter.count))
            let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            try #require(length > 0, "\(parameter.name)")
            let start = Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
            func loss(_ distance: Double) throws -> Double {
                for index in start.indices {
                    parameter.values[index] = start[index] + Float(distance * Double(gradient[index]) / length)
                }
                return try model.evaluateLoss(batch).reduce(0) { $0 + Double($1) }
            }
            let slope = (try loss(5e-3) - loss(-5e-3)) / 1e-2
            _ = try loss(0)
            #expect(abs(slope - length) < 2e-2 * length, "\(parameter.name)")
        }
    }

    @Test("packed rows give the losses and gradients of separate rows")
    func packing() throws {
        let rows: [[Int32]] = [[1, 2, 3, 4, 5, 6, 7], [30, 20], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12]]
        let separate = try example.model(.full), packed = try example.model(.full)
        var losses: [Float] = []
        for ids in rows {
            losses += try separate.evaluateLoss(row(ids))
            _ = try separate.forwardBackward(row(ids))
        }
        let batch = PackedBatch(rows: rows.map { ($0, $0.map { _ in true }) })
        #expect(relativeDifference(try packed.evaluateLoss(batch), losses) < 1e-5)
        _ = try packed.forwardBackward(batch)
        #expect(relativeDifference(gradients(packed), gradients(separate)) < 1e-5)
    }

    @Test("a shared prefix gives the losses and gradients of rows that repeat it")
    func sharedPrefix() throws {
        let prefix: [Int32] = [4, 19, 7, 7, 23], tails: [[Int32]] = [[1, 2, 3], [30, 20, 10, 5], [6]]
        let repeated = try example.model(.full), shared = try example.model(.full)
        let rows = tails.map { tail in
            (ids: prefix + tail, isTarget: prefix.map { _ in false } + tail.map { _ in true })
        }
        // The last prefix token predicts every tail's first token, so each tail starts with a copy of it.
        var batch = PackedBatch(rows: [])
        batch.append(ids: Array(prefix.dropLast()), labels: Array(repeating: -100, count: prefix.count - 1))
        for tail in tails {
            let ids = [prefix[prefix.count - 1]] + tail, start = batch.tokenCount
            batch.append(ids: ids, labels: Array(tail) + [-100])
            batch.segments[batch.segments.count - 1].prefix = 0
            for (offset, index) in (start..<batch.tokenCount).enumerated() {
                batch.positions[index] = Int32(prefix.count - 1 + offset)
            }
        }
        let losses = try repeated.evaluateLoss(PackedBatch(rows: rows))
        #expect(relativeDifference(try shared.evaluateLoss(batch), losses) < 1e-5)
        _ = try repeated.forwardBackward(PackedBatch(rows: rows))
        _ = try shared.forwardBackward(batch)
        #expect(relativeDifference(gradients(shared), gradients(repeated)) < 1e-5)
    }

    @Test("gradients add up over micro-batches and start at zero again")
    func accumulation() throws {
        let model = try example.model(.full)
        _ = try model.forwardBackward(row([1, 2, 3, 4]))
        let first = gradients(model)
        _ = try model.forwardBackward(row([1, 2, 3, 4]))
        #expect(relativeDifference(gradients(model), first.map { 2 * $0 }) < 1e-5)
        model.zeroGradients()
        #expect(gradients(model).allSatisfy { $0 == 0 })
    }

    @Test("equal passes give equal bits, with dropout too", arguments: [0.0, 0.2])
    func reproducible(dropout: Double) throws {
        let settings = LoRASettings(rank: 3, alpha: 6, dropout: dropout)
        let batch = example.batch
        let runs = try (0..<3).map { run in
            let model = try example.model(.adapter(settings))
            let result = try model.forwardBackward(batch, dropoutKey: run == 2 ? 8 : 7)
            return (result, gradients(model))
        }
        #expect(runs[0].0 == runs[1].0)
        #expect(runs[0].1 == runs[1].1)
        #expect((runs[0].1 == runs[2].1) == (dropout == 0))
    }

    @Test("dropout's gradient is the derivative of the loss under the same mask")
    func dropoutGradient() throws {
        let settings = LoRASettings(rank: 3, alpha: 6, dropout: 0.3)
        let model = try example.model(.adapter(settings)), batch = example.batch
        _ = try model.forwardBackward(batch, dropoutKey: 3)
        let before = gradients(model)
        let length = before.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        func loss(_ distance: Double) throws -> Double {
            var index = 0
            for parameter in model.parameters {
                for entry in 0..<parameter.count {
                    parameter.values[entry] += Float(distance * Double(before[index]) / length)
                    index += 1
                }
            }
            return try model.forwardBackward(batch, dropoutKey: 3).lossSum
        }
        let high = try loss(5e-3), low = try loss(-1e-2)
        #expect(abs((high - low) / 1e-2 - length) < 2e-2 * length)
    }

    @Test(
        "only some layers adapted: the others get no factors and the rest is unchanged",
        arguments: [
            ["q_proj", "v_proj"], ["o_proj"], ["up_proj"], ["down_proj"], ["k_proj", "gate_proj"],
        ])
    func someTargets(targets: [String]) throws {
        let all = try example.model(.adapter(LoRASettings(rank: 3, alpha: 6)))
        for parameter in all.parameters where !targets.contains(where: { parameter.name.contains($0) }) {
            parameter.values.update(repeating: 0, count: parameter.count)
        }
        let some = try example.model(.adapter(LoRASettings(rank: 3, alpha: 6, targetModules: targets)))
        let batch = example.batch
        #expect(abs(try all.forwardBackward(batch).lossSum - some.forwardBackward(batch).lossSum) < 1e-3)
        for parameter in some.parameters {
            let twin = try #require(all.parameters.first { $0.name == parameter.name })
            let found = Array(UnsafeBufferPointer(start: try #require(parameter.gradient), count: parameter.count))
            let expected = Array(UnsafeBufferPointer(start: try #require(twin.gradient), count: parameter.count))
            #expect(relativeDifference(found, expected) < 1e-4, "\(parameter.name)")
        }
    }

    @Test("one batch is learnt by heart, in full and by an adapter", arguments: [true, false])
    func overfit(isFull: Bool) throws {
        let model = try example.model(isFull ? .full : .adapter(LoRASettings(rank: 8, alpha: 16)), startingFresh: true)
        let batch = example.batch, optimizer = AdamW()
        let moments = model.parameters.map { (Buffer(.float32, count: $0.count), Buffer(.float32, count: $0.count)) }
        var loss = Double.infinity
        for step in 1...120 {
            model.zeroGradients()
            let result = try model.forwardBackward(batch)
            loss = result.lossSum / Double(result.targetTokens)
            for (parameter, moment) in zip(model.parameters, moments) {
                optimizer.update(
                    parameter.count, step: step, learningRate: 2e-2, weightDecay: 0,
                    gradientScale: 1 / Double(result.targetTokens), gradient: try #require(parameter.gradient),
                    value: parameter.values, firstMoment: moment.0.floats, secondMoment: moment.1.floats)
            }
        }
        // Under an adapter the final norm and the head stay as they are, which bounds the logits and so the loss.
        #expect(loss < (isFull ? 0.01 : 0.25))
    }

    @Test("merged weights answer like base and adapter; the base alone is still there")
    func merged() throws {
        let tuned = try example.model(.adapter(LoRASettings(rank: 3, alpha: 6)))
        var tensors: [String: [Float]] = [:]
        tuned.withMergedTensors { tensor in
            tensors[tensor.name] = Array(UnsafeBufferPointer(start: tensor.values, count: tensor.count))
        }
        let merged = try LlamaModel(
            shape: example.shape, trainable: .none, team: ThreadTeam(threads: 1), maxBatchTokens: 40
        ) { name, _, destination in
            let values = try #require(tensors[name])
            destination.update(from: values, count: values.count)
        }
        let rows = Array(0..<example.batch.tokenCount)
        #expect(relativeDifference(try merged.logits(example.batch, at: rows), example.adapter.logits) < 1e-4)
        tuned.usesAdapter = false
        #expect(relativeDifference(try tuned.logits(example.batch, at: rows), example.full.logits) < 1e-4)
    }

    @Test("a fresh adapter changes nothing")
    func freshAdapter() throws {
        let model = try example.model(.adapter(LoRASettings(rank: 4, alpha: 8)), startingFresh: true)
        let rows = Array(0..<example.batch.tokenCount)
        #expect(relativeDifference(try model.logits(example.batch, at: rows), example.full.logits) < 1e-4)
    }

    @Test("a batch that does not fit is refused with its numbers")
    func refusals() throws {
        let model = try example.model(.none)
        #expect(throws: TransformerError.tooManyTokens(41, limit: 40)) {
            try model.evaluateLoss(row(Array(repeating: 1, count: 41)))
        }
        #expect(throws: TransformerError.unknownToken(37, row: 1, vocabulary: 37)) {
            try model.evaluateLoss(row([1, 37]))
        }
        #expect(throws: TransformerError.positionTooLarge(32, row: 32, limit: 32)) {
            try model.evaluateLoss(row(Array(repeating: 1, count: 33)))
        }
    }
}

@Suite("Many targets at once")
struct ManyTargetsTests {
    /// The output head works in chunks of rows; the last one is shorter and shared out among the threads at other rows. More
    /// threads than processors make some of them fall behind.
    @Test("the losses of a batch longer than a chunk are those of its rows alone, however far one thread is ahead")
    func chunks() throws {
        let shape = ModelShape(
            vocabularySize: 40_000, hiddenSize: 8, intermediateSize: 16, layerCount: 1, attentionHeadCount: 2,
            keyValueHeadCount: 1, headSize: 4, maxPositions: 64, tiedEmbeddings: true)
        func model(threads: Int) -> LlamaModel {
            var generator = CounterGenerator(seed: 3)
            return LlamaModel(
                shape: shape, trainable: .none, team: ThreadTeam(threads: threads), maxBatchTokens: 640
            ) { _, shape, destination in
                for place in 0..<shape.reduce(1, *) { destination[place] = Float(generator.uniform() - 0.5) }
            }
        }
        var rows: [(ids: [Int32], isTarget: [Bool])] = []
        for row in 0..<20 {
            let ids = (0..<32).map { (place: Int) -> Int32 in Int32((place * 37 + row * 911) % 40_000) }
            rows.append((ids, [Bool](repeating: true, count: 32)))
        }
        let alone = model(threads: 1)
        let expected = try rows.flatMap { try alone.evaluateLoss(PackedBatch(rows: [$0])) }
        let together = model(threads: 5)
        for _ in 0..<6 {
            let found = try together.evaluateLoss(PackedBatch(rows: rows))
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 } && found.count == expected.count)
        }
    }
}
