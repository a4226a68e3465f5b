import FileStore
import ModelFiles
import Plan
import Tensors
import Tokenization
import Transformer

/// The practice model before its first step: random weights with an induction circuit laid
/// into them, beside the tokenizer, as a model folder.
struct RandomStart {
    let seed: UInt64

    /// - Parameter tokenizer: The folder whose tokenizer and template are copied along.
    func write(to path: String, tokenizer: String, store: FileStore) throws {
        let shape = ModelShape.practiceModel
        var random = CorpusRandom(seed: seed), drawn: [String: Matrix] = [:]
        let model = LlamaModel(
            shape: shape, trainable: .full, team: ThreadTeam(threads: 1), maxBatchTokens: 64
        ) { name, dimensions, values in
            guard dimensions.count == 2 else { return values.update(repeating: 1, count: dimensions[0]) }
            drawn[name] = Matrix(
                rows: dimensions[0], columns: dimensions[1], spread: spread(of: name, in: shape), random: &random)
        }
        InductionStart(shape: shape, spread: Self.embeddingSpread).lay(into: &drawn, random: &random)
        for parameter in model.parameters {
            guard let matrix = drawn[parameter.name] else { continue }
            for (index, value) in matrix.values.enumerated() { parameter.values[index] = Float(value) }
        }
        try ModelFolder.write(
            to: path, shape: shape, tokens: try .practiceModel(tokenizer: tokenizer), weights: model.outgoingTensors(),
            copying: tokenizer, store: store)
    }

    private static let embeddingSpread = 0.1

    /// The standard deviation of a matrix: queries, keys and values keep the size of what they read, what writes into the
    /// residual stream starts smaller the deeper the model (GPT-2).
    private func spread(of name: String, in shape: ModelShape) -> Double {
        if name.contains("embed_tokens") { return Self.embeddingSpread }
        if ["q_proj", "k_proj", "v_proj"].contains(where: name.contains) { return 1 / Double(shape.hiddenSize).squareRoot() }
        let writes = name.contains("o_proj") || name.contains("down_proj")
        return writes ? 0.03 / Double(2 * shape.layerCount).squareRoot() : 0.03
    }
}

extension ModelFolder.TokenIDs {
    static func practiceModel(tokenizer folder: String) throws -> Self {
        let tokenizer = try Tokenizer(folder: folder)
        let end = tokenizer.id(ofToken: TokenizerCommand.endOfTurn), padding = tokenizer.id(ofToken: TokenizerCommand.padding)
        return .init(bos: nil, eos: end.map { [Int($0)] } ?? [], pad: padding.map { Int($0) })
    }
}
