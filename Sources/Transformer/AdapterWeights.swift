import ModelFiles
import Plan
import Tensors

/// The low-rank factors of every adapted layer (LoRA, arXiv 2106.09685), in float32 with their gradients.
///
/// The A factors of one group lie next to each other, so that one product computes all of them.
struct AdapterWeights {
    /// One adapted module: `y[offset ..< offset + outputs] += scaling * B (A x)`.
    struct Factors {
        /// First output in the fused row, number of outputs.
        let outputOffset: Int, outputs: Int
        let rank: Int
        let scaling: Float
        /// First entry in the row of low-rank activations.
        let rankOffset: Int
        let a: Floats, aGradient: Floats
        let b: Floats, bGradient: Floats
        /// Both factors in bfloat16, B with the scaling in it; nil where products are in float32.
        let narrowed: (a: BFloats, b: BFloats)?
        let inputs: Int
        /// With DoRA, the length every row of the adapted matrix is to have, and the length it has.
        let magnitude: Floats?, magnitudeGradient: Floats?, lengths: Floats?
        /// Number of the module in the whole model; keys its dropout.
        let number: Int
    }

    /// The trained tensors of one adapted module.
    struct Module {
        /// Of the weight it adapts.
        let weight: String
        let a: Parameter, b: Parameter, magnitude: Parameter?
        let scaling: Double
        let lengths: Floats?
    }

    let settings: LoRASettings
    let values: Buffer
    let gradients: Buffer
    /// The factors in bfloat16, laid out as in `values`; nil where products are in float32.
    let narrowed: Buffer?
    /// Lengths of the rows of adapted matrices; empty without DoRA.
    let lengths: Buffer
    let modules: [Module]
    /// By layer, then by group.
    let factors: [[[Factors]]]

    var parameters: [Parameter] { modules.flatMap { [$0.a, $0.b] + ($0.magnitude.map { [$0] } ?? []) } }

    init(shape: ModelShape, settings: LoRASettings, precision: Precision = .fp32) {
        self.settings = settings
        let places = Self.places(shape, settings)
        let count = places.joined().joined().reduce(0) { $0 + $1.rank * ($1.linear.inputs + $1.linear.outputs) }
        let outputs = settings.useDoRA ? places.joined().joined().reduce(0) { $0 + $1.linear.outputs } : 0
        let values = Buffer(.float32, count: count + outputs)
        let gradients = Buffer(.float32, count: count + outputs)
        let lengths = Buffer(.float32, count: outputs)
        let narrowed = precision == .bf16 ? Buffer(.bfloat16, count: count) : nil
        var modules: [Module] = [], next = 0, nextLength = 0
        factors = places.enumerated().map { layer, groups in
            var rankOffset = 0
            return groups.map { places in
                var a = next
                var b = next + places.reduce(0) { $0 + $1.rank * $1.linear.inputs }
                var result: [Factors] = []
                for place in places {
                    let rank = place.rank, linear = place.linear
                    let path = "model.layers.\(layer).\(linear.path)", scaling = settings.scaling(of: path)
                    func parameter(_ name: String, _ shape: [Int], _ offset: Int) -> Parameter {
                        Parameter(
                            name: "base_model.model.\(path).\(name)", shape: shape, values: values.floats + offset,
                            gradient: gradients.floats + offset)
                    }
                    let magnitude = settings.useDoRA ? count + nextLength : nil
                    let length = settings.useDoRA ? lengths.floats + nextLength : nil
                    result.append(
                        Factors(
                            outputOffset: place.outputOffset, outputs: linear.outputs, rank: rank,
                            scaling: Float(scaling), rankOffset: rankOffset, a: values.floats + a,
                            aGradient: gradients.floats + a, b: values.floats + b, bGradient: gradients.floats + b,
                            narrowed: narrowed.map { ($0.bfloats + a, $0.bfloats + b) }, inputs: linear.inputs,
                            magnitude: magnitude.map { values.floats + $0 },
                            magnitudeGradient: magnitude.map { gradients.floats + $0 }, lengths: length,
                            number: modules.count))
                    modules.append(
                        Module(
                            weight: path + ".weight", a: parameter("lora_A.weight", [rank, linear.inputs], a),
                            b: parameter("lora_B.weight", [linear.outputs, rank], b),
                            magnitude: magnitude.map { parameter("lora_magnitude_vector", [linear.outputs], $0) },
                            scaling: scaling, lengths: length))
                    a += rank * linear.inputs
                    b += rank * linear.outputs
                    rankOffset += rank
                    if settings.useDoRA { nextLength += linear.outputs }
                }
                next = b
                return result
            }
        }
        (self.values, self.gradients, self.narrowed) = (values, gradients, narrowed)
        (self.lengths, self.modules) = (lengths, modules)
    }

    /// The first product of a block, in the order of the forward pass, that has an adapter; nothing trains before it.
    var firstGroup: LinearGroup? {
        guard let layer = factors.first else { return nil }
        return LinearGroup.allCases.first { !layer[$0.rawValue].isEmpty }
    }

    private struct Place {
        let linear: ModelShape.Linear
        let rank: Int
        let outputOffset: Int
    }

    /// The adapted layers, by block and group.
    private static func places(_ shape: ModelShape, _ settings: LoRASettings) -> [[[Place]]] {
        (0..<shape.layerCount).map { layer in
            LinearGroup.allCases.map { group in
                var outputOffset = 0
                return group.linears(shape).compactMap { linear in
                    defer { outputOffset += linear.outputs }
                    guard shape.isAdapted(linear.module, by: settings) else { return nil }
                    return Place(
                        linear: linear, rank: settings.rank(of: "model.layers.\(layer).\(linear.path)"),
                        outputOffset: outputOffset)
                }
            }
        }
    }

    /// Numbers in a row of low-rank activations: those of the block that has most.
    static func lowRankWidth(_ shape: ModelShape, _ settings: LoRASettings?) -> Int {
        guard let settings else { return 0 }
        return places(shape, settings).map { $0.joined().reduce(0) { $0 + $1.rank } }.max() ?? 0
    }
}

extension AdapterWeights {
    /// The modules in the order in which PEFT draws their starts: that of transformers, where models with fused
    /// projections declare the output before what reads the rows.
    func modulesAsDrawn(fused: Bool) -> [Module] {
        var modules = modules
        guard fused else { return modules }
        for index in modules.indices.dropFirst()
        where modules[index].weight.contains(".o_proj.") && modules[index - 1].weight.contains(".qkv_proj.") {
            modules.swapAt(index - 1, index)
        }
        return modules
    }
}

extension AdapterWeights.Factors {
    /// Rounds both factors to bfloat16 where products want them so.
    func narrow() {
        guard let narrowed else { return }
        Kernels.narrow(rank * inputs, a, into: narrowed.a)
        var scaled = [Float](repeating: 0, count: rank)
        for output in 0..<outputs {
            for index in 0..<rank { scaled[index] = scaling * b[output * rank + index] }
            Kernels.narrow(rank, scaled, into: narrowed.b + output * rank)
        }
    }
}

extension AdapterWeights.Module {
    /// `weight` becomes what base and adapter are together, in float32; nothing but `weight` is written.
    func merge(into weight: Floats) {
        let outputs = b.shape[0], rank = b.shape[1], inputs = a.shape[1]
        MatrixProduct.inputGradient(
            rows: outputs, outputs: rank, inputs: inputs, b.values, stride: rank, a.values, into: weight,
            stride: inputs, factor: Float(scaling), accumulating: true)
        guard let magnitude else { return }
        for row in 0..<outputs {
            let start = weight + row * inputs
            Kernels.scale(inputs, by: magnitude.values[row] / rowLength(inputs, start), start)
        }
    }

    /// The lengths of the rows of `weight` with the adapter added; `room` has a float for every number of a row.
    func measureRows(_ rows: Range<Int>, of weight: BaseTensor, into lengths: Floats, room: Floats) {
        let rank = b.shape[1], inputs = a.shape[1]
        for row in rows {
            weight.load(row * inputs..<(row + 1) * inputs, into: room)
            for index in 0..<rank {
                Kernels.add(
                    inputs, a.values + index * inputs, times: Float(scaling) * b.values[row * rank + index], to: room)
            }
            lengths[row] = rowLength(inputs, room)
        }
    }

    private func rowLength(_ count: Int, _ row: ReadOnlyFloats) -> Float {
        max(Float(Kernels.sumOfSquares(count, row).squareRoot()), .leastNormalMagnitude)
    }
}
