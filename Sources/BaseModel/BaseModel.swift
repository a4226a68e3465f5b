import ArgumentParser

@main
struct BaseModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base-model",
        abstract: "Makes the embedded practice model from nothing: corpus, tokenizer, training, probes.",
        subcommands: [
            CorpusCommand.self, TokenizerCommand.self, EncodeCommand.self, TrainCommand.self, ExportCommand.self,
            EvaluateCommand.self, TaskAPICommand.self,
        ])
}
