import ArgumentParser
import Foundation
import JSONText

/// Writes the training corpus, the held-out probes and the general mix, all from one seed.
struct CorpusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus", abstract: "Write the corpus and the held-out probes.")

    @Option(help: "The folder with the model's recipe.") var base = "models/base"
    @Option(help: "The folder for what is too large to keep.") var work = ".build/base-model"
    @Option(help: "Characters of training text.") var characters = 110_000_000
    @Option(help: "The corpus seed.") var seed: UInt64 = 1

    func run() throws {
        let base = URL(fileURLWithPath: base)
        let work = URL(fileURLWithPath: work)
        let corpus = try Corpus(folder: base.appendingPathComponent("corpus"))
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let probes = base.appendingPathComponent("probes")
        try FileManager.default.createDirectory(at: probes, withIntermediateDirectories: true)

        let knowledge = corpus.knowledgeProbe()
        let held: [(String, [(id: String, row: CorpusRow)])] = [
            ("knowledge", knowledge),
            ("general", knowledge.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)),
            ("passages", corpus.passageProbe(seed: seed + 1_000, count: 300)),
            ("patterns", corpus.patternProbe(seed: seed + 2_000, shots: 3, count: 300)),
        ]
        var heldOut: Set<[String]> = []
        for (name, items) in held {
            var text = ""
            for item in items {
                text += item.row.jsonLine([("id", .string(item.id))])
                heldOut.insert(item.row.prompt)
            }
            try Data(text.utf8).write(to: probes.appendingPathComponent(name + ".jsonl"), options: .atomic)
        }
        try Data(corpus.generalMix(seed: seed + 3_000, rows: 2_000).map { $0.jsonLine() }.joined().utf8)
            .write(to: base.appendingPathComponent("general_mix.jsonl"), options: .atomic)

        let file = work.appendingPathComponent("corpus.jsonl")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        var buffer = Data()
        var rows = 0
        var skipped = 0
        try corpus.forEachTrainingRow(seed: seed, characters: characters) { row in
            if heldOut.contains(row.prompt) {
                skipped += 1
                return
            }
            buffer.append(contentsOf: row.jsonLine().utf8)
            rows += 1
            if buffer.count > 4_000_000 {
                try handle.write(contentsOf: buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try handle.write(contentsOf: buffer)
        print("\(rows) rows in \(file.path), \(skipped) left out because a probe asks them; probes in \(probes.path)")
    }
}
