import Foundation
import ModelFiles
import Plan
import Randomness
import Tensors

extension LlamaModel {
    /// One layer's saved activations, norms and four products, as addresses.
    struct LayerPass {
        let residual: Floats, fused: Floats, attended: Floats, logSums: Floats, middle: Floats, gateUp: Floats
        /// What attention and MLP read: normalised rows, or the rows as they are.
        let attentionInput: Floats, mlpInput: Floats
        let norms: [NormPass?]
        /// Queries and keys of a row before their norms.
        let queryKey: Floats
        /// Where attention and MLP put what they add: into the saved input of a norm, or where it is added at once.
        let attentionBranch: Floats, mlpBranch: Floats
        let rotary: RotaryTables.Table?
        /// 0 without one.
        let window: Int
        let queryKeyValue: FusedLinear, output: FusedLinear, gateUpLinear: FusedLinear, down: FusedLinear

        func norm(_ role: BlockNorm) -> NormPass? { norms[role.rawValue] }
    }

    /// One norm of the model during a pass.
    struct NormPass {
        /// Number in `ModelWeights.norms`.
        let number: Int
        let factors: Floats
        let inverse: Floats
    }

    func layerPass(_ index: Int) -> LayerPass {
        let base = arena.floats + index * layout.layerStride, at = layout.layer
        let precise = arena.floats + layout.precises + index * layout.preciseStride, sums = layout.precise
        let isBefore = shape.block.norms != .after, isAfter = shape.block.norms != .before
        let delta = arena.floats + layout.delta, heads = shape.attentionHeadCount
        let inverses = [
            precise + sums.firstInverse, precise + sums.secondInverse, precise + sums.queryKeyInverse,
            precise + sums.queryKeyInverse + pass.tokens * heads, precise + sums.attentionInverse,
            precise + sums.mlpInverse,
        ]
        return LayerPass(
            residual: arena.floats + layout.residuals + index * layout.residualStride, fused: base + at.fused,
            attended: base + at.attended,
            logSums: precise + sums.logSums, middle: base + at.middle, gateUp: base + at.gateUp,
            attentionInput: isBefore
                ? base + at.firstNormed : arena.floats + layout.residuals + index * layout.residualStride,
            mlpInput: base + (isBefore ? at.secondNormed : at.middle),
            norms: zip(weights.layers[index].norms, inverses).map { number, inverse in
                number.map { NormPass(number: $0, factors: weights.normFactors($0), inverse: inverse) }
            },
            queryKey: base + at.queryKey, attentionBranch: isAfter ? base + at.attentionBranch : delta,
            mlpBranch: isAfter ? base + at.mlpBranch : delta, rotary: rotary.table(layer: index),
            window: shape.window(layer: index), queryKeyValue: linear(.queryKeyValue, index),
            output: linear(.output, index), gateUpLinear: linear(.gateUp, index), down: linear(.down, index))
    }

    /// The norm before the output head.
    var finalNorm: NormPass {
        let number = weights.norms.count - 1
        return NormPass(
            number: number, factors: weights.normFactors(number), inverse: arena.floats + layout.finalInverse)
    }

    private func linear(_ group: LinearGroup, _ index: Int) -> FusedLinear {
        let offset = weights.layers[index].groups[group.rawValue]
        let bias = weights.layers[index].biases[group.rawValue]
        let settings = adapter?.settings, precise = arena.floats + layout.precises + index * layout.preciseStride
        return FusedLinear(
            outputs: group.outputs(shape), inputs: group.inputs(shape),
            weight: weight(offset, group, weights.layers[index].quantized[group.rawValue]),
            weightGradient: weights.gradients.map { $0.floats + offset },
            bias: bias.map { ReadOnlyFloats(weights.values.floats + $0) },
            biasGradient: bias.flatMap { bias in weights.gradients.map { $0.floats + bias } },
            adapters: usesAdapter ? adapter?.factors[index][group.rawValue] ?? [] : [],
            dropout: pass.isTraining ? Float(settings?.dropout ?? 0) : 0,
            dropoutKey: pass.dropoutKey, lowRank: precise + layout.precise.lowRank,
            lowRankGradient: arena.floats + layout.lowRankGradient,
            lowRankStride: layout.lowRankStride, droppedRows: arena.floats + layout.droppedRows,
            droppedRowStride: layout.droppedRowStride, droppedColumns: arena.floats + layout.droppedColumns,
            droppedColumnShare: layout.droppedColumnShare, unscaled: usesAdapter ? unscaled(group, index) : nil,
            scaledGradient: scaledGradient(group))
    }

    private func weight(_ offset: Int, _ group: LinearGroup, _ quantized: [NF4Matrix]) -> FusedLinear.Weight {
        guard precision == .bf16 else { return .float32(weights.matrices.floats + offset) }
        let room = NarrowedRoom(
            rows: bfloats(layout.narrowedRows), rowStride: layout.narrowedRowStride,
            inputs: bfloats(layout.narrowedInputs[group.rawValue]),
            gradients: bfloats(layout.narrowedGradients[group.rawValue]),
            lowRank: bfloats(layout.narrowedLowRank), scratch: productScratch(0),
            firstSums: .init(
                columns: bfloats(layout.narrowedColumns), turned: bfloats(layout.turnedLowRank),
                sums: arena.floats + layout.factorSums),
            sumsStride: layout.sumsStride, weights: bfloats(layout.expandedWeights))
        return .bfloat16(quantized.isEmpty ? .plain(weights.matrices.bfloats + offset) : .nf4(quantized), room)
    }

    private func unscaled(_ group: LinearGroup, _ index: Int) -> Floats? {
        guard let adapter, adapter.settings.useDoRA, !adapter.factors[index][group.rawValue].isEmpty else { return nil }
        return arena.floats + layout.precises + index * layout.preciseStride + layout.precise.unscaled[group.rawValue]
    }

    /// The gradients of what attention and MLP add are needed again after the products; those of the others are not.
    private func scaledGradient(_ group: LinearGroup) -> Floats? {
        switch group {
        case .output: arena.floats + layout.outputGradient
        case .down: arena.floats + layout.downGradient
        case .queryKeyValue, .gateUp: nil
        }
    }

    /// Runs all layers on `tokens` rows and leaves the final norm's output in the arena.
    ///
    /// `attend` fills a layer's attention output from its fused rows; it is called by every member and must end with
    /// all rows written and visible.
    func forward(
        _ member: TeamMember, layers: [LayerPass], attend: (_ layer: Int, _ pass: LayerPass) -> Void
    ) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep)
        let delta = arena.floats + layout.delta
        var previous: LayerPass?
        for (index, layer) in layers.enumerated() {
            if let previous {
                enter(
                    rows, previous.middle, plus: delta, sum: layer.residual, layer.norm(.attentionInput),
                    into: layer.attentionInput)
            } else {
                embed(rows, into: layer.residual)
                enter(
                    rows, layer.residual, plus: nil, sum: nil, layer.norm(.attentionInput), into: layer.attentionInput)
            }
            forward(member, rows, layer) { attend(index, layer) }
            if pass.isTraining, layout.keptStride > 0, index < layers.count - 1 { keep(rows, index) }
            previous = layer
        }
        guard let previous else { return }
        enter(
            rows, previous.middle, plus: delta, sum: arena.floats + layout.finalResidual, finalNorm,
            into: arena.floats + layout.finalNormed)
    }

    /// One layer, from what attention reads to what the layer adds, in `delta`.
    private func forward(_ member: TeamMember, _ rows: Range<Int>, _ layer: LayerPass, attend: () -> Void) {
        let delta = arena.floats + layout.delta, hidden = arena.floats + layout.hidden
        multiply(member, rows, layer.queryKeyValue, layer.attentionInput, into: layer.fused)
        normQueriesAndKeys(rows, layer)
        rotate(rows, layer, layer.fused)
        if pass.isTraining, layout.narrows { round(rows, layer.fused, width: attention.fusedWidth) }
        attend()
        multiply(member, rows, layer.output, layer.attended, into: layer.attentionBranch)
        leave(rows, layer.attentionBranch, layer.norm(.attentionOutput), into: delta)
        enter(rows, layer.residual, plus: delta, sum: layer.middle, layer.norm(.mlpInput), into: layer.mlpInput)
        multiply(member, rows, layer.gateUpLinear, layer.mlpInput, into: layer.gateUp)
        activate(rows, layer, into: hidden)
        multiply(member, rows, layer.down, hidden, into: layer.mlpBranch)
        leave(rows, layer.mlpBranch, layer.norm(.mlpOutput), into: delta)
    }

    /// One product of a layer, of this member's rows, or of its outputs of all rows.
    private func multiply(
        _ member: TeamMember, _ rows: Range<Int>, _ linear: FusedLinear, _ x: Floats, into y: Floats
    ) {
        guard pass.splitsOutputs else { return linear.forward(rows, member, x, into: y) }
        let columns = member.share(of: linear.outputs, step: 16)
        linear.prepare(rows, member, x)
        if rows.isEmpty { linear.prefetch(columns) }
        member.wait()
        linear.forward(0..<pass.tokens, columns: columns, member, x, into: y)
        member.wait()
    }

    /// The forward pass of one layer again, from the rows that went into it.
    func recompute(_ member: TeamMember, _ layer: LayerPass, unitBase: Int) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep)
        enter(rows, layer.residual, plus: nil, sum: nil, layer.norm(.attentionInput), into: layer.attentionInput)
        forward(member, rows, layer) { attendSegments(member, layer, unitBase: unitBase) }
        guard layout.narrows else { return }
        // As if it had been kept: the same bits either way.
        for array in layout.layer.keptArrays where array.offset != layout.layer.residual {
            round(rows, arena.floats + array.offset, width: array.width)
        }
        round(rows, layer.residual, width: shape.hiddenSize)
        normAgain(rows, layer)
    }

    /// Rounds what the backward pass of a layer needs, before the next layer takes its room.
    private func keep(_ rows: Range<Int>, _ index: Int) {
        for array in layout.layer.keptArrays {
            let (numbers, kept, count) = place(of: array, rows, index)
            Kernels.narrow(count, numbers, into: kept)
        }
    }

    /// Fills the room of all layers with what was kept of one, and with the norms of that.
    func restore(_ member: TeamMember, _ layer: LayerPass, _ index: Int) {
        let rows = member.share(of: pass.tokens, step: pass.rowStep)
        for array in layout.layer.keptArrays {
            let (numbers, kept, count) = place(of: array, rows, index)
            Kernels.widen(count, ReadOnlyBFloats(kept), into: numbers)
        }
        normAgain(rows, layer)
    }

    /// The norms of rows that were rounded.
    private func normAgain(_ rows: Range<Int>, _ layer: LayerPass) {
        enter(rows, layer.residual, plus: nil, sum: nil, layer.norm(.attentionInput), into: layer.attentionInput)
        enter(rows, layer.middle, plus: nil, sum: nil, layer.norm(.mlpInput), into: layer.mlpInput)
    }

    private func place(
        of array: LayerLayout.KeptArray, _ rows: Range<Int>, _ index: Int
    ) -> (numbers: Floats, kept: BFloats, count: Int) {
        let first = rows.lowerBound * array.width
        return (
            arena.floats + array.offset + first, bfloats(layout.kept + index * layout.keptStride + array.place) + first,
            rows.count * array.width
        )
    }

    /// What the backward pass will read is what the forward pass reads too: scores must not differ between the two.
    private func round(_ rows: Range<Int>, _ values: Floats, width: Int) {
        let room = bfloats(layout.narrowedRows) + rows.lowerBound * layout.narrowedRowStride
        Kernels.narrow(rows.count * width, values + rows.lowerBound * width, into: room)
        Kernels.widen(rows.count * width, ReadOnlyBFloats(room), into: values + rows.lowerBound * width)
    }

    private func embed(_ rows: Range<Int>, into result: Floats) {
        let width = shape.hiddenSize, embedding = weights.tensors[0]
        guard let inputIDs = pass.inputIDs else { return }
        for row in rows {
            let first = Int(inputIDs[row]) * width
            embedding.load(first..<first + width, into: result + row * width)
            if shape.embeddingScale != 1 { Kernels.scale(width, by: shape.embeddingScale, result + row * width) }
            addNoise(toRow: row, result + row * width)
        }
    }

    /// `sum = x + delta`, and what the block reads of it: itself, or its norm.
    private func enter(
        _ rows: Range<Int>, _ x: Floats, plus delta: Floats?, sum: Floats?, _ norm: NormPass?, into result: Floats
    ) {
        let width = shape.hiddenSize, first = rows.lowerBound * width
        if let norm {
            Kernels.rmsNorm(
                rows: rows.count, width: width, x + first, plus: delta.map { $0 + first }, weight: norm.factors,
                epsilon: shape.rmsNormEpsilon, sum: sum.map { $0 + first }, into: result + first,
                inverse: norm.inverse + rows.lowerBound)
        } else if let delta, let sum {
            memcpy(sum + first, x + first, rows.count * width * 4)
            Kernels.add(rows.count * width, delta + first, to: sum + first)
        }
    }

    /// What a block adds, normalised first where the design says so.
    private func leave(_ rows: Range<Int>, _ branch: Floats, _ norm: NormPass?, into delta: Floats) {
        guard let norm else { return }
        let width = shape.hiddenSize, first = rows.lowerBound * width
        Kernels.rmsNorm(
            rows: rows.count, width: width, branch + first, plus: nil, weight: norm.factors,
            epsilon: shape.rmsNormEpsilon, sum: nil, into: delta + first, inverse: norm.inverse + rows.lowerBound)
    }

    private func normQueriesAndKeys(_ rows: Range<Int>, _ layer: LayerPass) {
        guard layer.norm(.query) != nil else { return }
        let saved = shape.queryWidth + shape.keyValueWidth, parts = queryKeyParts(layer)
        for row in rows {
            let fused = layer.fused + row * attention.fusedWidth, before = layer.queryKey + row * saved
            memcpy(before, fused, saved * 4)
            for part in parts {
                Kernels.rmsNorm(
                    rows: part.count, width: part.width, before + part.offset, plus: nil, weight: part.norm.factors,
                    epsilon: shape.rmsNormEpsilon, sum: nil, into: fused + part.offset,
                    inverse: part.norm.inverse + row * part.count)
            }
        }
    }

    /// The stretches of a fused row that are normalised: `count` times `width` numbers from `offset` on.
    func queryKeyParts(_ layer: LayerPass) -> [(norm: NormPass, offset: Int, count: Int, width: Int)] {
        guard let query = layer.norm(.query), let key = layer.norm(.key) else { return [] }
        let queryWidth = weights.norms[query.number].width, keyWidth = weights.norms[key.number].width
        return [
            (query, 0, shape.queryWidth / queryWidth, queryWidth),
            (key, shape.queryWidth, shape.keyValueWidth / keyWidth, keyWidth),
        ]
    }

    /// Turns the queries and keys of fused rows by their positions, or their gradients back.
    func rotate(_ rows: Range<Int>, _ layer: LayerPass, backward: Bool = false, _ fused: Floats) {
        guard let table = layer.rotary, let positions = pass.positions else { return }
        Kernels.rotate(
            rows: rows.count, heads: attention.heads + attention.keyValueHeads, headSize: shape.headSize,
            rotated: shape.rotarySize, positions: positions + rows.lowerBound, cosines: table.cosines.floats,
            sines: table.sines.floats, backward: backward, fused + rows.lowerBound * attention.fusedWidth,
            stride: attention.fusedWidth)
    }

    func activate(_ rows: Range<Int>, _ layer: LayerPass, into hidden: Floats) {
        let width = shape.intermediateSize, first = rows.lowerBound
        let gateUp = layer.gateUp + first * 2 * width, result = hidden + first * width
        switch shape.block.activation {
        case .silu: Kernels.swiGLU(rows: rows.count, width: width, gateUp, into: result)
        case .geluTanh: Kernels.geGLU(rows: rows.count, width: width, gateUp, into: result)
        }
    }

    /// NEFTune's noise for one row: a function of the pass's key and the row alone, whatever thread computes it.
    private func addNoise(toRow row: Int, _ values: Floats) {
        guard pass.isTraining, row < pass.noise.count, pass.noise[row] > 0 else { return }
        var random = CounterGenerator(
            seed: Int(truncatingIfNeeded: pass.dropoutKey), place: .init(row: row, layer: Self.noiseStream))
        for index in 0..<shape.hiddenSize { values[index] += pass.noise[row] * Float(2 * random.uniform() - 1) }
    }

    /// Apart from the streams of dropout, which are numbered by adapted module.
    private static let noiseStream = 1 << 30

    /// Attention of every segment over itself and its prefixes. Units are (segment, key/value head) in order of cost.
    func attendSegments(_ member: TeamMember, _ layer: Int, _ at: LayerPass) {
        attendSegments(member, at, unitBase: layer * (forwardUnits + member.count))
    }

    /// Units of one layer's attention: a segment and a key/value head.
    var forwardUnits: Int { pass.chains.count * attention.keyValueHeads }

    func attendSegments(_ member: TeamMember, _ at: LayerPass, unitBase: Int) {
        member.wait()
        let heads = attention.keyValueHeads, units = forwardUnits
        let scratch = arena.floats + layout.attentionScratch + member.index * layout.attentionScratchCount
        pass.spans.withUnsafeBufferPointer { spans in
            while let unit = member.nextUnit(of: units, base: unitBase) {
                attention.forward(
                    keyValueHead: unit % heads, window: at.window,
                    chain: .init(rebasing: spans[pass.chains[unit / heads]]), qkv: at.fused,
                    out: at.attended, logSums: at.logSums, scratch: scratch)
            }
        }
        member.wait()
    }
}
