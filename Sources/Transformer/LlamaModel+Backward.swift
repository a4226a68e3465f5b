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
            member, finalNorm, arena.floats + layout.normedGradient, x: arena.floats + layout.finalResidual,
            residual: nil, into: residualGradient)
        var unit = firstUnit
        for index in layers.indices.reversed() {
            // The last layer's activations are still there.
            if recomputes && index < layers.count - 1 {
                member.wait()
                recompute(member, layers[index], unitBase: unit)
                unit += forwardUnits + member.count
            } else if layout.keptStride > 0 && index < layers.count - 1 {
                member.wait()
                restore(member, layers[index], index)
            }
            let stop = index == 0 && !trainsOwnWeights ? adapter?.firstGroup : nil
            backward(member, index, layers[index], stoppingAt: stop, unitBase: unit)
            unit += attentionUnits + member.count
        }
        guard trainsOwnWeights, let inputIDs = pass.inputIDs else { return }
        member.wait()
        if let gradients = weights.embeddingGradient {
            let columns = member.share(of: width, step: 16)
            for row in 0..<pass.tokens {
                let target: Floats = gradients + Int(inputIDs[row]) * width
                Kernels.add(
                    columns.count, residualGradient + row * width + columns.lowerBound, times: shape.embeddingScale,
                    to: target + columns.lowerBound)
            }
        }
        sumNormPartials(member)
    }

    /// Whether anything but adapters is trained: then gradients go all the way back.
    private var trainsOwnWeights: Bool { trainable == .full || weights.savedGradients != nil }

    /// Units of one layer's backward attention: a family of segments that share rows, and a key/value head.
    private var attentionUnits: Int { pass.families.count * attention.keyValueHeads }

    private func backward(
        _ member: TeamMember, _ index: Int, _ layer: LayerPass, stoppingAt stop: LinearGroup?, unitBase: Int
    ) {
        let tokens = pass.tokens, rows = member.share(of: tokens, step: pass.rowStep)
        let hidden = arena.floats + layout.hidden, residualGradient = arena.floats + layout.residualGradient
        let middleGradient = arena.floats + layout.middleGradient, normedGradient = arena.floats + layout.normedGradient
        let attentionGradient = arena.floats + layout.attentionGradient
        let fusedGradient = arena.floats + layout.fusedGradient

        let mlpGradient = layer.down.scaledGradient(
            rows, branchBackward(member, residualGradient, layer.norm(.mlpOutput), layer.mlpBranch))
        if stop == .down {
            activate(rows, layer, into: hidden)
            layer.down.backwardLowRank(rows, member, mlpGradient)
            layer.down.prepareGradients(rows, hidden)
            member.wait()
            layer.down.accumulateGradients(member, tokens: tokens, mlpGradient, hidden)
            return
        }
        layer.down.backwardInput(rows, member, mlpGradient, into: hidden)
        activateBackward(rows, layer, hidden)
        layer.down.prepareGradients(rows, hidden)
        layer.gateUpLinear.prepareGradients(rows, layer.mlpInput)
        _ = layer.gateUpLinear.scaledGradient(rows, layer.gateUp)
        if stop == .gateUp {
            layer.gateUpLinear.backwardLowRank(rows, member, layer.gateUp)
            member.wait()
            layer.down.accumulateGradients(member, tokens: tokens, mlpGradient, hidden)
            layer.gateUpLinear.accumulateGradients(member, tokens: tokens, layer.gateUp, layer.mlpInput)
            return
        }
        layer.gateUpLinear.backwardInput(rows, member, layer.gateUp, into: normedGradient)
        inputBackward(member, layer.norm(.mlpInput), x: layer.middle, residual: residualGradient, into: middleGradient)
        let branchGradient = layer.output.scaledGradient(
            rows, branchBackward(member, middleGradient, layer.norm(.attentionOutput), layer.attentionBranch))
        layer.output.prepareGradients(rows, layer.attended)
        if stop == .output {
            layer.output.backwardLowRank(rows, member, branchGradient)
        } else {
            layer.output.backwardInput(rows, member, branchGradient, into: attentionGradient)
        }
        member.wait()
        layer.down.accumulateGradients(member, tokens: tokens, mlpGradient, hidden)
        layer.gateUpLinear.accumulateGradients(member, tokens: tokens, layer.gateUp, layer.mlpInput)
        layer.output.accumulateGradients(member, tokens: tokens, branchGradient, layer.attended)
        if stop == .output { return }
        attendBackward(member, layer, unitBase: unitBase)
        member.wait()

        rotate(rows, layer, backward: true, fusedGradient)
        queryKeyNormsBackward(member, rows, layer, fusedGradient)
        _ = layer.queryKeyValue.scaledGradient(rows, fusedGradient)
        layer.queryKeyValue.prepareGradients(rows, layer.attentionInput)
        if stop == .queryKeyValue {
            layer.queryKeyValue.backwardLowRank(rows, member, fusedGradient)
        } else {
            layer.queryKeyValue.backwardInput(rows, member, fusedGradient, into: normedGradient)
            inputBackward(
                member, layer.norm(.attentionInput), x: layer.residual, residual: middleGradient,
                into: residualGradient)
        }
        member.wait()
        layer.queryKeyValue.accumulateGradients(member, tokens: tokens, fusedGradient, layer.attentionInput)
    }

    /// The gradient of what a block adds before its norm, put in the place of what it added; without a norm, `gradient`.
    private func branchBackward(
        _ member: TeamMember, _ gradient: Floats, _ norm: NormPass?, _ branch: Floats
    ) -> Floats {
        guard let norm else { return gradient }
        normBackward(member, norm, gradient, x: branch, residual: nil, into: branch)
        return branch
    }

    /// From the gradient of what a block reads, in `normedGradient`, to that of the rows it was made of.
    private func inputBackward(
        _ member: TeamMember, _ norm: NormPass?, x: Floats, residual: Floats, into result: Floats
    ) {
        let normedGradient = arena.floats + layout.normedGradient
        if let norm { return normBackward(member, norm, normedGradient, x: x, residual: residual, into: result) }
        let rows = member.share(of: pass.tokens, step: pass.rowStep), width = shape.hiddenSize,
            first = rows.lowerBound * width
        memcpy(result + first, residual + first, rows.count * width * 4)
        Kernels.add(rows.count * width, normedGradient + first, to: result + first)
    }

    /// `gateUp` becomes its gradient, `hidden` what it was in the forward pass.
    private func activateBackward(_ rows: Range<Int>, _ layer: LayerPass, _ hidden: Floats) {
        let width = shape.intermediateSize, first = rows.lowerBound
        let gateUp = layer.gateUp + first * 2 * width, gradient = hidden + first * width
        switch shape.block.activation {
        case .silu: Kernels.swiGLUBackward(rows: rows.count, width: width, gateUp, gradient)
        case .geluTanh: Kernels.geGLUBackward(rows: rows.count, width: width, gateUp, gradient)
        }
    }

    /// Gradients of queries and keys behind their norms become those before.
    private func queryKeyNormsBackward(
        _ member: TeamMember, _ rows: Range<Int>, _ layer: LayerPass, _ fusedGradient: Floats
    ) {
        let saved = shape.queryWidth + shape.keyValueWidth
        for part in queryKeyParts(layer) {
            let partial = startPartial(member, part.norm)
            for row in rows {
                let gradient: Floats = fusedGradient + row * attention.fusedWidth + part.offset
                Kernels.rmsNormBackward(
                    rows: part.count, width: part.width, gradient, x: layer.queryKey + row * saved + part.offset,
                    weight: part.norm.factors, inverse: part.norm.inverse + row * part.count, residual: nil,
                    into: gradient, weightGradient: partial)
            }
        }
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
                        keyValueHead: unit % heads, window: layer.window,
                        chain: .init(rebasing: spans[pass.chains[segment]]), qkv: layer.fused,
                        out: layer.attended, logSums: layer.logSums, dout: arena.floats + layout.attentionGradient,
                        dqkv: arena.floats + layout.fusedGradient, scratch: scratch)
                }
            }
        }
    }

    /// A norm as wide as a row, on this member's rows; the weight's gradient goes to the member's own partial sums.
    /// `result` may be `x`.
    private func normBackward(
        _ member: TeamMember, _ norm: NormPass, _ gradient: Floats, x: Floats, residual: Floats?, into result: Floats
    ) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep), width = shape.hiddenSize,
            first = rows.lowerBound * width
        Kernels.rmsNormBackward(
            rows: rows.count, width: width, gradient + first, x: x + first, weight: norm.factors,
            inverse: norm.inverse + rows.lowerBound, residual: residual.map { $0 + first }, into: result + first,
            weightGradient: startPartial(member, norm))
    }

    /// Where a member adds up the gradient of a norm's weight, cleared; nil when the norm is frozen.
    private func startPartial(_ member: TeamMember, _ norm: NormPass) -> Floats? {
        guard weights.normGradients[norm.number] != nil else { return nil }
        let place = weights.norms[norm.number]
        let partial: Floats =
            arena.floats + layout.normPartials + member.index * layout.normPartialStride + place.partialOffset
        memset(partial, 0, place.width * 4)
        return partial
    }

    /// Adds the members' partial sums in member order.
    private func sumNormPartials(_ member: TeamMember) {
        for number in member.share(of: weights.norms.count) {
            guard let gradient = weights.normGradients[number] else { continue }
            let place = weights.norms[number]
            for other in 0..<member.count {
                let partial: Floats =
                    arena.floats + layout.normPartials + other * layout.normPartialStride + place.partialOffset
                Kernels.add(place.width, partial, to: gradient)
            }
        }
    }
}
