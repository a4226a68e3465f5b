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
        for module in adapter.modulesAsDrawn(fused: shape.block.fusesProjections) {
            let a = module.a, b = module.b
            let values = start.nextA(rank: a.shape[0], inputs: a.shape[1], outputs: b.shape[0])
            a.values.update(from: values, count: values.count)
            b.values.update(repeating: 0, count: b.count)
        }
        adapterChanged()
        refreshAdapter()
        for module in adapter.modules {
            guard let magnitude = module.magnitude, let lengths = module.lengths else { continue }
            magnitude.values.update(from: lengths, count: magnitude.count)
        }
    }

    /// Fills both factors of every adapted layer, by their PEFT names.
    package func loadAdapter(reading read: TensorReader) throws {
        guard let adapter else { throw TransformerError.noAdapter }
        for parameter in adapter.parameters { try read(parameter.name, parameter.shape, parameter.values) }
        adapterChanged()
    }

    /// The modules that are trained whole, under the names PEFT keeps them by.
    var savedParameters: [Parameter] {
        guard weights.savedGradients != nil else { return [] }
        return weights.tensors.filter { $0.gradient != nil }.map { tensor in
            let parameter = tensor.parameter
            return Parameter(
                name: AdapterFolder.tensorPrefix + parameter.name, shape: parameter.shape, values: parameter.values,
                gradient: parameter.gradient)
        }
    }

    /// Keeps what a module of the base holds before an adapter's takes its place.
    func keepBase(of tensor: BaseTensor) {
        guard !exchanged.contains(where: { $0.tensor.name == tensor.name }) else { return }
        let values = Buffer(.float32, count: tensor.count)
        tensor.load(0..<tensor.count, into: values.floats)
        exchanged.append((tensor, values))
    }

    /// Puts the base's modules in the place of the adapter's, or back.
    func exchangeSavedModules() {
        for (tensor, values) in exchanged {
            let current = Buffer(.float32, count: tensor.count)
            tensor.load(0..<tensor.count, into: current.floats)
            tensor.fill { $0.update(from: values.floats, count: tensor.count) }
            values.floats.update(from: current.floats, count: tensor.count)
        }
    }

    /// Says that somebody else wrote into the adapter's tensors.
    package func adapterChanged() { adapterIsStale = true }

    /// After base or adapter changed: the factors in bfloat16 where products are, and with DoRA the lengths of the rows
    /// of every adapted matrix.
    func refreshAdapter() {
        guard adapterIsStale, let adapter else { return }
        adapterIsStale = false
        let modules = adapter.factors.joined().joined(), tensors = adapter.settings.useDoRA ? weights.tensors : []
        let starts = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
        guard adapter.narrowed != nil || !tensors.isEmpty else { return }
        team.run { member in
            for (number, factors) in modules.enumerated() where number % member.count == member.index {
                factors.narrow()
            }
            for module in adapter.modules {
                guard let weight = starts[module.weight], let lengths = module.lengths else { continue }
                let room = Buffer(.float32, count: module.a.shape[1])
                module.measureRows(
                    member.share(of: module.b.shape[0]), of: weight, into: lengths, room: room.floats)
            }
        }
    }

    /// Every tensor of base and adapter in one: `W + scaling * B A` where a layer is adapted, as PEFT merges.
    /// Values are valid during the call of `body` only.
    package func withMergedTensors(_ body: (Parameter) throws -> Void) rethrows {
        for tensor in weights.tensors {
            let merged = Buffer(.float32, count: tensor.count)
            tensor.load(0..<tensor.count, into: merged.floats)
            adapter?.modules.first { $0.weight == tensor.name }?.merge(into: merged.floats)
            try body(Parameter(name: tensor.name, shape: tensor.shape, values: merged.floats, gradient: nil))
        }
    }
}
