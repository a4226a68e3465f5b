import Foundation
import JSONText
import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

/// What bitsandbytes stores (Tests/Oracles/nf4).
@Suite("NF4 is that of bitsandbytes")
struct NF4Tests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/nf4").standardized.path(percentEncoded: false)
    private let oracle: JSONValue

    init() throws {
        oracle = try JSONValue.parse(String(contentsOfFile: Self.folder + "/nf4.json", encoding: .utf8))
    }

    private func whole(_ json: JSONValue?) -> [Int] { (json?.arrayValue ?? []).compactMap(\.intValue) }

    private func floats(_ json: JSONValue?, shift: UInt32 = 0) -> [Float] {
        whole(json).map { Float(bitPattern: UInt32($0) << shift) }
    }

    @Test("codes and absmax are the same bytes, and so are those of double quantisation", arguments: [0, 1])
    func bytes(index: Int) throws {
        let example = try #require(oracle["cases"]?[index])
        let weights = floats(example["w"], shift: 16)
        let found = NF4.quantize(weights)
        #expect(found.packed.map(Int.init) == whole(example["packed"]))
        #expect(found.absmax == floats(example["absmax"]))
        let nested = NF4.quantize(absmax: found.absmax)
        #expect(nested.codes.map(Int.init) == whole(example["codes"]))
        #expect(nested.absmax == floats(example["absmax2"]))
        #expect(nested.offset.bitPattern == UInt32(try #require(example["offset"]?.intValue)))
        #expect(NF4.dynamicMap == floats(oracle["map"]))
    }

    @Test("a checkpoint stored in NF4 computes what transformers computes with it")
    func checkpoint() throws {
        let folder = try ModelFolder(path: Self.folder + "/checkpoint")
        #expect(folder.config.isQuantized)
        #expect(folder.unusedTensors.isEmpty)
        let model = try LlamaModel(
            folder: folder, trainable: .none, team: ThreadTeam(threads: 2), maxBatchTokens: 32)
        let ids = whole(oracle["checkpoint"]?["ids"]).map(Int32.init)
        let batch = PackedBatch(rows: [(ids, ids.map { _ in false })])
        let found = try model.logits(batch, at: Array(ids.indices))
        let expected = (oracle["checkpoint"]?["logits"]?.arrayValue ?? []).compactMap { $0.doubleValue.map(Float.init) }
        try #require(found.count == expected.count)
        #expect((zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity) < 2e-4)
    }
}
