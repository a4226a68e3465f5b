import ModelFiles
import Plan
import Tensors

/// Every weight of a Llama model in one block of float32; fused layers lie next to each other.
struct ModelWeights {
    /// Where one layer's tensors start, in floats.
    struct Layer {
        var firstNorm = 0, secondNorm = 0
        var groups = [Int](repeating: 0, count: LinearGroup.allCases.count)
    }

    let values: Buffer
    /// In the same layout; nil when the model is frozen.
    let gradients: Buffer?
    let parameters: [Parameter]
    let embedding: Int
    let layers: [Layer]
    let finalNorm: Int
    /// The embedding itself when the two are tied.
    let head: Int

    init(shape: ModelShape, withGradients: Bool) {
        var tensors: [(name: String, shape: [Int], offset: Int)] = []
        var count = 0
        func take(_ name: String, _ dimensions: [Int]) -> Int {
            tensors.append((name, dimensions, count))
            defer { count += dimensions.reduce(1, *) }
            return count
        }
        embedding = take("model.embed_tokens.weight", [shape.vocabularySize, shape.hiddenSize])
        layers = (0..<shape.layerCount).map { index in
            var layer = Layer()
            let path = "model.layers.\(index)"
            layer.firstNorm = take("\(path).input_layernorm.weight", [shape.hiddenSize])
            layer.secondNorm = take("\(path).post_attention_layernorm.weight", [shape.hiddenSize])
            for group in LinearGroup.allCases {
                layer.groups[group.rawValue] = count
                for (module, outputs) in zip(group.modules, group.outputs(shape)) {
                    _ = take("\(path).\(group.parent).\(module).weight", [outputs, group.inputs(shape)])
                }
            }
            return layer
        }
        finalNorm = take("model.norm.weight", [shape.hiddenSize])
        head = shape.tiedEmbeddings ? embedding : take("lm_head.weight", [shape.vocabularySize, shape.hiddenSize])

        let values = Buffer(.float32, count: count)
        let gradients = withGradients ? Buffer(.float32, count: count) : nil
        self.values = values
        self.gradients = gradients
        parameters = tensors.map { tensor in
            Parameter(
                name: tensor.name, shape: tensor.shape, values: values.floats + tensor.offset,
                gradient: gradients.map { $0.floats + tensor.offset })
        }
    }
}
