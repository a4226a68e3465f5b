import Datasets
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Tensors
import Tokenization
import Transformer

/// The base model's own answers to general requests, for the general mix of a model that brings no general data.
///
/// What the base says today is what it should still say after training. Answers are written once and kept in the cache,
/// by model, template and requests; equal plans get equal rows, whatever the cache held before.
struct BaseAnswers {
    private let model: ModelFolder
    private let encoder: ChatEncoder
    private let settings: RunPlan
    private let store: FileStore
    private let cache: String?
    private let identity: String
    /// Tokens of an answer; one that needs more is left out.
    private let limit: Int

    /// - Parameter cacheFolder: Where answers are kept; nil for the place the environment names.
    init(
        model: ModelFolder, encoder: ChatEncoder, settings: RunPlan, store: FileStore, cacheFolder: String? = nil
    ) throws {
        self.model = model
        self.encoder = encoder
        self.settings = settings
        self.store = store
        let weights = try model.fingerprint(store: store).hex
        limit = max(settings.evaluation.maxNewTokens, EvaluationSettings().maxNewTokens)
        identity = Fingerprint(of: "\(weights) \(encoder.fingerprint) \(limit)").short
        let environment = ProcessInfo.processInfo.environment
        if let cacheFolder {
            cache = cacheFolder
        } else if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
            cache = folder + "/hone/base-answers"
        } else {
            cache = environment["HOME"].map { $0 + "/.cache/hone/base-answers" }
        }
    }

    /// The first requests of `requests` with the base model's answers, as many as hold `targetTokens` tokens of answer.
    ///
    /// - Parameter writes: Write those that are missing, which takes time; otherwise what is kept has to do.
    func answering(_ requests: Dataset, targetTokens: Int, writes: Bool) throws -> Dataset {
        let asked = requests.examples.filter { !$0.prompt.isEmpty }
        let fingerprint = Fingerprint(of: asked.map(\.request).joined(separator: "\n")).short
        let file = cache.map { "\($0)/\(identity)-\(fingerprint).json" }
        var answers = file.map(stored(in:)) ?? []
        if writes, tokens(answers) < targetTokens, answers.count < asked.count {
            let held = answers.count
            try generate(for: asked, until: targetTokens, into: &answers)
            if answers.count > held, let file { try keep(answers, in: file) }
        }
        var result = requests, total = 0
        result.examples = []
        for (example, answer) in zip(asked, answers) where total < targetTokens {
            total += encoder.tokenizer.encode(answer).count
            guard !answer.isEmpty else { continue }
            var row = example
            row.body = .chat(example.prompt + [ChatMessage(role: .assistant, content: answer)])
            result.examples.append(row)
        }
        return result
    }

    private func generate(for asked: [Example], until targetTokens: Int, into answers: inout [String]) throws {
        let prompts = try asked.map { example in
            try encoder.promptIDs(
                messages: example.prompt.map(\.json), tools: example.tools.isEmpty ? nil : example.tools)
        }
        let weights = try LlamaModel(
            folder: model, trainable: .none, precision: settings.decodingFormat.precision,
            quantization: settings.decodingFormat.quantization, team: ThreadTeam(threads: settings.training.threads),
            maxBatchTokens: max(2048, prompts.map(\.count).max() ?? 0))
        let generator = Generator(model: weights), stops = Set(try model.stopIDs().map(Int32.init))
        while tokens(answers) < targetTokens, answers.count < asked.count {
            let piece = prompts[answers.count..<min(prompts.count, answers.count + Self.piece)]
            let texts = try generator.generate(
                prompts: Array(piece), limit: limit, stopIDs: stops)
            // An answer that was cut off would teach to stop in the middle of a sentence.
            answers += texts.map {
                $0.finish == .stop ? encoder.tokenizer.decode($0.ids, skipSpecialTokens: true) : ""
            }
        }
    }

    private static let piece = 64

    private func tokens(_ answers: [String]) -> Int {
        answers.reduce(0) { $0 + encoder.tokenizer.encode($1).count }
    }

    /// A torn file counts as none: the answers are written anew.
    private func stored(in file: String) -> [String] {
        guard let bytes = try? store.read(file), let list = try? JSONValue.parse(utf8: bytes).arrayValue else {
            return []
        }
        return list.compactMap(\.stringValue)
    }

    private func keep(_ answers: [String], in file: String) throws {
        try store.createFolder(FileStore.folder(of: file))
        try store.write(JSONValue.array(answers.map(JSONValue.string)).text() + "\n", to: file)
    }
}
