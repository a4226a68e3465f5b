import Foundation
import ModelFiles
import Plan
import Tensors

extension LlamaModel {
    /// One layer's saved activations and its four products, as addresses.
    struct LayerPass {
        let residual: Floats, firstInverse: Floats, firstNormed: Floats
        let fused: Floats, attended: Floats, logSums: Floats
        let middle: Floats, secondInverse: Floats, secondNormed: Floats
        let gateUp: Floats
        let firstNorm: Floats, secondNorm: Floats
        let queryKeyValue: FusedLinear, output: FusedLinear, gateUpLinear: FusedLinear, down: FusedLinear
    }

    func layerPass(_ index: Int) -> LayerPass {
        let base = arena.floats + index * layout.layerStride, at = layout.layer
        return LayerPass(
            residual: base + at.residual, firstInverse: base + at.firstInverse, firstNormed: base + at.firstNormed,
            fused: base + at.fused, attended: base + at.attended, logSums: base + at.logSums,
            middle: base + at.middle, secondInverse: base + at.secondInverse, secondNormed: base + at.secondNormed,
            gateUp: base + at.gateUp, firstNorm: weights.values.floats + weights.layers[index].firstNorm,
            secondNorm: weights.values.floats + weights.layers[index].secondNorm,
            queryKeyValue: linear(.queryKeyValue, index), output: linear(.output, index),
            gateUpLinear: linear(.gateUp, index), down: linear(.down, index))
    }

    private func linear(_ group: LinearGroup, _ index: Int) -> FusedLinear {
        let offset = weights.layers[index].groups[group.rawValue]
        let settings = adapter?.settings
        return FusedLinear(
            outputs: group.outputs(shape).reduce(0, +), inputs: group.inputs(shape),
            weight: ReadOnlyFloats(weights.values.floats + offset),
            weightGradient: weights.gradients.map { $0.floats + offset },
            adapters: usesAdapter ? adapter?.factors[index][group.rawValue] ?? [] : [], rank: settings?.rank ?? 0,
            scaling: Float(settings?.scaling ?? 0), dropout: pass.isTraining ? Float(settings?.dropout ?? 0) : 0,
            dropoutKey: pass.dropoutKey, lowRank: arena.floats + index * layout.layerStride + layout.layer.lowRank,
            lowRankGradient: arena.floats + layout.lowRankGradient,
            lowRankStride: AdapterRanks(settings).total, droppedRows: arena.floats + layout.droppedRows,
            droppedRowStride: layout.droppedRowStride, droppedColumns: arena.floats + layout.droppedColumns,
            droppedColumnShare: layout.droppedColumnShare)
    }

    /// Runs all layers on `tokens` rows and leaves the final norm's output in the arena.
    ///
    /// `attend` fills a layer's attention output from its fused rows; it is called by every member and must end with
    /// all rows written and visible.
    func forward(
        _ member: TeamMember, layers: [LayerPass], attend: (_ layer: Int, _ pass: LayerPass) -> Void
    ) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep)
        let width = shape.hiddenSize, first = rows.lowerBound, count = rows.count
        let delta = arena.floats + layout.delta, hidden = arena.floats + layout.hidden
        let embedding = weights.values.floats + weights.embedding
        guard let inputIDs = pass.inputIDs, let positions = pass.positions else { return }

        var previous: LayerPass?
        for (index, layer) in layers.enumerated() {
            if let previous {
                Kernels.rmsNorm(
                    rows: count, width: width, previous.middle + first * width, plus: delta + first * width,
                    weight: layer.firstNorm, epsilon: shape.rmsNormEpsilon, sum: layer.residual + first * width,
                    into: layer.firstNormed + first * width, inverse: layer.firstInverse + first)
            } else {
                for row in rows {
                    memcpy(layer.residual + row * width, embedding + Int(inputIDs[row]) * width, width * 4)
                }
                Kernels.rmsNorm(
                    rows: count, width: width, layer.residual + first * width, plus: nil, weight: layer.firstNorm,
                    epsilon: shape.rmsNormEpsilon, sum: nil, into: layer.firstNormed + first * width,
                    inverse: layer.firstInverse + first)
            }
            layer.queryKeyValue.forward(rows, layer.firstNormed, into: layer.fused)
            Kernels.rotate(
                rows: count, heads: attention.heads + attention.keyValueHeads, headSize: shape.headSize,
                positions: positions + first, cosines: rotary.cosines.floats, sines: rotary.sines.floats,
                layer.fused + first * attention.fusedWidth, stride: attention.fusedWidth)
            attend(index, layer)
            layer.output.forward(rows, layer.attended, into: delta)
            Kernels.rmsNorm(
                rows: count, width: width, layer.residual + first * width, plus: delta + first * width,
                weight: layer.secondNorm, epsilon: shape.rmsNormEpsilon, sum: layer.middle + first * width,
                into: layer.secondNormed + first * width, inverse: layer.secondInverse + first)
            layer.gateUpLinear.forward(rows, layer.secondNormed, into: layer.gateUp)
            Kernels.swiGLU(
                rows: count, width: shape.intermediateSize, layer.gateUp + first * 2 * shape.intermediateSize,
                into: hidden + first * shape.intermediateSize)
            layer.down.forward(rows, hidden, into: delta)
            previous = layer
        }
        guard let previous else { return }
        Kernels.rmsNorm(
            rows: count, width: width, previous.middle + first * width, plus: delta + first * width,
            weight: weights.values.floats + weights.finalNorm, epsilon: shape.rmsNormEpsilon,
            sum: arena.floats + layout.finalResidual + first * width,
            into: arena.floats + layout.finalNormed + first * width, inverse: arena.floats + layout.finalInverse + first
        )
    }

    /// Attention of every segment over itself and its prefixes. Units are (segment, key/value head) in order of cost.
    func attendSegments(_ member: TeamMember, _ layer: Int, _ at: LayerPass) {
        member.wait()
        let heads = attention.keyValueHeads, units = pass.chains.count * heads
        let scratch = arena.floats + layout.attentionScratch + member.index * layout.attentionScratchCount
        pass.spans.withUnsafeBufferPointer { spans in
            while let unit = member.nextUnit(of: units, base: layer * (units + member.count)) {
                attention.forward(
                    keyValueHead: unit % heads, chain: .init(rebasing: spans[pass.chains[unit / heads]]), qkv: at.fused,
                    out: at.attended, logSums: at.logSums, scratch: scratch)
            }
        }
        member.wait()
    }
}
