import Tensors

/// The products of a layer in float32.
extension FusedLinear {
    func forward(_ rows: Range<Int>, _ x: ReadOnlyFloats, _ weight: ReadOnlyFloats, into y: Floats) {
        if dropout == 0 {
            prepare(rows, x)
        } else {
            for adapter in adapters {
                MatrixProduct.forward(
                    rows: rows.count, outputs: adapter.rank, inputs: inputs, drop(rows, x, adapter), stride: inputs,
                    adapter.a, into: lowRank + rows.lowerBound * lowRankStride + adapter.rankOffset,
                    stride: lowRankStride)
            }
        }
        multiply(rows, 0..<outputs, x, weight, into: y)
    }

    func prepare(_ rows: Range<Int>, _ x: ReadOnlyFloats) {
        guard let first = adapters.first else { return }
        MatrixProduct.forward(
            rows: rows.count, outputs: ranks, inputs: inputs, x + rows.lowerBound * inputs, stride: inputs, first.a,
            into: lowRank + rows.lowerBound * lowRankStride + first.rankOffset, stride: lowRankStride)
    }

    func multiply(
        _ rows: Range<Int>, _ columns: Range<Int>, _ x: ReadOnlyFloats, _ weight: ReadOnlyFloats, into y: Floats
    ) {
        let result = y + rows.lowerBound * outputs
        MatrixProduct.forward(
            rows: rows.count, outputs: columns.count, inputs: inputs, x + rows.lowerBound * inputs, stride: inputs,
            weight + columns.lowerBound * inputs, into: result + columns.lowerBound, stride: outputs,
            accumulating: bias != nil && unscaled == nil)
        parts(of: columns) { part, adapter in
            guard let adapter else { return }
            MatrixProduct.forward(
                rows: rows.count, outputs: part.count, inputs: adapter.rank,
                lowRank + rows.lowerBound * lowRankStride + adapter.rankOffset, stride: lowRankStride,
                adapter.b + (part.lowerBound - adapter.outputOffset) * adapter.rank, into: result + part.lowerBound,
                stride: outputs, factor: adapter.scaling, accumulating: true)
        }
    }

    func backwardLowRank(_ rows: Range<Int>, _ dy: ReadOnlyFloats) {
        for adapter in adapters {
            MatrixProduct.inputGradient(
                rows: rows.count, outputs: adapter.outputs, inputs: adapter.rank,
                dy + rows.lowerBound * outputs + adapter.outputOffset, stride: outputs, adapter.b,
                into: lowRankGradient + rows.lowerBound * lowRankStride + adapter.rankOffset, stride: lowRankStride,
                factor: adapter.scaling)
        }
    }

    func backwardInput(_ rows: Range<Int>, _ dy: ReadOnlyFloats, _ weight: ReadOnlyFloats, into dx: Floats) {
        backwardLowRank(rows, dy)
        let result = dx + rows.lowerBound * inputs
        let low: Floats = lowRankGradient + rows.lowerBound * lowRankStride
        MatrixProduct.inputGradient(
            rows: rows.count, outputs: outputs, inputs: inputs, dy + rows.lowerBound * outputs, stride: outputs, weight,
            into: result, stride: inputs)
        guard let first = adapters.first else { return }
        if dropout == 0 {
            MatrixProduct.inputGradient(
                rows: rows.count, outputs: ranks, inputs: inputs, low + first.rankOffset, stride: lowRankStride,
                first.a, into: result, stride: inputs, accumulating: true)
            return
        }
        for adapter in adapters {
            MatrixProduct.inputGradient(
                rows: rows.count, outputs: adapter.rank, inputs: inputs, low + adapter.rankOffset,
                stride: lowRankStride, adapter.a, into: droppedRows + rows.lowerBound * droppedRowStride,
                stride: inputs)
            addKept(rows, adapter, to: dx)
        }
    }

    /// Adds this member's share of the gradients of the factors.
    func accumulateFactors(_ member: TeamMember, tokens: Int, _ dy: ReadOnlyFloats, _ x: ReadOnlyFloats) {
        let columns = member.share(of: inputs, step: 16)
        for adapter in adapters {
            let share = member.share(of: adapter.outputs, step: 16)
            MatrixProduct.weightGradient(
                rows: tokens, outputs: share.count, inputs: adapter.rank,
                dy + adapter.outputOffset + share.lowerBound, stride: outputs, lowRank + adapter.rankOffset,
                stride: lowRankStride, into: adapter.bGradient + share.lowerBound * adapter.rank, stride: adapter.rank,
                factor: adapter.scaling)
            guard dropout > 0 else { continue }
            MatrixProduct.weightGradient(
                rows: tokens, outputs: adapter.rank, inputs: columns.count, lowRankGradient + adapter.rankOffset,
                stride: lowRankStride, dropColumns(columns, member, tokens: tokens, x, adapter), stride: columns.count,
                into: adapter.aGradient + columns.lowerBound, stride: inputs)
        }
        guard dropout == 0, let first = adapters.first else { return }
        MatrixProduct.weightGradient(
            rows: tokens, outputs: ranks, inputs: columns.count, lowRankGradient + first.rankOffset,
            stride: lowRankStride, x + columns.lowerBound, stride: inputs, into: first.aGradient + columns.lowerBound,
            stride: inputs)
    }
}
