import Datasets
import FileStore
import Foundation
import ModelFiles
import Plan
import Testing
import Tokenization

@testable import Workflows

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

@Suite("The base model's own answers as general mix")
struct BaseAnswersTests {
    @Test("requests keep their words, answers are the model's, and there are as many as the share needs")
    func answers() throws {
        let folder = NSTemporaryDirectory() + "hone-answers-" + UUID().uuidString
        defer { try? FileStore().remove(folder) }
        let model = try ModelFolder(path: root + "/models/base"), encoder = try ChatEncoder(folder: model.path)
        let plan = RunPlan(
            model: ModelLocation.practice, method: .lora(), data: DataSettings(paths: ["x"]),
            training: TrainingSettings())
        let general = try DatasetReader().read(paths: [root + "/models/base/general_mix.jsonl"])
        func answering(_ tokens: Int, writes: Bool) throws -> Dataset {
            try BaseAnswers(model: model, encoder: encoder, settings: plan, store: FileStore(), cacheFolder: folder)
                .answering(general, targetTokens: tokens, writes: writes)
        }
        #expect(try answering(200, writes: false).examples.isEmpty)
        let first = try answering(200, writes: true)
        let tokens = first.examples.reduce(0) { $0 + encoder.tokenizer.encode($1.completion).count }
        #expect(tokens >= 200 && tokens < 400)
        #expect(Set(first.examples.map(\.request)).isSubset(of: Set(general.examples.prefix(100).map(\.request))))
        // What is kept answers again, and a smaller share takes the beginning of it.
        #expect(try answering(200, writes: false).examples == first.examples)
        let fewer = try answering(100, writes: false).examples
        #expect(fewer == Array(first.examples.prefix(fewer.count)) && fewer.count < first.examples.count)
    }

    @Test("a share of all target tokens is counted beside those of the task")
    func share() {
        #expect(GeneralMix(source: "x", share: 0.2).targetTokens(beside: 800) == 200)
        #expect(GeneralMix(source: "x", share: 0.5).targetTokens(beside: 800) == 800)
        #expect(GeneralMix(source: "x", share: 0).targetTokens(beside: 800) == 0)
    }
}
