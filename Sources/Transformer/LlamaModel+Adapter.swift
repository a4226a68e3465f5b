import Foundation
import ModelFiles
import Plan
import Randomness
import Tensors

extension LlamaModel {
    /// Gives a fresh adapter its start: A uniform as PEFT draws it for this seed, B zero, so that it changes nothing
    /// yet.
    package func startAdapter(seed: Int) {
        guard let adapter else { return }
        var start = AdapterStart(seed: seed)
        for (a, b) in adapter.pairsAsDrawn(fused: shape.block.fusesProjections) {
            let values = start.nextA(rank: a.shape[0], inputs: a.shape[1], outputs: b.shape[0])
            a.values.update(from: values, count: values.count)
            b.values.update(repeating: 0, count: b.count)
        }
    }

    /// Fills both factors of every adapted layer, by their PEFT names.
    package func loadAdapter(reading read: TensorReader) throws {
        guard let adapter else { throw TransformerError.noAdapter }
        for parameter in adapter.parameters { try read(parameter.name, parameter.shape, parameter.values) }
    }

    /// Every tensor of base and adapter in one: `W + scaling * B A` where a layer is adapted, as PEFT merges.
    /// Values are valid during the call of `body` only.
    package func withMergedTensors(_ body: (Parameter) throws -> Void) rethrows {
        for parameter in weights.parameters {
            guard let adapter, let pair = adapter.pair(for: parameter.name) else {
                try body(
                    Parameter(name: parameter.name, shape: parameter.shape, values: parameter.values, gradient: nil))
                continue
            }
            let merged = Buffer(.float32, count: parameter.count)
            memcpy(merged.floats, parameter.values, parameter.count * 4)
            MatrixProduct.inputGradient(
                rows: pair.b.shape[0], outputs: pair.b.shape[1], inputs: pair.a.shape[1], pair.b.values,
                stride: pair.b.shape[1], pair.a.values, into: merged.floats, stride: pair.a.shape[1],
                factor: Float(adapter.settings.scaling), accumulating: true)
            try body(Parameter(name: parameter.name, shape: parameter.shape, values: merged.floats, gradient: nil))
        }
    }
}

extension AdapterWeights {
    /// A and B of every adapted layer, in the order of the forward pass.
    var pairs: [(a: Parameter, b: Parameter)] {
        stride(from: 0, to: parameters.count, by: 2).map { (parameters[$0], parameters[$0 + 1]) }
    }

    /// The pairs in the order in which PEFT draws their starts: that of the modules in transformers, where the models with
    /// fused projections declare the output before what reads the rows.
    func pairsAsDrawn(fused: Bool) -> [(a: Parameter, b: Parameter)] {
        var pairs = pairs
        guard fused else { return pairs }
        for index in pairs.indices.dropFirst()
        where pairs[index].a.name.contains(".o_proj.") && pairs[index - 1].a.name.contains(".qkv_proj.") {
            pairs.swapAt(index - 1, index)
        }
        return pairs
    }

    /// The factors of the layer whose weight has this name, if it is adapted.
    func pair(for weight: String) -> (a: Parameter, b: Parameter)? {
        guard weight.hasSuffix(".weight") else { return nil }
        let name = "base_model.model.\(weight.dropLast(".weight".count)).lora_A.weight"
        return pairs.first { $0.a.name == name }
    }
}
