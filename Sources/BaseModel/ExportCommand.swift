import ArgumentParser
import Foundation
import ModelFiles
import Plan
import Tokenization
import Transformer

/// Writes the trained weights in bf16 beside the tokenizer, as a folder that `transformers` loads too.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the model folder from the last checkpoint.")

    @Option(help: "The folder of the model; it holds the tokenizer already.") var base = "models/base"
    @Option(help: "The folder of the checkpoint.") var work = ".build/base-model"

    func run() throws {
        let training = Pretraining(shape: .practiceModel, seed: 0, threads: 1, maxBatchTokens: 64)
        try training.load(from: URL(fileURLWithPath: work).appendingPathComponent("checkpoint.bin"))
        let tokenizer = try Tokenizer(folder: base)
        let ids = [TokenizerCommand.endOfTurn, TokenizerCommand.padding].map {
            tokenizer.id(ofToken: $0).map { Int($0) }
        }
        try ModelFolder.write(
            to: base, shape: .practiceModel, tokens: .init(bos: nil, eos: ids[0].map { [$0] } ?? [], pad: ids[1]),
            weights: training.model.outgoingTensors(.bfloat16))
        print("\(base) after \(training.state.step) steps on \(training.state.tokens) tokens")
    }
}
