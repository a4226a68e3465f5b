package import ModelFiles
import Plan
import Tensors

/// A base and an adapter on it as one model, tensor by tensor: only one is in memory at a time.
package struct AdapterMerge {
    private let base: ModelFolder
    private let adapter: AdapterFolder?

    /// - Parameter adapter: Checked against the base's shape; nil for the base as it is.
    package init(base: ModelFolder, adapter: AdapterFolder?) {
        self.base = base
        self.adapter = adapter
    }

    /// Every tensor of the merged model, in the number format of the base; the sum is rounded to it once.
    package func tensors() throws(ModelFileError) -> [OutgoingTensor] {
        guard !base.config.isQuantized else {
            throw .unsupported(
                path: base.config.path, key: "quantization_config", found: "NF4",
                supported: ["the same model in 16 bits, for merging"])
        }
        let weights = adapter.map { AdapterWeights(shape: base.shape, settings: $0.settings) }
        for parameter in weights?.parameters ?? [] {
            try adapter?.tensor(parameter.name).expandFinite(into: parameter.values)
        }
        let modules = Dictionary(uniqueKeysWithValues: (weights?.modules ?? []).map { ($0.weight, $0) })
        var tensors: [OutgoingTensor] = []
        for expected in base.shape.tensors {
            let stored = try base.tensor(expected.name)
            let source = adapter?.savedTensors[expected.name] ?? stored, module = modules[expected.name]
            tensors.append(
                OutgoingTensor(name: expected.name, shape: expected.shape, elementType: stored.elementType) {
                    values throws(ModelFileError) in
                    try source.expandFinite(into: values)
                    // The factors live as long as what adds them.
                    withExtendedLifetime(weights) { module?.merge(into: values) }
                })
        }
        return tensors
    }
}
