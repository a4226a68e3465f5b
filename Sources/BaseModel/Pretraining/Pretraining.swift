import Foundation
import ModelFiles
import Tensors
import Training
import Transformer

/// Training of every weight from random values, over packed rows of a token stream.
final class Pretraining {
    /// Where a run stands, stored with weights and moments so that it resumes exactly.
    struct State: Codable {
        var step = 0
        var row = 0
        var tokens = 0
        var seconds = 0.0
    }

    let model: LlamaModel
    private(set) var state = State()
    private let optimizer: Optimizer
    private let maxGradNorm = 1.0

    init(shape: ModelShape, seed: UInt64, threads: Int, maxBatchTokens: Int) {
        var random = CorpusRandom(seed: seed)
        let depth = Double(2 * shape.layerCount).squareRoot()
        model = LlamaModel(
            shape: shape, trainable: .full, team: ThreadTeam(threads: threads), maxBatchTokens: maxBatchTokens
        ) { name, dimensions, values in
            let count = dimensions.reduce(1, *)
            // Norms start at one; what writes into the residual stream starts smaller the deeper the model (GPT-2).
            let isNorm = name.contains("norm")
            let spread = name.hasSuffix("o_proj.weight") || name.hasSuffix("down_proj.weight") ? 0.02 / depth : 0.02
            for index in 0..<count { values[index] = isNorm ? 1 : Float(random.normal() * spread) }
        }
        optimizer = Optimizer(
            parameters: model.parameters, adam: AdamW(beta1: 0.9, beta2: 0.95, epsilon: 1e-8), weightDecay: 0.05,
            team: model.team)
    }

    /// One optimizer step on one packed batch: loss per target token and the gradient's norm before clipping.
    func step(_ rows: [TokenStream.Row], learningRate: Double) throws -> (loss: Double, gradNorm: Double, targets: Int)
    {
        let batch = PackedBatch(rows: rows)
        model.zeroGradients()
        let result = try model.forwardBackward(batch)
        guard result.targetTokens > 0 else { return (0, 0, 0) }
        let mean = 1 / Double(result.targetTokens)
        let norm = optimizer.gradientNorm() * mean
        state.step += 1
        state.tokens += batch.tokenCount
        optimizer.update(
            step: state.step, learningRate: learningRate, gradientScale: mean * min(1, maxGradNorm / max(norm, 1e-12)))
        return (result.lossSum * mean, norm, result.targetTokens)
    }

    func advance(row: Int, seconds: Double) {
        state.row = row
        state.seconds += seconds
    }

    /// How many rows have every token of their last answer as the most likely one: what greedy decoding would
    /// reproduce exactly.
    func exactMatches(_ rows: [TokenStream.Row]) throws -> Int {
        var exact = 0
        for row in rows where row.ids.count <= model.maxBatchTokens {
            let last = row.isTarget.lastIndex(of: true) ?? 0
            let first = (row.isTarget[..<last].lastIndex(of: false) ?? -1) + 1
            let places = (first...last).map { $0 - 1 }
            let logits = try model.logits(PackedBatch(rows: [row]), at: places)
            let width = model.shape.vocabularySize
            let isExact = logits.withUnsafeBufferPointer { logits in
                guard let base = logits.baseAddress else { return false }
                return places.enumerated().allSatisfy { index, place in
                    Kernels.argmax(width, base + index * width) == Int(row.ids[place + 1])
                }
            }
            if isExact { exact += 1 }
        }
        return exact
    }

    /// State as a line of JSON, then values and both moments of every parameter, as raw float32.
    func save(to file: URL) throws {
        var data = try JSONEncoder().encode(state)
        data.append(UInt8(ascii: "\n"))
        for slot in optimizer.slots {
            for floats in [slot.parameter.values, slot.firstMoment, slot.secondMoment] {
                data.append(UnsafeBufferPointer(start: floats, count: slot.parameter.count))
            }
        }
        try data.write(to: file, options: .atomic)
    }

    func load(from file: URL) throws {
        let data = try Data(contentsOf: file)
        guard let end = data.firstIndex(of: UInt8(ascii: "\n")) else {
            throw PretrainingError.notACheckpoint(file.path)
        }
        state = try JSONDecoder().decode(State.self, from: data[..<end])
        let expected = model.parameters.reduce(0) { $0 + $1.count } * 12 + end + 1
        guard data.count == expected else { throw PretrainingError.notACheckpoint(file.path) }
        var offset = end + 1
        data.withUnsafeBytes { bytes in
            for slot in optimizer.slots {
                for floats in [slot.parameter.values, slot.firstMoment, slot.secondMoment] {
                    let size = slot.parameter.count * 4
                    let stored = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size])
                    UnsafeMutableRawBufferPointer(start: floats, count: size).copyMemory(from: stored)
                    offset += size
                }
            }
        }
    }
}

enum PretrainingError: Error {
    case notACheckpoint(String)
}
