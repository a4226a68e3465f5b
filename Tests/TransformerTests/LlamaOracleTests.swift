import Foundation
import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

/// A tiny random Llama whose logits, losses and gradients were computed by transformers (Tests/Oracles/llama).
struct LlamaOracle: Decodable {
    struct Row: Decodable { let ids: [Int32], isTarget: [Bool] }
    struct Full: Decodable { let loss: Double, logits: [Float], gradients: [String: [Float]] }
    struct Adapter: Decodable {
        let rank: Int, alpha: Double, loss: Double
        let values: [String: [Float]], logits: [Float], gradients: [String: [Float]]
    }
    struct Case: Decodable {
        let tied: Bool, rows: [Row], weights: [String: [Float]], full: Full, adapter: Adapter

        var shape: ModelShape {
            ModelShape(
                vocabularySize: 37, hiddenSize: 24, intermediateSize: 40, layerCount: 2, attentionHeadCount: 4,
                keyValueHeadCount: 2, headSize: 6, maxPositions: 32, tiedEmbeddings: tied)
        }
        var batch: PackedBatch { PackedBatch(rows: rows.map { ($0.ids, $0.isTarget) }) }

        /// With the oracle's adapter values, or a fresh adapter.
        func model(
            _ trainable: LlamaModel.Trainable, precision: Precision = .fp32, recomputes: Bool = false, threads: Int = 2,
            maxBatchTokens: Int = 40, startingFresh: Bool = false
        ) throws -> LlamaModel {
            let model = try LlamaModel(
                shape: shape, trainable: trainable, precision: precision, recomputes: recomputes,
                team: ThreadTeam(threads: threads), maxBatchTokens: maxBatchTokens
            ) { name, shape, destination in
                let values = try #require(weights[name], "\(name)")
                try #require(values.count == shape.reduce(1, *), "\(name)")
                for (index, value) in values.enumerated() { destination[index] = value }
            }
            if startingFresh {
                model.startAdapter(seed: 42)
            } else if case .adapter = trainable {
                try model.loadAdapter { name, _, destination in
                    let values = try #require(adapter.values[name], "\(name)")
                    destination.update(from: values, count: values.count)
                }
            }
            return model
        }
    }
    let cases: [Case]

    static func load() throws -> LlamaOracle {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Oracles/llama/oracle.json")
        return try JSONDecoder().decode(LlamaOracle.self, from: Data(contentsOf: file))
    }
}

/// The largest difference, relative to the largest expected entry.
func relativeDifference(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let scale = max(expected.map(abs).max() ?? 0, 1e-6)
    return (zip(found, expected).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0) / scale
}

@Suite("A tiny Llama agrees with transformers")
struct LlamaOracleTests {
    let oracle: LlamaOracle

    init() throws { oracle = try LlamaOracle.load() }

    @Test("logits, loss and every gradient of full training", arguments: [0, 1], [1, 2, 3])
    func full(caseIndex: Int, threads: Int) throws {
        let example = oracle.cases[caseIndex]
        let model = try example.model(.full, threads: threads)
        let logits = try model.logits(example.batch, at: Array(0..<example.batch.tokenCount))
        #expect(relativeDifference(logits, example.full.logits) < 1e-4)
        let result = try model.forwardBackward(example.batch)
        #expect(abs(result.lossSum - example.full.loss) < 1e-4 * example.full.loss)
        #expect(result.targetTokens == example.batch.targetCount)
        #expect(Set(model.parameters.map(\.name)) == Set(example.full.gradients.keys))
        for parameter in model.parameters {
            let expected = try #require(example.full.gradients[parameter.name])
            let gradient = try #require(parameter.gradient)
            let found = Array(UnsafeBufferPointer(start: gradient, count: parameter.count))
            #expect(relativeDifference(found, expected) < 1e-4, "\(parameter.name)")
        }
    }

    @Test("logits, loss and every gradient of an adapter on all linear layers", arguments: [0, 1], [1, 2])
    func adapter(caseIndex: Int, threads: Int) throws {
        let example = oracle.cases[caseIndex]
        let settings = LoRASettings(rank: example.adapter.rank, alpha: example.adapter.alpha)
        let model = try example.model(.adapter(settings), threads: threads)
        let logits = try model.logits(example.batch, at: Array(0..<example.batch.tokenCount))
        #expect(relativeDifference(logits, example.adapter.logits) < 1e-4)
        let result = try model.forwardBackward(example.batch)
        #expect(abs(result.lossSum - example.adapter.loss) < 1e-4 * example.adapter.loss)
        #expect(Set(model.parameters.map(\.name)) == Set(example.adapter.gradients.keys))
        for parameter in model.parameters {
            let expected = try #require(example.adapter.gradients[parameter.name])
            let gradient = try #require(parameter.gradient)
            let found = Array(UnsafeBufferPointer(start: gradient, count: parameter.count))
            #expect(relativeDifference(found, expected) < 1e-4, "\(parameter.name)")
        }
    }
}
