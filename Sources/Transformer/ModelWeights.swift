import ModelFiles
import Plan
import Tensors

/// Every weight of a model in one block of float32; fused layers lie next to each other.
struct ModelWeights {
    /// Where one layer's tensors start, in floats.
    struct Layer {
        /// By role: index into `norms`; nil where the block has no such norm.
        var norms = [Int?](repeating: nil, count: BlockNorm.allCases.count)
        var groups = [Int](repeating: 0, count: LinearGroup.allCases.count)
        /// Of all layers of a group together; nil without biases.
        var biases = [Int?](repeating: nil, count: LinearGroup.allCases.count)
    }

    /// A norm's weight, and where its sums lie among those of all norms.
    struct Norm {
        let offset: Int
        let width: Int
        let partialOffset: Int
    }

    let values: Buffer
    /// In the same layout; nil when the model is frozen.
    let gradients: Buffer?
    /// What the norms multiply by, one after the other, where that is not their weight but 1 + weight.
    let normFactors: Buffer?
    let parameters: [Parameter]
    let embedding: Int
    let layers: [Layer]
    /// In the order of the blocks; the model's last norm is the last.
    let norms: [Norm]
    /// The embedding itself when the two are tied.
    let head: Int

    init(shape: ModelShape, withGradients: Bool) {
        var tensors: [(name: String, shape: [Int], offset: Int)] = []
        var norms: [Norm] = [], normFloats = 0
        var count = 0
        func take(_ name: String, _ dimensions: [Int]) -> Int {
            tensors.append((name, dimensions, count))
            defer { count += dimensions.reduce(1, *) }
            return count
        }
        func takeNorm(_ name: String, _ width: Int) -> Int {
            norms.append(Norm(offset: take(name, [width]), width: width, partialOffset: normFloats))
            normFloats += width
            return norms.count - 1
        }
        embedding = take("model.embed_tokens.weight", [shape.vocabularySize, shape.hiddenSize])
        layers = (0..<shape.layerCount).map { index in
            var layer = Layer()
            let path = "model.layers.\(index)"
            for norm in shape.norms {
                layer.norms[norm.role.rawValue] = takeNorm("\(path).\(norm.path).weight", norm.width)
            }
            for group in LinearGroup.allCases {
                let linears = group.linears(shape)
                layer.groups[group.rawValue] = count
                for linear in linears { _ = take("\(path).\(linear.path).weight", [linear.outputs, linear.inputs]) }
                guard group.hasBias(shape) else { continue }
                layer.biases[group.rawValue] = count
                for linear in linears { _ = take("\(path).\(linear.path).bias", [linear.outputs]) }
            }
            return layer
        }
        _ = takeNorm("model.norm.weight", shape.hiddenSize)
        head = shape.tiedEmbeddings ? embedding : take("lm_head.weight", [shape.vocabularySize, shape.hiddenSize])

        let values = Buffer(.float32, count: count)
        let gradients = withGradients ? Buffer(.float32, count: count) : nil
        self.values = values
        self.gradients = gradients
        self.norms = norms
        normFactors = shape.block.addsOneToNorms ? Buffer(.float32, count: normFloats) : nil
        parameters = tensors.map { tensor in
            Parameter(
                name: tensor.name, shape: tensor.shape, values: values.floats + tensor.offset,
                gradient: gradients.map { $0.floats + tensor.offset })
        }
    }

    /// What norm number `index` multiplies by.
    func normFactors(_ index: Int) -> Floats {
        normFactors.map { $0.floats + norms[index].partialOffset } ?? values.floats + norms[index].offset
    }

    /// Norms that multiply by 1 + weight follow their weights.
    func refreshNormFactors() {
        guard let normFactors else { return }
        for norm in norms {
            for index in 0..<norm.width {
                normFactors.floats[norm.partialOffset + index] = 1 + values.floats[norm.offset + index]
            }
        }
    }
}
