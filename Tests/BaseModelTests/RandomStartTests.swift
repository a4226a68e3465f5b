import FileStore
import Foundation
import ModelFiles
import Tensors
import Testing
import Transformer

@testable import base_model

@Suite("The practice model before its first step")
struct RandomStartTests {
    private static let tokenizer = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../models/base").standardizedFileURL.path

    private func written(seed: UInt64, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try RandomStart(seed: seed).write(to: folder, tokenizer: Self.tokenizer, store: FileStore())
        try body(folder)
    }

    @Test("a text that comes a second time surprises it less, so copying need not be found by chance")
    func looksBack() throws {
        try written(seed: 1) { folder in
            let model = try LlamaModel(
                folder: ModelFolder(path: folder), trainable: .none, team: ThreadTeam(threads: 1), maxBatchTokens: 128)
            var random = CorpusRandom(seed: 3), first = 0.0, second = 0.0
            for _ in 0..<8 {
                let text = (0..<60).map { _ in Int32(random.whole(300...4000)) }, row = text + text
                let losses = try model.evaluateLoss(PackedBatch(rows: [(row, row.map { _ in true })])).map(Double.init)
                // The first token of a row is no target, so losses 0 to 58 are the first text.
                first += losses[..<59].reduce(0, +) / 59
                second += losses[60...].reduce(0, +) / Double(losses.count - 60)
            }
            #expect(second / 8 < first / 8 - 0.4)
        }
    }

    @Test("one seed gives one start, another seed another")
    func seeded() throws {
        func weights(_ seed: UInt64) throws -> Data {
            var data = Data()
            try written(seed: seed) { data = try Data(contentsOf: URL(fileURLWithPath: $0 + "/model.safetensors")) }
            return data
        }
        let first = try weights(1)
        #expect(try weights(1) == first)
        #expect(try weights(2) != first)
    }
}
