import Foundation
import ModelFiles
import Plan
import Tensors

extension LlamaModel {
    /// Adds the gradients of everything trainable, from the gradient of the final norm's output in `normedGradient`.
    ///
    /// `firstUnit` continues the count of units handed out by the forward pass. Between two waits a member touches only
    /// its own rows, or sums over all rows into its own outputs.
    func backward(_ member: TeamMember, layers: [LayerPass], firstUnit: Int) {
        let width = shape.hiddenSize
        let residualGradient = arena.floats + layout.residualGradient
        normBackward(
            member, number: 2 * layers.count, x: arena.floats + layout.finalResidual,
            weight: weights.values.floats + weights.finalNorm, inverse: arena.floats + layout.finalInverse,
            residual: nil,
            into: residualGradient)
        for index in layers.indices.reversed() {
            let stop = index == 0 ? adapter?.firstGroup : nil
            let base = firstUnit + (layers.count - 1 - index) * (attentionUnits + member.count)
            backward(member, index, layers[index], stoppingAt: stop, unitBase: base)
        }
        guard trainable == .full, let gradients = weights.gradients?.floats, let inputIDs = pass.inputIDs else {
            return
        }
        member.wait()
        let columns = member.share(of: width, step: 16)
        for row in 0..<pass.tokens {
            let target: Floats = gradients + weights.embedding + Int(inputIDs[row]) * width
            Kernels.add(
                columns.count, residualGradient + row * width + columns.lowerBound, to: target + columns.lowerBound)
        }
        sumNormPartials(member, gradients)
    }

    /// Units of one layer's backward attention: a family of segments that share rows, and a key/value head.
    private var attentionUnits: Int { pass.families.count * attention.keyValueHeads }

    private func backward(
        _ member: TeamMember, _ index: Int, _ layer: LayerPass, stoppingAt stop: LinearGroup?, unitBase: Int
    ) {
        let tokens = pass.tokens, rows = member.share(of: tokens, step: pass.rowStep), first = rows.lowerBound,
            count = rows.count
        let inner = shape.intermediateSize
        let hidden = arena.floats + layout.hidden, residualGradient = arena.floats + layout.residualGradient
        let middleGradient = arena.floats + layout.middleGradient, normedGradient = arena.floats + layout.normedGradient
        let attentionGradient = arena.floats + layout.attentionGradient
        let fusedGradient = arena.floats + layout.fusedGradient

        if stop == .down {
            Kernels.swiGLU(rows: count, width: inner, layer.gateUp + first * 2 * inner, into: hidden + first * inner)
            layer.down.backwardLowRank(rows, residualGradient)
            member.wait()
            layer.down.accumulateGradients(member, tokens: tokens, residualGradient, hidden)
            return
        }
        layer.down.backwardInput(rows, residualGradient, into: hidden)
        Kernels.swiGLUBackward(rows: count, width: inner, layer.gateUp + first * 2 * inner, hidden + first * inner)
        if stop == .gateUp {
            layer.gateUpLinear.backwardLowRank(rows, layer.gateUp)
            member.wait()
            layer.down.accumulateGradients(member, tokens: tokens, residualGradient, hidden)
            layer.gateUpLinear.accumulateGradients(member, tokens: tokens, layer.gateUp, layer.secondNormed)
            return
        }
        layer.gateUpLinear.backwardInput(rows, layer.gateUp, into: normedGradient)
        normBackward(
            member, number: 2 * index + 1, x: layer.middle, weight: layer.secondNorm, inverse: layer.secondInverse,
            residual: residualGradient, into: middleGradient)
        if stop == .output {
            layer.output.backwardLowRank(rows, middleGradient)
        } else {
            layer.output.backwardInput(rows, middleGradient, into: attentionGradient)
        }
        member.wait()
        layer.down.accumulateGradients(member, tokens: tokens, residualGradient, hidden)
        layer.gateUpLinear.accumulateGradients(member, tokens: tokens, layer.gateUp, layer.secondNormed)
        layer.output.accumulateGradients(member, tokens: tokens, middleGradient, layer.attended)
        if stop == .output { return }
        attendBackward(member, layer, unitBase: unitBase)
        member.wait()

        guard let positions = pass.positions else { return }
        Kernels.rotate(
            rows: count, heads: attention.heads + attention.keyValueHeads, headSize: shape.headSize,
            positions: positions + first, cosines: rotary.cosines.floats, sines: rotary.sines.floats, backward: true,
            fusedGradient + first * attention.fusedWidth, stride: attention.fusedWidth)
        if stop == .queryKeyValue {
            layer.queryKeyValue.backwardLowRank(rows, fusedGradient)
        } else {
            layer.queryKeyValue.backwardInput(rows, fusedGradient, into: normedGradient)
            normBackward(
                member, number: 2 * index, x: layer.residual, weight: layer.firstNorm, inverse: layer.firstInverse,
                residual: middleGradient, into: residualGradient)
        }
        member.wait()
        layer.queryKeyValue.accumulateGradients(member, tokens: tokens, fusedGradient, layer.firstNormed)
    }

    private func attendBackward(_ member: TeamMember, _ layer: LayerPass, unitBase: Int) {
        let heads = attention.keyValueHeads
        let scratch = arena.floats + layout.attentionScratch + member.index * layout.attentionScratchCount
        pass.spans.withUnsafeBufferPointer { spans in
            while let unit = member.nextUnit(of: attentionUnits, base: unitBase) {
                let family = pass.families[unit / heads]
                for segment in family {
                    let rows = spans[pass.chains[segment].upperBound - 1]
                    attention.zeroKeyValueGradients(
                        keyValueHead: unit % heads, rows: rows, dqkv: arena.floats + layout.fusedGradient)
                }
                for segment in family {
                    attention.backward(
                        keyValueHead: unit % heads, chain: .init(rebasing: spans[pass.chains[segment]]),
                        qkv: layer.fused,
                        out: layer.attended, logSums: layer.logSums, dout: arena.floats + layout.attentionGradient,
                        dqkv: arena.floats + layout.fusedGradient, scratch: scratch)
                }
            }
        }
    }

    /// Norm number `number` of the model, on this member's rows of `normedGradient`; the weight's gradient goes to the
    /// member's own partial sums.
    private func normBackward(
        _ member: TeamMember, number: Int, x: Floats, weight: Floats, inverse: Floats, residual: Floats?,
        into result: Floats
    ) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep), width = shape.hiddenSize,
            first = rows.lowerBound * width
        let norms = 2 * shape.layerCount + 1
        let partial =
            trainable == .full
            ? arena.floats + layout.normPartials + (member.index * norms + number) * width : nil
        if let partial { memset(partial, 0, width * 4) }
        Kernels.rmsNormBackward(
            rows: rows.count, width: width, arena.floats + layout.normedGradient + first, x: x + first, weight: weight,
            inverse: inverse + rows.lowerBound, residual: residual.map { $0 + first }, into: result + first,
            weightGradient: partial)
    }

    /// Adds the members' partial sums in member order.
    private func sumNormPartials(_ member: TeamMember, _ gradients: Floats) {
        let width = shape.hiddenSize, norms = 2 * shape.layerCount + 1
        for number in member.share(of: norms) {
            let result = gradients + normOffset(number)
            for other in 0..<member.count {
                let partial: Floats = arena.floats + layout.normPartials + (other * norms + number) * width
                Kernels.add(width, partial, to: result)
            }
        }
    }

    /// Norms are numbered in the order of the forward pass: two per layer, then the final one.
    private func normOffset(_ number: Int) -> Int {
        guard number < 2 * shape.layerCount else { return weights.finalNorm }
        let layer = weights.layers[number / 2]
        return number % 2 == 0 ? layer.firstNorm : layer.secondNorm
    }
}
