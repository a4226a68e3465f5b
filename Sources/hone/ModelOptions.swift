import ArgumentParser
import FileStore
import Glibc
import ModelFiles
import Plan
import Tensors
import Tokenization
import Transformer
import Workflows

/// Which model to use, with or without an adapter.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A model folder in Hugging Face layout, or `\(ModelLocation.practiceName)` for the practice model.",
            valueName: "dir"))
    var model = ModelLocation.practiceName

    @Option(help: ArgumentHelp("An adapter folder in PEFT's format, put on the model.", valueName: "dir"))
    var adapter: String?

    @Option(help: "Threads to use.")
    var threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    func validate() throws {
        guard threads > 0 else { throw ValidationError("--threads must be at least 1") }
    }

    /// Files, tokenizer and template, checked; the weights are read by `weights`.
    func open(_ installation: Installation) throws -> OpenedModel {
        let location = try ModelLocation(ModelReference(model), in: installation)
        let folder = try ModelFolder(path: location.path)
        let adapter = try adapter.map { try AdapterFolder(path: $0, shape: folder.shape) }
        try adapter?.require(base: folder)
        return OpenedModel(
            location: location, folder: folder, encoder: try ChatEncoder(folder: location.path, needsTemplate: false),
            adapter: adapter, threads: threads)
    }
}

/// A model whose files were found sound.
struct OpenedModel {
    let location: ModelLocation
    let folder: ModelFolder
    let encoder: ChatEncoder
    let adapter: AdapterFolder?
    let threads: Int

    /// Tokens after which an answer is complete: what the folder says, and the template's end of turn.
    func stopIDs() throws -> Set<Int32> {
        Set(try folder.stopIDs().map { Int32(truncatingIfNeeded: $0) }).union(encoder.stopIDs)
    }

    /// The weights in memory, with room for a batch in which the longest row fits.
    func weights(longestRow: Int) throws -> LlamaModel {
        let trainable = adapter.map { LlamaModel.Trainable.adapter($0.settings) } ?? .none
        let weights = try LlamaModel(
            folder: folder, trainable: trainable, team: ThreadTeam(threads: threads),
            maxBatchTokens: max(longestRow, 2048))
        if let adapter { try weights.loadAdapter(from: adapter) }
        return weights
    }
}
