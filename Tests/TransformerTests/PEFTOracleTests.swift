import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

/// Adapters as PEFT saves them, with what it computes with them (Tests/Oracles/peft).
private struct PEFTOracle {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/peft").standardized.path(percentEncoded: false)

    let base: ModelFolder
    let adapter: AdapterFolder
    let ids: [Int32]
    let expected: JSONValue

    init(_ kind: String) throws {
        base = try ModelFolder(path: FamilyOracle.folder + "/qwen2-window")
        adapter = try AdapterFolder(path: Self.folder + "/" + kind, shape: base.shape)
        let json = try JSONValue.parse(String(contentsOfFile: Self.folder + "/expected.json", encoding: .utf8))
        ids = (json["ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) }
        expected = try #require(json["kinds"]?[kind])
    }

    var batch: PackedBatch {
        PackedBatch(rows: [(ids, ids.map { _ in true })])
    }

    func model(threads: Int = 2) throws -> LlamaModel {
        let model = try LlamaModel(
            folder: base, trainable: .adapter(adapter.settings), team: ThreadTeam(threads: threads), maxBatchTokens: 32)
        try model.loadAdapter(from: adapter)
        return model
    }

    /// The length of what PEFT found under `name`, and its sum against a fixed pattern.
    func pattern(_ part: String, _ name: String) -> (length: Double, sum: Double)? {
        guard let pair = expected[part]?[name] else { return nil }
        return (pair[0]?.doubleValue ?? .nan, pair[1]?.doubleValue ?? .nan)
    }
}

private func pattern(_ values: UnsafeBufferPointer<Float>) -> (length: Double, sum: Double) {
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let sum = values.enumerated().reduce(0.0) { $0 + Double($1.element) * cos(0.7 * Double($1.offset) + 0.3) }
    return (squares.squareRoot(), sum)
}

@Suite("Adapters of every kind agree with PEFT")
struct PEFTOracleTests {
    static let kinds = ["dora", "patterns", "saved", "norms", "expression"]

    @Test("logits and loss are those of PEFT", arguments: kinds)
    func logits(kind: String) throws {
        let oracle = try PEFTOracle(kind), model = try oracle.model()
        let found = try model.logits(oracle.batch, at: Array(oracle.ids.indices))
        let expected = (oracle.expected["logits"]?.arrayValue ?? []).compactMap { $0.doubleValue.map(Float.init) }
        try #require(found.count == expected.count)
        let worst = zip(found, expected).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
        #expect(worst < 2e-4)
        let loss = try model.evaluateLoss(oracle.batch).reduce(0) { $0 + Double($1) }
        #expect(abs(loss - (oracle.expected["loss"]?.doubleValue ?? .nan)) < 1e-4 * loss)
    }

    @Test("every gradient is that of PEFT", arguments: kinds, [1, 3])
    func gradients(kind: String, threads: Int) throws {
        let oracle = try PEFTOracle(kind), model = try oracle.model(threads: threads)
        _ = try model.forwardBackward(oracle.batch)
        #expect(model.parameters.count == oracle.expected["gradients"]?.objectValue?.count)
        for parameter in model.parameters {
            let expected = try #require(oracle.pattern("gradients", parameter.name), "\(parameter.name)")
            let gradient = UnsafeBufferPointer(start: try #require(parameter.gradient), count: parameter.count)
            let found = pattern(gradient)
            #expect(abs(found.length - expected.length) < 1e-3 * expected.length, "\(parameter.name)")
            #expect(abs(found.sum - expected.sum) < 1e-3 * expected.length, "\(parameter.name)")
        }
    }

    @Test("without its adapter a model has the base's modules again, whatever the adapter brings whole")
    func withoutAdapter() throws {
        let oracle = try PEFTOracle("saved"), model = try oracle.model()
        let base = try LlamaModel(
            folder: oracle.base, trainable: .none, team: ThreadTeam(threads: 2), maxBatchTokens: 32)
        let tuned = try model.evaluateLoss(oracle.batch)
        model.usesAdapter = false
        #expect(try model.evaluateLoss(oracle.batch) == base.evaluateLoss(oracle.batch))
        model.usesAdapter = true
        #expect(try model.evaluateLoss(oracle.batch) == tuned)
    }

    @Test("merged weights are those of PEFT", arguments: kinds)
    func merging(kind: String) throws {
        let oracle = try PEFTOracle(kind), model = try oracle.model()
        model.withMergedTensors { tensor in
            guard let expected = oracle.pattern("merged", tensor.name) else { return }
            let found = pattern(UnsafeBufferPointer(start: tensor.values, count: tensor.count))
            #expect(abs(found.length - expected.length) < 1e-5 * expected.length, "\(tensor.name)")
            #expect(abs(found.sum - expected.sum) < 1e-5 * expected.length, "\(tensor.name)")
        }
    }

    @Test("a merged folder holds the sums in the base's number format, rounded once", arguments: kinds)
    func mergedFolder(kind: String) throws {
        let oracle = try PEFTOracle(kind), model = try oracle.model()
        let path = NSTemporaryDirectory() + "hone-merged-" + UUID().uuidString
        defer { try? FileStore().remove(path) }
        let merge = AdapterMerge(base: oracle.base, adapter: oracle.adapter)
        try ModelFolder.write(
            to: path, shape: oracle.base.shape, tokens: .init(bos: 1, eos: [2], pad: 0), weights: try merge.tensors(),
            config: oracle.base.config)
        let merged = try ModelFolder(path: path)
        #expect(merged.shape == oracle.base.shape)
        try model.withMergedTensors { tensor in
            let stored = try merged.tensor(tensor.name)
            #expect(stored.elementType == .bfloat16)
            let values = UnsafeBufferPointer(start: tensor.values, count: tensor.count)
            let expected = try #require(ElementType.bfloat16.bytes(of: values))
            #expect(stored.withBytes { Array($0) } == expected, "\(tensor.name)")
        }
    }

    @Test("a fresh adapter with DoRA changes nothing")
    func freshDoRA() throws {
        let oracle = try PEFTOracle("dora")
        let fresh = try LlamaModel(
            folder: oracle.base, trainable: .adapter(oracle.adapter.settings), team: ThreadTeam(threads: 2),
            maxBatchTokens: 32)
        fresh.startAdapter(seed: 3)
        let found = try fresh.evaluateLoss(oracle.batch)
        fresh.usesAdapter = false
        for (tuned, base) in zip(found, try fresh.evaluateLoss(oracle.batch)) { #expect(abs(tuned - base) < 1e-5) }
    }

    @Test("an adapter whose B factors are zero, or that was trained on other weights, is refused")
    func refusals() throws {
        let oracle = try PEFTOracle("expression")
        let path = NSTemporaryDirectory() + "hone-adapter-" + UUID().uuidString
        defer { try? FileStore().remove(path) }
        let model = try LlamaModel(
            folder: oracle.base, trainable: .adapter(oracle.adapter.settings), team: ThreadTeam(threads: 1),
            maxBatchTokens: 8)
        model.startAdapter(seed: 3)
        func write(_ fingerprint: String?) throws -> AdapterFolder {
            try AdapterFolder.write(
                to: path, settings: oracle.adapter.settings, baseModel: "base", fingerprint: fingerprint,
                weights: model.outgoingTensors())
            return try AdapterFolder(path: path, shape: oracle.base.shape)
        }
        #expect(throws: ModelFileError.adapterChangesNothing(path: path)) { try write(nil).require(base: oracle.base) }
        #expect(throws: ModelFileError.otherBase(path: path, base: oracle.base.path, trainedOn: "base")) {
            try write("0123").require(base: oracle.base)
        }
        let dora = try PEFTOracle("dora"), saved = try PEFTOracle("saved")
        for oracle in [dora, saved] {
            let fresh = try LlamaModel(
                folder: oracle.base, trainable: .adapter(oracle.adapter.settings), team: ThreadTeam(threads: 1),
                maxBatchTokens: 8)
            fresh.startAdapter(seed: 3)
            func written() throws -> AdapterFolder {
                try AdapterFolder.write(
                    to: path, settings: oracle.adapter.settings, baseModel: "base", weights: fresh.outgoingTensors())
                return try AdapterFolder(path: path, shape: oracle.base.shape)
            }
            #expect(throws: ModelFileError.adapterChangesNothing(path: path)) {
                try written().require(base: oracle.base)
            }
            let last = try #require(fresh.parameters.last)
            last.values[0] += 1
            try written().require(base: oracle.base)
        }
        for parameter in model.parameters { parameter.values[0] = 1 }
        try write(try oracle.base.fingerprint().hex).require(base: oracle.base)
    }
}
