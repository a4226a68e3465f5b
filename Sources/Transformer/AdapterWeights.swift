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
        /// First entry in the row of low-rank activations.
        let rankOffset: Int
        let a: Floats, aGradient: Floats
        let b: Floats, bGradient: Floats
        /// Number of the module in the whole model; keys its dropout.
        let number: Int
    }

    let settings: LoRASettings
    let values: Buffer
    let gradients: Buffer
    let parameters: [Parameter]
    /// By layer, then by group.
    let factors: [[[Factors]]]

    init(shape: ModelShape, settings: LoRASettings) {
        self.settings = settings
        let rank = settings.rank, ranks = AdapterRanks(shape, settings)
        var count = 0
        for group in LinearGroup.allCases {
            for linear in group.linears(shape) where shape.isAdapted(linear.module, by: settings) {
                count += rank * (linear.outputs + linear.inputs)
            }
        }
        let values = Buffer(.float32, count: count * shape.layerCount)
        let gradients = Buffer(.float32, count: count * shape.layerCount)
        var parameters: [Parameter] = [], number = 0, next = 0
        factors = (0..<shape.layerCount).map { layer in
            LinearGroup.allCases.map { group in
                let inputs = group.inputs(shape), adapted = ranks.count(group) / max(1, rank)
                var firstOutput = 0, position = 0, result: [Factors] = []
                let start = next
                var b = start + adapted * rank * inputs
                for linear in group.linears(shape) {
                    let outputs = linear.outputs
                    defer { firstOutput += outputs }
                    guard shape.isAdapted(linear.module, by: settings) else { continue }
                    let a = start + position * rank * inputs
                    result.append(
                        Factors(
                            outputOffset: firstOutput, outputs: outputs,
                            rankOffset: ranks.offset(group) + position * rank,
                            a: values.floats + a, aGradient: gradients.floats + a, b: values.floats + b,
                            bGradient: gradients.floats + b, number: number))
                    let path = "base_model.model.model.layers.\(layer).\(linear.path)"
                    parameters.append(
                        Parameter(
                            name: "\(path).lora_A.weight", shape: [rank, inputs], values: values.floats + a,
                            gradient: gradients.floats + a))
                    parameters.append(
                        Parameter(
                            name: "\(path).lora_B.weight", shape: [outputs, rank], values: values.floats + b,
                            gradient: gradients.floats + b))
                    b += outputs * rank
                    position += 1
                    number += 1
                }
                next = b
                return result
            }
        }
        (self.values, self.gradients, self.parameters) = (values, gradients, parameters)
    }

    /// The first product of a block, in the order of the forward pass, that has an adapter; nothing trains before it.
    var firstGroup: LinearGroup? {
        guard let layer = factors.first else { return nil }
        return LinearGroup.allCases.first { !layer[$0.rawValue].isEmpty }
    }
}
