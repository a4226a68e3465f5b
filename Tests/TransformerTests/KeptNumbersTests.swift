import Foundation
import Plan
import Tensors
import Testing

@testable import Transformer

@Suite("Number formats and memory of training change what is kept, not what is learnt")
struct KeptNumbersTests {
    let example: LlamaOracle.Case

    init() throws { example = try LlamaOracle.load().cases[1] }

    private func gradients(_ model: LlamaModel) -> [Float] {
        model.parameters.flatMap { parameter in
            parameter.gradient.map { Array(UnsafeBufferPointer(start: $0, count: parameter.count)) } ?? []
        }
    }

    @Test(
        "in bfloat16 losses, logits and gradients are those of float32, up to the rounding of what products read",
        arguments: [(0.0, false), (0.3, false), (0.0, true)])
    func bfloat16(dropout: Double, useDoRA: Bool) throws {
        var settings = LoRASettings(rank: example.adapter.rank, alpha: example.adapter.alpha, dropout: dropout)
        settings.useDoRA = useDoRA
        let exact = try example.model(.adapter(settings), startingFresh: true)
        let narrow = try example.model(.adapter(settings), precision: .bf16, startingFresh: true)
        // A fresh B is zero, and with it the gradient of A: a step makes both factors count.
        for model in [exact, narrow] {
            for (number, parameter) in model.parameters.enumerated() where parameter.name.contains("lora_B") {
                for index in 0..<parameter.count { parameter.values[index] = 0.02 * sin(Float(index + number)) }
            }
            model.adapterChanged()
        }
        let losses = try [exact, narrow].map { try $0.evaluateLoss(example.batch).reduce(0, +) }
        #expect(abs(losses[1] - losses[0]) < 5e-3 * losses[0])
        for model in [exact, narrow] { _ = try model.forwardBackward(example.batch, dropoutKey: 5) }
        for (one, other) in zip(exact.parameters, narrow.parameters) {
            let expected = try values(one.gradient, one.count), found = try values(other.gradient, other.count)
            let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let distance = zip(expected, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            // Sums over 24 numbers average little of the rounding away: up to 4 %. A forgotten term would be tens of them.
            #expect(distance < 6e-2 * length, "\(one.name)")
        }
        let rows = [0, example.batch.tokenCount - 1]
        #expect(
            relativeDifference(try narrow.logits(example.batch, at: rows), try exact.logits(example.batch, at: rows))
                < 2e-2)
    }

    @Test("weights kept in NF4 train like the same weights in bfloat16, bit for bit", arguments: [false, true])
    func quantized(doubleQuant: Bool) throws {
        let settings = LoRASettings(rank: example.adapter.rank, alpha: example.adapter.alpha)
        let narrow = try example.model(.adapter(settings), precision: .bf16)
        var values: [String: [Float]] = [:]
        for tensor in narrow.baseTensors {
            values[tensor.name] = [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                tensor.load(0..<tensor.count, into: start)
                count = tensor.count
            }
        }
        func model(_ quantization: Quantization?) throws -> LlamaModel {
            let model = try LlamaModel(
                shape: example.shape, trainable: .adapter(settings), precision: .bf16, quantization: quantization,
                team: ThreadTeam(threads: 2), maxBatchTokens: 40
            ) { name, _, destination in
                let numbers = try #require(values[name])
                destination.update(from: numbers, count: numbers.count)
            }
            try model.loadAdapter { name, _, destination in
                let numbers = try #require(example.adapter.values[name])
                destination.update(from: numbers, count: numbers.count)
            }
            return model
        }
        let quantized = try model(Quantization(doubleQuant: doubleQuant))
        for tensor in quantized.baseTensors {
            values[tensor.name]?.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                tensor.load(0..<tensor.count, into: start)
            }
        }
        let written = try model(nil)
        let losses = try [quantized, written].map { try $0.forwardBackward(example.batch).lossSum }
        #expect(losses[0] == losses[1])
        #expect(gradients(quantized) == gradients(written))
        #expect(try narrow.forwardBackward(example.batch).lossSum != losses[0])
        let ids = try [quantized, written].map { model in
            try Generator(model: model).generate(prompts: [[1, 2, 3]], limit: 6, stopIDs: []).map(\.ids)
        }
        #expect(ids[0] == ids[1])
    }

    private func values(_ start: Floats?, _ count: Int) throws -> [Float] {
        Array(UnsafeBufferPointer(start: try #require(start), count: count))
    }

    @Test(
        "activations computed again give the same bits as activations kept",
        arguments: [(true, 0.0, Precision.fp32), (false, 0.2, .fp32), (false, 0, .bf16)])
    func recomputing(isFull: Bool, dropout: Double, precision: Precision) throws {
        let settings = LoRASettings(rank: example.adapter.rank, alpha: example.adapter.alpha, dropout: dropout)
        let trainable: LlamaModel.Trainable = isFull ? .full : .adapter(settings)
        let kept = try example.model(trainable, precision: precision)
        let again = try example.model(trainable, precision: precision, recomputes: true)
        #expect(again.layout.byteCount < kept.layout.byteCount)
        for key in [1, 2] as [UInt64] {
            let losses = try [kept, again].map { try $0.forwardBackward(example.batch, dropoutKey: key).lossSum }
            #expect(losses[0] == losses[1])
        }
        #expect(gradients(kept) == gradients(again))
        #expect(try kept.evaluateLoss(example.batch) == again.evaluateLoss(example.batch))
    }
}
