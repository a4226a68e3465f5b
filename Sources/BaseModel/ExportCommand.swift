import ArgumentParser
import FileStore
import ModelFiles
import Plan
import Tensors
import Transformer

/// Writes the trained weights in bf16 beside the tokenizer, as a folder that `transformers` loads too.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the model folder from a finished training or from a checkpoint.")

    @Option(help: "The folder to write; it receives the tokenizer too.") var base = "models/base"
    @Option(help: "The folder the training started from.") var start = ".build/base-model/start"
    @Option(help: "The folder with the trained weights: of the finished run, or one of its checkpoints.") var from =
        ".build/base-model/run/model"

    func run() throws {
        let store = FileStore()
        // A checkpoint has weights only; the rest of the folder is that of the start.
        let whole = from + ".export"
        try store.createFolder(whole)
        defer { try? store.remove(whole) }
        for name in try store.list(start) where name != ModelFolder.weightsName {
            try store.copyFile(start + "/" + name, to: whole + "/" + name)
        }
        try store.copyFile(from + "/" + ModelFolder.weightsName, to: whole + "/" + ModelFolder.weightsName)
        let model = try LlamaModel(
            folder: ModelFolder(path: whole, store: store), trainable: .full, team: ThreadTeam(threads: 1),
            maxBatchTokens: 64)
        try ModelFolder.write(
            to: base, shape: model.shape, tokens: try .practiceModel(tokenizer: start),
            weights: model.outgoingTensors(.bfloat16), copying: start, store: store)
        print("\(base) from \(from)")
    }
}
