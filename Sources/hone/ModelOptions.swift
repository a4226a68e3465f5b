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
            "A model folder in Hugging Face layout, a GGUF file, or `\(ModelLocation.practiceName)` for the practice model.",
            valueName: "dir"))
    var model = ModelLocation.practiceName

    @Option(
        help: ArgumentHelp("An adapter folder in PEFT's format, or a GGUF adapter, put on the model.", valueName: "dir")
    )
    var adapter: String?

    @Option(help: "Threads to use.")
    var threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    func validate() throws {
        guard threads > 0 else { throw ValidationError("--threads must be at least 1") }
    }

    /// Files, tokenizer and template, checked; the weights are read by `weights`.
    func open(_ installation: Installation) throws -> OpenedModel {
        if FileStore().isFile(model) { return try openGGUF() }
        let location = try ModelLocation(ModelReference(model), in: installation)
        let folder = try ModelFolder(path: location.path)
        if folder.config.isTextPart {
            Terminal.say("\(location.path) reads images as well; hone uses its language model and leaves the rest out")
        }
        let opened = try adapter.map { try OpenedModel.Adapter(path: $0, shape: folder.shape) }
        if case .folder(let adapter) = opened { try adapter.require(base: folder) }
        return OpenedModel(
            reference: location.reference, isPractice: location.isPractice, source: .folder(folder),
            encoder: try ChatEncoder(folder: location.path, needsTemplate: false), adapter: opened, threads: threads)
    }

    private func openGGUF() throws -> OpenedModel {
        let file = try GGUFModel(path: model)
        return OpenedModel(
            reference: ModelReference(model), isPractice: false, source: .gguf(file),
            encoder: try ChatEncoder(gguf: file),
            adapter: try adapter.map { try OpenedModel.Adapter(path: $0, shape: file.shape) }, threads: threads)
    }
}

/// A model whose files were found sound.
struct OpenedModel {
    enum Source {
        case folder(ModelFolder)
        case gguf(GGUFModel)
    }

    enum Adapter {
        case folder(AdapterFolder)
        case gguf(GGUFAdapter)

        init(path: String, shape: ModelShape) throws {
            if FileStore().isFile(path) {
                self = .gguf(try GGUFAdapter(path: path, shape: shape))
            } else {
                self = .folder(try AdapterFolder(path: path, shape: shape))
            }
        }

        var settings: LoRASettings {
            switch self {
            case .folder(let adapter): adapter.settings
            case .gguf(let adapter): adapter.settings
            }
        }
    }

    let reference: ModelReference
    let isPractice: Bool
    let source: Source
    let encoder: ChatEncoder
    let adapter: Adapter?
    let threads: Int

    /// Tokens after which an answer is complete: what the files say, and the template's end of turn.
    func stopIDs() throws -> Set<Int32> {
        guard case .folder(let folder) = source else { return Set(encoder.stopIDs) }
        return Set(try folder.stopIDs().map { Int32(truncatingIfNeeded: $0) }).union(encoder.stopIDs)
    }

    /// The weights in memory, with room for a batch in which the longest row fits.
    func weights(longestRow: Int) throws -> LlamaModel {
        let trainable = adapter.map { LlamaModel.Trainable.adapter($0.settings) } ?? .none
        let team = ThreadTeam(threads: threads), room = max(longestRow, 2048)
        let weights =
            switch source {
            case .folder(let folder):
                try LlamaModel(folder: folder, trainable: trainable, team: team, maxBatchTokens: room)
            case .gguf(let file): try LlamaModel(gguf: file, trainable: trainable, team: team, maxBatchTokens: room)
            }
        switch adapter {
        case .folder(let adapter): try weights.loadAdapter(from: adapter)
        case .gguf(let adapter): try weights.loadAdapter(from: adapter)
        case nil: break
        }
        return weights
    }
}
