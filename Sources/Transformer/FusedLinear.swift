import Plan
import Tensors

/// One fused linear layer during a pass: its weight, its adapters, and where their low-rank activations lie.
///
/// `rows` ranges are the calling thread's own; everything that sums over rows is split over outputs or inputs instead,
/// so that no partial sums exist.
struct FusedLinear {
    let outputs: Int, inputs: Int
    let weight: Weight
    /// nil when the weight is frozen.
    let weightGradient: Floats?
    /// Added to every row of outputs; nil when the layer has none.
    let bias: ReadOnlyFloats?
    /// nil when the bias is frozen, or there is none.
    let biasGradient: Floats?
    let adapters: [AdapterWeights.Factors]
    let dropout: Float
    let dropoutKey: UInt64
    /// [tokens, stride] low-rank activations of this layer, and their gradients.
    let lowRank: Floats
    let lowRankGradient: Floats
    let lowRankStride: Int
    /// Room for [tokens, inputs], once split by rows and once by columns; used only with dropout.
    let droppedRows: Floats
    /// At least `inputs`, and equal for all layers: a member's room must not depend on the layer it is in.
    let droppedRowStride: Int
    let droppedColumns: Floats
    /// The most columns one member has in any layer.
    let droppedColumnShare: Int

    /// With DoRA, [tokens, outputs] outputs before their rows get their lengths; nil without.
    let unscaled: Floats?
    /// With DoRA, room for [tokens, outputs] where the gradient of the outputs must stay as it is.
    let scaledGradient: Floats?

    /// The matrix, in the number format it is kept and multiplied in.
    enum Weight {
        case float32(ReadOnlyFloats)
        case bfloat16(NarrowedWeight, NarrowedRoom)
    }

    /// Ranks of all adapters together; their A factors are one matrix.
    var ranks: Int { adapters.reduce(0) { $0 + $1.rank } }

    /// y[rows] = x[rows] W^T + bias + scaling (x A^T) B^T, with DoRA scaled row of the matrix by row before the bias.
    func forward(_ rows: Range<Int>, _ member: TeamMember, _ x: ReadOnlyFloats, into y: Floats) {
        startWithBias(rows, 0..<outputs, y)
        switch weight {
        case .float32(let weight): forward(rows, x, weight, into: y)
        case .bfloat16(let weight, let room): forward(rows, member, x, room.values(of: weight, member), room, into: y)
        }
        scaleOutputs(rows, 0..<outputs, y)
    }

    /// What outputs of `rows` are made of beside the matrix: low-rank activations, and the rows as the product reads them.
    /// Without dropout.
    func prepare(_ rows: Range<Int>, _ member: TeamMember, _ x: ReadOnlyFloats) {
        switch weight {
        case .float32: prepare(rows, x)
        case .bfloat16(_, let room): prepare(rows, member, x, room)
        }
    }

    /// Asks for the first weights of the outputs `columns`: for a member that waits while others prepare.
    func prefetch(_ columns: Range<Int>) {
        let numbers = columns.count * inputs
        switch weight {
        case .float32(let weight):
            Kernels.prefetch(weight + columns.lowerBound * inputs, bytes: min(numbers * 4, Self.prefetchedBytes))
        case .bfloat16(.plain(let weight), _):
            Kernels.prefetch(weight + columns.lowerBound * inputs, bytes: min(numbers * 2, Self.prefetchedBytes))
        case .bfloat16(.nf4, _): break
        }
    }

    /// About what comes from memory in the time of a norm.
    private static let prefetchedBytes = 128 << 10

    /// The outputs `columns` of rows that were prepared.
    func forward(_ rows: Range<Int>, columns: Range<Int>, _ member: TeamMember, _ x: ReadOnlyFloats, into y: Floats) {
        startWithBias(rows, columns, y)
        switch weight {
        case .float32(let weight): multiply(rows, columns, x, weight, into: y)
        case .bfloat16(let weight, let room):
            multiply(
                rows, columns, member, room.rows, stride: room.rowStride, room.values(of: weight, member), room, into: y
            )
        }
        scaleOutputs(rows, columns, y)
    }

    private func startWithBias(_ rows: Range<Int>, _ columns: Range<Int>, _ y: Floats) {
        guard let bias, unscaled == nil else { return }
        for row in rows {
            (y + row * outputs + columns.lowerBound).update(from: bias + columns.lowerBound, count: columns.count)
        }
    }

    /// The parts of `columns` that are adapted by one adapter, or by none.
    func parts(of columns: Range<Int>, _ body: (Range<Int>, AdapterWeights.Factors?) -> Void) {
        var column = columns.lowerBound
        for adapter in adapters {
            let own = (adapter.outputOffset..<adapter.outputOffset + adapter.outputs).clamped(to: columns)
            guard !own.isEmpty else { continue }
            if column < own.lowerBound { body(column..<own.lowerBound, nil) }
            body(own, adapter)
            column = own.upperBound
        }
        if column < columns.upperBound { body(column..<columns.upperBound, nil) }
    }

    /// Gradient of the low-rank activations, which the gradients of both factors and of the input need.
    func backwardLowRank(_ rows: Range<Int>, _ member: TeamMember, _ dy: ReadOnlyFloats) {
        switch weight {
        case .float32: backwardLowRank(rows, dy)
        case .bfloat16(_, let room):
            backwardLowRank(rows, member, narrowGradient(rows, dy, room), room)
        }
    }

    /// dx[rows] = dy[rows] W + (gradient of the low-rank activations) A
    func backwardInput(_ rows: Range<Int>, _ member: TeamMember, _ dy: ReadOnlyFloats, into dx: Floats) {
        switch weight {
        case .float32(let weight): backwardInput(rows, dy, weight, into: dx)
        case .bfloat16(let weight, let room):
            backwardInput(rows, member, dy, room.values(of: weight, member), room, into: dx)
        }
    }

    /// Makes `rows` of the inputs ready for `accumulateGradients` of all members; they have to wait for each other in
    /// between.
    func prepareGradients(_ rows: Range<Int>, _ x: ReadOnlyFloats) {
        guard case .bfloat16(_, let room) = weight, dropout == 0, !adapters.isEmpty else { return }
        let first = rows.lowerBound * inputs
        Kernels.narrow(rows.count * inputs, x + first, into: room.inputs + first)
    }

    /// Adds this member's share of the gradients of the weight and of the factors, over all `tokens` rows.
    func accumulateGradients(_ member: TeamMember, tokens: Int, _ dy: ReadOnlyFloats, _ x: ReadOnlyFloats) {
        if let weightGradient {
            let share = member.share(of: outputs, step: 16)
            MatrixProduct.weightGradient(
                rows: tokens, outputs: share.count, inputs: inputs, dy + share.lowerBound, stride: outputs, x,
                stride: inputs, into: weightGradient + share.lowerBound * inputs, stride: inputs)
        }
        if let biasGradient {
            let share = member.share(of: outputs, step: 16)
            for row in 0..<tokens {
                Kernels.add(
                    share.count, dy + row * outputs + share.lowerBound, to: biasGradient + share.lowerBound)
            }
        }
        for adapter in adapters {
            accumulateMagnitudes(member.share(of: adapter.outputs, step: 16), tokens: tokens, dy, adapter)
        }
        switch weight {
        case .float32: accumulateFactors(member, tokens: tokens, dy, x)
        case .bfloat16(_, let room): accumulateFactors(member, tokens: tokens, x, room)
        }
    }

    /// What dropout leaves of the inputs of one adapter.
    func drop(_ rows: Range<Int>, _ x: ReadOnlyFloats, _ adapter: AdapterWeights.Factors) -> Floats {
        let dropped = droppedRows + rows.lowerBound * droppedRowStride
        Kernels.dropout(
            rows.count * inputs, rate: dropout, key: key(adapter), first: rows.lowerBound * inputs,
            x + rows.lowerBound * inputs, into: dropped)
        return dropped
    }

    /// Adds the gradient of one adapter's inputs, which lies in its room for dropped rows, where they were kept.
    func addKept(_ rows: Range<Int>, _ adapter: AdapterWeights.Factors, to dx: Floats) {
        let dropped = droppedRows + rows.lowerBound * droppedRowStride
        Kernels.dropout(
            rows.count * inputs, rate: dropout, key: key(adapter), first: rows.lowerBound * inputs, dropped,
            into: dropped)
        Kernels.add(rows.count * inputs, dropped, to: dx + rows.lowerBound * inputs)
    }

    /// What dropout leaves of columns of the inputs of one adapter: [tokens, columns].
    func dropColumns(
        _ columns: Range<Int>, _ member: TeamMember, tokens: Int, _ x: ReadOnlyFloats, _ adapter: AdapterWeights.Factors
    ) -> Floats {
        let dropped = droppedColumns + member.index * tokens * droppedColumnShare
        for row in 0..<tokens {
            let first = row * inputs + columns.lowerBound
            Kernels.dropout(
                columns.count, rate: dropout, key: key(adapter), first: first, x + first,
                into: dropped + row * columns.count)
        }
        return dropped
    }

    private func key(_ adapter: AdapterWeights.Factors) -> UInt64 {
        dropoutKey &+ UInt64(adapter.number) &* 0x9E37_79B9_7F4A_7C15
    }
}

/// DoRA: every row of an adapted matrix gets a learnt length. The length it has counts as a constant in the backward pass.
extension FusedLinear {
    private func scaleOutputs(_ rows: Range<Int>, _ columns: Range<Int>, _ y: Floats) {
        guard let unscaled else { return }
        for row in rows {
            let outputs = y + row * outputs, first = columns.lowerBound
            (unscaled + row * self.outputs + first).update(from: outputs + first, count: columns.count)
            parts(of: columns) { part, adapter in
                guard let adapter, let magnitude = adapter.magnitude, let lengths = adapter.lengths else { return }
                for column in part {
                    outputs[column] *= magnitude[column - adapter.outputOffset] / lengths[column - adapter.outputOffset]
                }
            }
            if let bias { Kernels.add(columns.count, bias + first, to: outputs + first) }
        }
    }

    /// The gradient of the outputs before they got their lengths; `dy` itself without DoRA, or where it may be changed.
    func scaledGradient(_ rows: Range<Int>, _ dy: Floats) -> Floats {
        guard unscaled != nil else { return dy }
        let result = scaledGradient ?? dy
        for row in rows {
            let gradient = result + row * outputs
            if result != dy { gradient.update(from: dy + row * outputs, count: outputs) }
            for adapter in adapters {
                guard let magnitude = adapter.magnitude, let lengths = adapter.lengths else { continue }
                for index in 0..<adapter.outputs {
                    gradient[adapter.outputOffset + index] *= magnitude[index] / lengths[index]
                }
            }
        }
        return result
    }

    /// `dy` as `scaledGradient` gave it.
    private func accumulateMagnitudes(
        _ share: Range<Int>, tokens: Int, _ dy: ReadOnlyFloats, _ adapter: AdapterWeights.Factors
    ) {
        guard let unscaled, let gradient = adapter.magnitudeGradient, let magnitude = adapter.magnitude else { return }
        for row in 0..<tokens {
            let place = row * outputs + adapter.outputOffset
            for index in share where magnitude[index] != 0 {
                gradient[index] += dy[place + index] * unscaled[place + index] / magnitude[index]
            }
        }
    }
}
