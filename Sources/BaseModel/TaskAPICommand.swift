import ArgumentParser
import Foundation

/// Writes `examples/task-api/data.jsonl`.
struct TaskAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task-api", abstract: "Write the data of examples/task-api.")

    @Option(help: "The folder with the wordings.") var corpus = "models/base/corpus"
    @Option(help: "The data file to write.") var output = "examples/task-api/data.jsonl"
    @Option(help: "Requests per wording.") var rowsPerWording = 8
    @Option(help: "The seed.") var seed: UInt64 = 7

    func run() throws {
        let lines = try TaskAPIExample(folder: URL(fileURLWithPath: corpus)).lines(
            seed: seed, rowsPerWording: rowsPerWording)
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        print("\(lines.count) rows in \(output)")
    }
}
