import Foundation
import ModelFiles
import Plan
import Tensors

extension LlamaModel {
    /// Adds the gradients of the sum of token losses of `batch` to those of the trainable parameters.
    ///
    /// `dropoutKey` decides which adapter inputs are dropped; equal keys drop the same.
    /// - Throws: `TransformerError` when the batch does not fit the model.
    package func forwardBackward(_ batch: PackedBatch, dropoutKey: UInt64 = 0) throws(TransformerError) -> PassResult {
        let losses = try run(batch, backward: true, dropoutKey: dropoutKey)
        return PassResult(lossSum: losses.reduce(0) { $0 + Double($1) }, targetTokens: losses.count)
    }

    /// The negative log-likelihood, in nats, of every target token of `batch`, in the order of the rows.
    package func evaluateLoss(_ batch: PackedBatch) throws(TransformerError) -> [Float] {
        try run(batch, backward: false, dropoutKey: 0)
    }

    /// The logits at `rows` of `batch`, [rows, vocabulary].
    package func logits(_ batch: PackedBatch, at rows: [Int]) throws(TransformerError) -> [Float] {
        try check(batch)
        for row in rows where row < 0 || row >= batch.tokenCount {
            throw .noSuchRow(row, tokens: batch.tokenCount)
        }
        var result = [Float](repeating: 0, count: rows.count * shape.vocabularySize)
        begin(batch, isTraining: false, dropoutKey: 0)
        let layers = (0..<shape.layerCount).map(layerPass)
        batch.inputIDs.withUnsafeBufferPointer { ids in
            batch.positions.withUnsafeBufferPointer { positions in
                (pass.inputIDs, pass.positions) = (ids.baseAddress, positions.baseAddress)
                result.withUnsafeMutableBufferPointer { result in
                    guard let base = result.baseAddress else { return }
                    team.run { member in
                        forward(member, layers: layers) { attendSegments(member, $0, $1) }
                        member.wait()
                        headLogits(member, rows: rows, into: base)
                    }
                }
            }
        }
        return result
    }

    /// The logits of `rows` of the pass just run, [rows, vocabulary], by members' shares of the vocabulary.
    func headLogits(_ member: TeamMember, rows: [Int], into logits: Floats) {
        let vocabulary = shape.vocabularySize, width = shape.hiddenSize
        let head = self.head(member), hidden = arena.floats + layout.headHidden
        let share = member.share(of: vocabulary, step: 16)
        for start in stride(from: 0, to: rows.count, by: layout.headRows) {
            let chunk = rows[start..<min(rows.count, start + layout.headRows)]
            if member.index == 0 {
                for (index, row) in chunk.enumerated() {
                    memcpy(hidden + index * width, arena.floats + layout.finalNormed + row * width, width * 4)
                }
            }
            member.wait()
            head.forward(0..<chunk.count, share, hidden, into: logits + start * vocabulary)
            if shape.headSoftcap > 0 {
                for row in 0..<chunk.count {
                    Kernels.softcap(
                        share.count, shape.headSoftcap, logits + (start + row) * vocabulary + share.lowerBound)
                }
            }
            member.wait()
        }
    }

    private func run(_ batch: PackedBatch, backward isBackward: Bool, dropoutKey: UInt64) throws(TransformerError)
        -> [Float]
    {
        try check(batch)
        begin(batch, isTraining: isBackward && trainable != .none, dropoutKey: dropoutKey)
        let targets = pass.targets.count
        guard targets > 0 else { return [] }
        let layers = (0..<shape.layerCount).map(layerPass), isTraining = pass.isTraining
        batch.inputIDs.withUnsafeBufferPointer { ids in
            batch.positions.withUnsafeBufferPointer { positions in
                (pass.inputIDs, pass.positions) = (ids.baseAddress, positions.baseAddress)
                team.run { member in
                    forward(member, layers: layers) { attendSegments(member, $0, $1) }
                    headLosses(member)
                    if isTraining {
                        let units = forwardUnits + member.count
                        self.backward(member, layers: layers, firstUnit: layers.count * units)
                    }
                }
            }
        }
        // Whoever asked for gradients is about to change the adapter.
        if isTraining { adapterChanged() }
        return Array(UnsafeBufferPointer(start: arena.floats + layout.losses, count: targets))
    }

    func begin(_ batch: PackedBatch, isTraining: Bool, dropoutKey: UInt64) {
        pass.tokens = batch.tokenCount
        pass.isTraining = isTraining
        pass.splitsOutputs = false
        pass.dropoutKey = dropoutKey
        pass.setSegments(batch.segments)
        weights.refreshNormFactors()
        refreshAdapter()
        rotary.prepare(positions: Int(batch.positions.max() ?? 0) + 1)
        pass.noise.removeAll(keepingCapacity: true)
        if isTraining, let neftuneAlpha {
            pass.noise = Array(repeating: 0, count: batch.tokenCount)
            for segment in batch.segments {
                let most = neftuneAlpha / Double(segment.count * shape.hiddenSize).squareRoot()
                for row in segment.start..<segment.start + segment.count { pass.noise[row] = Float(most) }
            }
        }
        pass.targetRows.removeAll(keepingCapacity: true)
        pass.targets.removeAll(keepingCapacity: true)
        for (row, target) in batch.targets.enumerated() where target != PackedBatch.ignored {
            pass.targetRows.append(Int32(row))
            pass.targets.append(target)
        }
    }

    /// Losses of all target rows, in chunks of `layout.headRows`; when training, also the gradient of the final norm's
    /// output and of the output head.
    private func headLosses(_ member: TeamMember) {
        let width = shape.hiddenSize, vocabulary = shape.vocabularySize, isTraining = pass.isTraining
        let head = self.head(member)
        let headGradient = isTraining ? weights.headGradient : nil
        let logits = arena.floats + layout.logits, hidden = arena.floats + layout.headHidden
        let normed = arena.floats + layout.finalNormed, normedGradient = arena.floats + layout.normedGradient
        if isTraining {
            let rows = member.share(of: pass.tokens, step: pass.rowStep)
            memset(normedGradient + rows.lowerBound * width, 0, rows.count * width * 4)
        }
        member.wait()
        for start in stride(from: 0, to: pass.targets.count, by: layout.headRows) {
            // The last chunk is shorter, so its rows are shared out otherwise: nobody may still work on the one before.
            if start > 0 { member.wait() }
            let chunk = min(layout.headRows, pass.targets.count - start)
            let mine = member.share(of: chunk, step: pass.rowStep), first = mine.lowerBound
            for row in mine {
                memcpy(hidden + row * width, normed + Int(pass.targetRows[start + row]) * width, width * 4)
            }
            head.forward(mine, 0..<vocabulary, hidden, into: logits)
            let own = first * vocabulary, ownCount = mine.count * vocabulary,
                capped = arena.floats + layout.cappedLogits
            if shape.headSoftcap > 0 {
                Kernels.softcap(ownCount, shape.headSoftcap, logits + own)
                if isTraining { memcpy(capped + own, logits + own, ownCount * 4) }
            }
            pass.targets.withUnsafeBufferPointer { targets in
                guard let base = targets.baseAddress else { return }
                Kernels.crossEntropy(
                    rows: mine.count, vocabulary: vocabulary, logits + first * vocabulary,
                    targets: base + start + first,
                    gradient: isTraining, loss: arena.floats + layout.losses + start + first)
            }
            guard isTraining else { continue }
            if shape.headSoftcap > 0 {
                Kernels.softcapBackward(ownCount, shape.headSoftcap, capped + own, logits + own)
            }
            let gradient = arena.floats + layout.headGradient
            head.backwardInput(mine, logits, into: gradient)
            for row in mine {
                memcpy(normedGradient + Int(pass.targetRows[start + row]) * width, gradient + row * width, width * 4)
            }
            guard let headGradient else { continue }
            member.wait()
            let share = member.share(of: vocabulary, step: 16)
            MatrixProduct.weightGradient(
                rows: chunk, outputs: share.count, inputs: width, logits + share.lowerBound, stride: vocabulary, hidden,
                stride: width, into: headGradient + share.lowerBound * width, stride: width)
            member.wait()
        }
        member.wait()
    }

    func check(_ batch: PackedBatch) throws(TransformerError) {
        guard batch.tokenCount <= maxBatchTokens else {
            throw .tooManyTokens(batch.tokenCount, limit: maxBatchTokens)
        }
        for segment in batch.segments where segment.start < 0 || segment.start + segment.count > batch.tokenCount {
            throw .noSuchRow(segment.start + segment.count - 1, tokens: batch.tokenCount)
        }
        for (row, id) in batch.inputIDs.enumerated() where id < 0 || Int(id) >= shape.vocabularySize {
            throw .unknownToken(id, row: row, vocabulary: shape.vocabularySize)
        }
        for (row, id) in batch.targets.enumerated()
        where id != PackedBatch.ignored && (id < 0 || Int(id) >= shape.vocabularySize) {
            throw .unknownToken(id, row: row, vocabulary: shape.vocabularySize)
        }
        for (row, position) in batch.positions.enumerated()
        where position < 0 || Int(position) >= shape.maxPositions {
            throw .positionTooLarge(Int(position), row: row, limit: shape.maxPositions)
        }
    }
}
