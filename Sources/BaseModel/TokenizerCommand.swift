import ArgumentParser
import Foundation
import JSONText
import ModelFiles
import Tokenization

/// Learns the tokenizer from the corpus and writes it with its settings and the chat template.
struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer", abstract: "Learn the tokenizer from the corpus.")

    @Option(help: "The folder of the model.") var base = "models/base"
    @Option(help: "The folder with corpus.jsonl.") var work = ".build/base-model"

    static let padding = "<|endoftext|>"
    static let endOfTurn = "<|im_end|>"
    static let specialTokens = [padding, "<|im_start|>", endOfTurn]

    func run() throws {
        // From the corpus alone: a token the model never writes in training is one an adapter cannot teach it to write.
        let corpus = try JSONLines(URL(fileURLWithPath: work).appendingPathComponent("corpus.jsonl"))
        var texts = corpus.conversations.flatMap { $0.compactMap { $0["content"]?.stringValue } }
        // The template writes a role before every message, and texts hardly ever do: the roles are counted as often.
        let roles = ["system\n", "user\n", "assistant\n"]
        texts += (0..<50_000).flatMap { _ in roles }
        let vocabulary = BytePairTrainer(
            vocabularySize: ModelShape.practiceModel.vocabularySize, specialTokens: Self.specialTokens
        ).train(on: texts)
        try vocabulary.write(
            to: base, roles: .init(endOfSequence: Self.endOfTurn, padding: Self.padding),
            maxLength: ModelShape.practiceModel.maxPositions, chatTemplate: ChatTemplate.chatML)
    }
}

/// The values of a JSONL file.
struct JSONLines {
    let values: [JSONValue]

    init(_ file: URL) throws {
        values = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONValue.parse(String($0))
        }
    }

    /// The messages of every line.
    var conversations: [[JSONValue]] { values.map { $0["messages"]?.arrayValue ?? [] } }
}
