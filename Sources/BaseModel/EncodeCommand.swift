import ArgumentParser
import Foundation
import Tokenization

/// Encodes the corpus and the probes once, so that training and resuming read ids only.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Encode the corpus and the probes.")

    @Option(help: "The folder of the model.") var base = "models/base"
    @Option(help: "The folder with corpus.jsonl.") var work = ".build/base-model"

    func run() throws {
        let work = URL(fileURLWithPath: work)
        let probes = URL(fileURLWithPath: base).appendingPathComponent("probes")
        let encoder = try ChatEncoder(folder: base)
        var sources = [("corpus", work.appendingPathComponent("corpus.jsonl"))]
        sources += TrainCommand.probes.map { ($0, probes.appendingPathComponent($0 + ".jsonl")) }
        for (name, source) in sources {
            var data = Data()
            for messages in try JSONLines(source).conversations {
                let row = try encoder.encode(messages: messages)
                data.append(TokenStream.stored(ids: row.ids, isTarget: row.isTarget))
            }
            try data.write(to: work.appendingPathComponent(name + ".tokens"), options: .atomic)
        }
    }
}
