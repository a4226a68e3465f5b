import ModelFiles
import Plan
import Tensors

/// Every weight of a model; fused layers lie next to each other.
///
/// In float32 all of them lie in one block. A frozen model may keep its matrices in bfloat16: then `matrices` is a block
/// of its own, and norms and biases stay in float32.
struct ModelWeights {
    /// Where one layer's tensors start, in numbers of the block they lie in.
    struct Layer {
        /// By role: index into `norms`; nil where the block has no such norm.
        var norms = [Int?](repeating: nil, count: BlockNorm.allCases.count)
        var groups = [Int](repeating: 0, count: LinearGroup.allCases.count)
        /// Of all layers of a group together; nil without biases.
        var biases = [Int?](repeating: nil, count: LinearGroup.allCases.count)
        /// By group: its layers in NF4; empty where they are in `matrices`.
        var quantized = [[NF4Matrix]](repeating: [], count: LinearGroup.allCases.count)
    }

    /// A norm's weight, and where its sums lie among those of all norms.
    struct Norm {
        let offset: Int
        let width: Int
        let partialOffset: Int
    }

    /// Norms and biases, and the matrices where they are in float32.
    let values: Buffer
    /// `values` itself where the matrices are in float32.
    let matrices: Buffer
    /// In the layout of `values`; nil when the model is frozen, or only some modules of it are trained.
    let gradients: Buffer?
    /// One after the other, of the modules that are trained whole beside an adapter.
    let savedGradients: Buffer?
    /// Of what is no linear layer, where it is trained; norms by their number.
    let embeddingGradient: Floats?, headGradient: Floats?, normGradients: [Floats?]
    /// What the norms multiply by, one after the other, where that is not their weight but 1 + weight.
    let normFactors: Buffer?
    let tensors: [BaseTensor]
    let embedding: Int
    let layers: [Layer]
    /// In the order of the blocks; the model's last norm is the last.
    let norms: [Norm]
    /// The embedding itself when the two are tied.
    let head: Int

    /// - Parameters:
    ///   - matrixType: `float32`, or `bfloat16` for a frozen model.
    ///   - quantization: How the linear layers are kept; embedding and head never are, as with bitsandbytes.
    ///   - saved: Embedding, head and norms that are trained while the rest is frozen, by their names.
    init(
        shape: ModelShape, matrixType: ElementType, quantization: Quantization? = nil, withGradients: Bool,
        saved: Set<String> = []
    ) {
        precondition(
            matrixType == .float32 || !withGradients && saved.isEmpty, "what is trained is kept in float32")
        var tensors: [(name: String, shape: [Int], offset: Int, quantized: NF4Matrix?)] = []
        var norms: [Norm] = [], normFloats = 0
        let areApart = matrixType != .float32
        var count = 0, matrixCount = 0
        func take(_ name: String, _ dimensions: [Int]) -> Int {
            let numbers = dimensions.reduce(1, *), isApart = areApart && dimensions.count > 1
            defer { if isApart { matrixCount += numbers } else { count += numbers } }
            tensors.append((name, dimensions, isApart ? matrixCount : count, nil))
            return isApart ? matrixCount : count
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
                layer.groups[group.rawValue] = areApart ? matrixCount : count
                for linear in linears {
                    let name = "\(path).\(linear.path).weight", dimensions = [linear.outputs, linear.inputs]
                    guard let quantization else {
                        _ = take(name, dimensions)
                        continue
                    }
                    let matrix = NF4Matrix(
                        count: linear.outputs * linear.inputs, isDoubleQuantized: quantization.doubleQuant)
                    layer.quantized[group.rawValue].append(matrix)
                    tensors.append((name, dimensions, 0, matrix))
                }
                guard group.hasBias(shape) else { continue }
                layer.biases[group.rawValue] = count
                for linear in linears { _ = take("\(path).\(linear.path).bias", [linear.outputs]) }
            }
            return layer
        }
        _ = takeNorm("model.norm.weight", shape.hiddenSize)
        head = shape.tiedEmbeddings ? embedding : take("lm_head.weight", [shape.vocabularySize, shape.hiddenSize])

        let values = Buffer(.float32, count: count)
        let matrices = areApart ? Buffer(matrixType, count: matrixCount) : values
        let gradients = withGradients ? Buffer(.float32, count: count) : nil
        let trained = tensors.filter { saved.contains($0.name) }
        let savedGradients =
            trained.isEmpty ? nil : Buffer(.float32, count: trained.reduce(0) { $0 + $1.shape.reduce(1, *) })
        var savedPlaces: [String: Floats] = [:], nextSaved = 0
        for tensor in trained {
            savedPlaces[tensor.name] = savedGradients.map { $0.floats + nextSaved }
            nextSaved += tensor.shape.reduce(1, *)
        }
        let names = Dictionary(tensors.map { ($0.offset, $0.name) }) { first, _ in first }
        func gradient(_ name: String, _ offset: Int) -> Floats? {
            gradients.map { $0.floats + offset } ?? savedPlaces[name]
        }
        (self.values, self.matrices, self.gradients, self.norms) = (values, matrices, gradients, norms)
        self.savedGradients = savedGradients
        embeddingGradient = gradient("model.embed_tokens.weight", embedding)
        headGradient = gradient(shape.tiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight", head)
        normGradients = norms.map { gradient(names[$0.offset] ?? "", $0.offset) }
        normFactors = shape.block.addsOneToNorms ? Buffer(.float32, count: normFloats) : nil
        self.tensors = tensors.map { tensor in
            let block = tensor.shape.count > 1 ? matrices : values
            return BaseTensor(
                name: tensor.name, shape: tensor.shape,
                storage: tensor.quantized.map { .nf4($0) } ?? .plain(block, offset: tensor.offset),
                gradient: gradient(tensor.name, tensor.offset))
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
