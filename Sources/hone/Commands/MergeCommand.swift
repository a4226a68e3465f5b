import ArgumentParser
import FileStore
import ModelFiles
import Plan
import Tokenization
import Transformer
import Workflows

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Write base and adapter as one model folder.",
        discussion: """
            The sums are computed in 32 bits and rounded once to the number format of the base. The tokenizer's files are \
            copied byte for byte. An adapter is merged into the weights it was trained on, or refused.
            """)

    @Option(help: ArgumentHelp("The base model's folder.", valueName: "dir"))
    var model: String

    @Option(help: ArgumentHelp("An adapter folder in PEFT's format.", valueName: "dir"))
    var adapter: String

    @Option(help: ArgumentHelp("The folder to write; it must not exist.", valueName: "dir"))
    var output: String

    @OptionGroup var rules: InstallationOptions

    func run() throws {
        let store = FileStore()
        guard !store.exists(output) else { throw ValidationError("\(output) exists; hone never writes over a model") }
        let location = try ModelLocation(ModelReference(model), in: rules.installation())
        let base = try ModelFolder(path: location.path, store: store)
        let folder = try AdapterFolder(path: adapter, shape: base.shape, store: store)
        try folder.require(base: base, store: store)
        let weights = try AdapterMerge(base: base, adapter: folder).tensors()
        let stops = try base.stopIDs(store: store)
        try store.publishFolder(output) { (temporary) throws in
            try ModelFolder.write(
                to: temporary, shape: base.shape,
                tokens: .init(bos: base.config.bosID, eos: stops, pad: base.config.padID), weights: weights,
                config: base.config, copying: base.path, store: store)
        }
        Terminal.data(output)
        Terminal.say("next: hone generate --model \(shellWord(output)) --prompt \"…\"")
    }
}
