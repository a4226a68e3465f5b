import ArgumentParser
import ModelFiles

@main
struct BaseModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base-model",
        abstract: "Makes the embedded practice model from nothing: corpus, tokenizer, training, probes.",
        subcommands: [
            CorpusCommand.self,
            TokenizerCommand.self,
            TrainCommand.self,
            ExportCommand.self,
            EvaluateCommand.self,
            TaskAPICommand.self,
        ])
}

extension ModelShape {
    /// About 3 million parameters: small enough to train on two cores, large enough to read its context.
    static let practiceModel = ModelShape(
        vocabularySize: 4096, hiddenSize: 192, intermediateSize: 512, layerCount: 6, attentionHeadCount: 6,
        keyValueHeadCount: 2, headSize: 32, rmsNormEpsilon: 1e-5, ropeTheta: 10_000, maxPositions: 2048,
        tiedEmbeddings: true)
}
