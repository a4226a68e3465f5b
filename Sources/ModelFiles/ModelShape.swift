internal import Foundation

/// The numbers that fix a Llama decoder.
package struct ModelShape: Sendable, Hashable {
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var intermediateSize: Int
    package var layerCount: Int
    package var attentionHeadCount: Int
    package var keyValueHeadCount: Int
    package var headSize: Int
    package var rmsNormEpsilon: Float
    package var ropeTheta: Double
    package var ropeScaling: RopeScaling
    package var maxPositions: Int
    package var tiedEmbeddings: Bool

    package init(
        vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layerCount: Int, attentionHeadCount: Int,
        keyValueHeadCount: Int, headSize: Int, rmsNormEpsilon: Float = 1e-5, ropeTheta: Double = 10000,
        ropeScaling: RopeScaling = .none, maxPositions: Int = 2048, tiedEmbeddings: Bool = true
    ) {
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layerCount = layerCount
        self.attentionHeadCount = attentionHeadCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.rmsNormEpsilon = rmsNormEpsilon
        self.ropeTheta = ropeTheta
        self.ropeScaling = ropeScaling
        self.maxPositions = maxPositions
        self.tiedEmbeddings = tiedEmbeddings
    }
}

/// How rotary frequencies were stretched after pre-training to reach further than the model was first trained for.
package enum RopeScaling: Sendable, Hashable {
    case none
    case linear(factor: Double)
    /// Llama 3.1 and later: long wavelengths are stretched, short ones kept, those between are blended.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
}

extension ModelShape {
    /// One weight matrix or vector of the model, named as Hugging Face names it.
    package struct Tensor: Sendable, Hashable {
        package let name: String
        package let shape: [Int]

        package init(name: String, shape: [Int]) {
            self.name = name
            self.shape = shape
        }
    }

    /// Every tensor a folder with this model must hold, in the order of the forward pass. A tied head is the embedding.
    package var tensors: [Tensor] {
        let norm = [hiddenSize]
        var tensors = [Tensor(name: "model.embed_tokens.weight", shape: [vocabularySize, hiddenSize])]
        for layer in 0..<layerCount {
            let path = "model.layers.\(layer)."
            tensors.append(Tensor(name: path + "input_layernorm.weight", shape: norm))
            tensors.append(Tensor(name: path + "post_attention_layernorm.weight", shape: norm))
            for linear in linears {
                tensors.append(Tensor(name: path + linear.path + ".weight", shape: [linear.outputs, linear.inputs]))
            }
        }
        tensors.append(Tensor(name: "model.norm.weight", shape: norm))
        if !tiedEmbeddings { tensors.append(Tensor(name: "lm_head.weight", shape: [vocabularySize, hiddenSize])) }
        return tensors
    }

    /// One linear layer of a block.
    package struct Linear: Sendable, Hashable {
        /// Inside the block: `self_attn.q_proj`.
        package let path: String
        package let inputs: Int
        package let outputs: Int

        /// `q_proj`
        package var module: String { String(path.split(separator: ".").last ?? "") }
    }

    /// The linear layers of every block, in module order.
    package var linears: [Linear] {
        let query = attentionHeadCount * headSize, keyValue = keyValueHeadCount * headSize
        return [
            Linear(path: "self_attn.q_proj", inputs: hiddenSize, outputs: query),
            Linear(path: "self_attn.k_proj", inputs: hiddenSize, outputs: keyValue),
            Linear(path: "self_attn.v_proj", inputs: hiddenSize, outputs: keyValue),
            Linear(path: "self_attn.o_proj", inputs: query, outputs: hiddenSize),
            Linear(path: "mlp.gate_proj", inputs: hiddenSize, outputs: intermediateSize),
            Linear(path: "mlp.up_proj", inputs: hiddenSize, outputs: intermediateSize),
            Linear(path: "mlp.down_proj", inputs: intermediateSize, outputs: hiddenSize),
        ]
    }

    package var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    /// Radians per position for each pair of a head's dimensions, rounded as transformers rounds them.
    package var rotaryFrequencies: [Float] {
        let base = (0..<headSize / 2).map { Float(1 / pow(ropeTheta, Double(2 * $0) / Double(headSize))) }
        switch ropeScaling {
        case .none: return base
        case .linear(let factor): return base.map { $0 / Float(factor) }
        case .llama3(let factor, let low, let high, let positions):
            return base.map { frequency in
                let wavesInContext = Float(positions) * frequency / (2 * .pi)
                if wavesInContext < Float(low) { return frequency / Float(factor) }
                if wavesInContext > Float(high) { return frequency }
                let share = (wavesInContext - Float(low)) / Float(high - low)
                return (1 - share) * frequency / Float(factor) + share * frequency
            }
        }
    }
}
