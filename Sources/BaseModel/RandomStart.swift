import FileStore
import ModelFiles
import Plan
import Tensors
import Tokenization
import Transformer

/// The practice model before its first step: random weights beside the tokenizer, as a model folder.
struct RandomStart {
    let seed: UInt64

    /// - Parameter tokenizer: The folder whose tokenizer and template are copied along.
    func write(to path: String, tokenizer: String, store: FileStore) throws {
        let shape = ModelShape.practiceModel
        var random = CorpusRandom(seed: seed)
        let depth = Double(2 * shape.layerCount).squareRoot()
        let model = LlamaModel(
            shape: shape, trainable: .full, team: ThreadTeam(threads: 1), maxBatchTokens: 64
        ) { name, dimensions, values in
            // Norms start at one; what writes into the residual stream starts smaller the deeper the model (GPT-2).
            let isNorm = name.contains("norm")
            let spread = name.hasSuffix("o_proj.weight") || name.hasSuffix("down_proj.weight") ? 0.02 / depth : 0.02
            for index in 0..<dimensions.reduce(1, *) { values[index] = isNorm ? 1 : Float(random.normal() * spread) }
        }
        try ModelFolder.write(
            to: path, shape: shape, tokens: try .practiceModel(tokenizer: tokenizer), weights: model.outgoingTensors(),
            copying: tokenizer, store: store)
    }
}

extension ModelFolder.TokenIDs {
    static func practiceModel(tokenizer folder: String) throws -> Self {
        let tokenizer = try Tokenizer(folder: folder)
        let end = tokenizer.id(ofToken: TokenizerCommand.endOfTurn), padding = tokenizer.id(ofToken: TokenizerCommand.padding)
        return .init(bos: nil, eos: end.map { [Int($0)] } ?? [], pad: padding.map { Int($0) })
    }
}
