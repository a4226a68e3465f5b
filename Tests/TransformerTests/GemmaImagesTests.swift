import Foundation
import JSONText
import ModelFiles
import Tensors
import Testing

@testable import Transformer

/// A tiny Gemma 3 that reads images, with what transformers answers to a text (Tests/Oracles/gemma3-images).
@Suite("The language model of a Gemma 3 that reads images")
struct GemmaImagesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/gemma3-images").standardized.path(percentEncoded: false)

    @Test("logits are those of transformers, however it is nested", arguments: ["transformers4", "transformers5"])
    func logits(generation: String) throws {
        let expected = try JSONValue.parse(String(contentsOfFile: Self.folder + "/expected.json", encoding: .utf8))
        let ids = (expected["ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) }
        let folder = try ModelFolder(path: Self.folder + "/" + generation)
        #expect(folder.config.isTextPart)
        #expect(folder.unusedTensors.contains { $0.contains("vision_tower") })
        #expect(!folder.unusedTensors.contains { $0.contains("language_model") })
        let model = try LlamaModel(folder: folder, trainable: .none, team: ThreadTeam(threads: 2), maxBatchTokens: 16)
        let found = try model.logits(PackedBatch(rows: [(ids, ids.map { _ in true })]), at: Array(ids.indices))
        let wanted = (expected["logits"]?.arrayValue ?? []).compactMap { $0.doubleValue.map(Float.init) }
        try #require(found.count == wanted.count)
        #expect((zip(found, wanted).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? .infinity) < 2e-4)
    }
}
