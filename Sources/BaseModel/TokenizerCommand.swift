import ArgumentParser
import Foundation
import JSONText
import Tokenization

/// Learns the tokenizer from the corpus and writes `tokenizer.json`; the template and settings beside it are kept files.
struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tokenizer", abstract: "Learn the tokenizer from the corpus.")

    @Option(help: "The folder of the model.") var base = "models/base"
    @Option(help: "The folder with corpus.jsonl.") var work = ".build/base-model"
    @Option(help: "Rows of data whose notation should have tokens of its own.") var notation = "examples/task-api/data.jsonl"

    static let specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

    func run() throws {
        let files = [URL(fileURLWithPath: work).appendingPathComponent("corpus.jsonl"), URL(fileURLWithPath: notation)]
        var texts: [String] = []
        for file in files {
            for row in try RowFile(file).rows { texts += row.compactMap { $0["content"]?.stringValue } }
        }
        // The template writes a role before every message, and texts hardly ever do: the roles are counted as often.
        let roles = ["system\n", "user\n", "assistant\n"]
        texts += (0..<50_000).flatMap { _ in roles }
        let trainer = BytePairTrainer(vocabularySize: 4096, specialTokens: Self.specialTokens)
        try Data(trainer.train(on: texts).utf8)
            .write(to: URL(fileURLWithPath: base).appendingPathComponent("tokenizer.json"), options: .atomic)
    }
}

/// The messages of every line of a JSONL file.
struct RowFile {
    let rows: [[JSONValue]]

    init(_ file: URL) throws {
        rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            try JSONValue.parse(String(line))["messages"]?.arrayValue ?? []
        }
    }
}
