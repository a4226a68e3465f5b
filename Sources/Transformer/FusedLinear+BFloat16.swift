import Tensors

/// A frozen matrix that is multiplied in bfloat16, as it is kept.
enum NarrowedWeight {
    case plain(ReadOnlyBFloats)
    /// Its layers one after the other.
    case nf4([NF4Matrix])
}

/// Room for what the product at hand multiplies, in bfloat16; a thread uses the rows that are its own.
struct NarrowedRoom {
    /// [tokens, at least the widest row]
    let rows: BFloats
    let rowStride: Int
    /// Of the block in the backward pass: [tokens, inputs] and [tokens, outputs].
    let inputs: BFloats, gradients: BFloats
    /// [tokens, low-rank activations of a block]
    let lowRank: BFloats
    /// Of all threads, one after the other.
    let scratch: UnsafeMutableRawPointer
    /// The first thread's room for products that sum over tokens, and numbers from one thread's to the next.
    let firstSums: Sums
    let sumsStride: Int
    /// One room for the whole team, for the largest group of layers; used with NF4 only.
    let weights: BFloats

    /// The numbers of a weight for the product that comes next; what is quantised is written out, by each member a part.
    func values(of weight: NarrowedWeight, _ member: TeamMember) -> ReadOnlyBFloats {
        switch weight {
        case .plain(let values): values
        case .nf4(let matrices): expand(matrices, member)
        }
    }

    private func expand(_ matrices: [NF4Matrix], _ member: TeamMember) -> ReadOnlyBFloats {
        // Until here some member may still read the weights of the product before.
        member.wait()
        var start = weights
        for matrix in matrices {
            matrix.expand(member.share(of: matrix.blockCount, step: NF4.nestedBlock), into: start)
            start += matrix.count
        }
        member.wait()
        return ReadOnlyBFloats(weights)
    }

    /// Room of one thread: its columns of dropped inputs, [tokens, columns], low-rank activations turned, [ranks, tokens],
    /// and what comes of both, [ranks, columns].
    struct Sums {
        let columns: BFloats
        let turned: BFloats
        let sums: Floats

        func narrow(_ count: Int, _ x: ReadOnlyFloats) -> BFloats {
            Kernels.narrow(count, x, into: columns)
            return columns
        }

        func transpose(_ first: Int, _ count: Int, of x: Floats, stride: Int, tokens: Int) -> BFloats {
            Kernels.narrowTransposed(rows: tokens, columns: count, x + first, stride: stride, into: turned)
            return turned
        }
    }

    func sums(_ member: Int) -> Sums {
        Sums(
            columns: firstSums.columns + member * sumsStride * 2, turned: firstSums.turned + member * sumsStride * 2,
            sums: firstSums.sums + member * sumsStride)
    }

    /// Rounds rows of `count` numbers, and returns where they lie, one directly after the other.
    func narrow(_ range: Range<Int>, _ x: ReadOnlyFloats, count: Int) -> BFloats {
        narrow(range, from: x + range.lowerBound * count, count: count)
    }

    /// The same for rows that begin at `x`.
    func narrow(_ range: Range<Int>, from x: ReadOnlyFloats, count: Int) -> BFloats {
        let result = rows + range.lowerBound * rowStride
        Kernels.narrow(range.count * count, x, into: result)
        return result
    }

    func scratch(_ member: Int) -> UnsafeMutableRawPointer { scratch + member * BFloat16Product.scratchBytes }
}

/// The products of a layer in bfloat16: a low-rank term is part of the sums of the product it belongs to.
extension FusedLinear {
    func forward(
        _ rows: Range<Int>, _ member: TeamMember, _ x: ReadOnlyFloats, _ weight: ReadOnlyBFloats, _ room: NarrowedRoom,
        into y: Floats
    ) {
        if dropout > 0 {
            for adapter in adapters {
                let dropped = room.narrow(rows, from: drop(rows, x, adapter), count: inputs)
                forwardLowRank(rows, member, dropped, [adapter], room)
            }
        }
        let narrowed = room.narrow(rows, x, count: inputs)
        if dropout == 0 { forwardLowRank(rows, member, narrowed, adapters[...], room) }
        multiply(
            rows, 0..<outputs, member, narrowed - rows.lowerBound * inputs, stride: inputs, weight, room, into: y)
    }

    func prepare(_ rows: Range<Int>, _ member: TeamMember, _ x: ReadOnlyFloats, _ room: NarrowedRoom) {
        for row in rows {
            let narrowed = room.narrow(row..<row + 1, x, count: inputs)
            forwardLowRank(row..<row + 1, member, narrowed, adapters[...], room)
        }
    }

    /// The outputs `columns` of rows that lie in `x`, with their low-rank terms.
    func multiply(
        _ rows: Range<Int>, _ columns: Range<Int>, _ member: TeamMember, _ x: BFloats, stride: Int,
        _ weight: ReadOnlyBFloats,
        _ room: NarrowedRoom, into y: Floats
    ) {
        let lowRank = room.lowRank + rows.lowerBound * lowRankStride
        parts(of: columns) { part, adapter in
            let tail = adapter.flatMap { adapter in
                adapter.narrowed.map {
                    BFloat16Product.Term(
                        lowRank + adapter.rankOffset, stride: lowRankStride,
                        weight: $0.b + (part.lowerBound - adapter.outputOffset) * adapter.rank,
                        weightStride: adapter.rank, summingOver: adapter.rank)
                }
            }
            BFloat16Product.forward(
                rows: rows.count, outputs: part.count,
                .init(
                    x + rows.lowerBound * stride, stride: stride, weight: weight + part.lowerBound * inputs,
                    weightStride: inputs, summingOver: inputs),
                plus: tail, into: y + rows.lowerBound * outputs + part.lowerBound, stride: outputs,
                accumulating: bias != nil && unscaled == nil, scratch: room.scratch(member.index))
        }
    }

    /// u = x A^T for adapters whose A factors lie next to each other, kept in float32 and ready for products.
    private func forwardLowRank(
        _ rows: Range<Int>, _ member: TeamMember, _ x: BFloats, _ adapters: ArraySlice<AdapterWeights.Factors>,
        _ room: NarrowedRoom
    ) {
        guard let first = adapters.first, let a = first.narrowed?.a else { return }
        let ranks = adapters.reduce(0) { $0 + $1.rank }, start = rows.lowerBound * lowRankStride + first.rankOffset
        BFloat16Product.forward(
            rows: rows.count, outputs: ranks,
            .init(x, stride: inputs, weight: a, weightStride: inputs, summingOver: inputs), into: lowRank + start,
            stride: lowRankStride, scratch: room.scratch(member.index))
        narrowLowRank(rows, first.rankOffset..<first.rankOffset + ranks, lowRank, room)
    }

    private func narrowLowRank(_ rows: Range<Int>, _ columns: Range<Int>, _ values: Floats, _ room: NarrowedRoom) {
        for row in rows {
            let start = row * lowRankStride + columns.lowerBound
            Kernels.narrow(columns.count, values + start, into: room.lowRank + start)
        }
    }

    func backwardLowRank(_ rows: Range<Int>, _ member: TeamMember, _ dy: BFloats, _ room: NarrowedRoom) {
        for adapter in adapters {
            guard let b = adapter.narrowed?.b else { continue }
            BFloat16Product.inputGradient(
                rows: rows.count, inputs: adapter.rank,
                .init(
                    dy + adapter.outputOffset, stride: outputs, weight: b, weightStride: adapter.rank,
                    summingOver: adapter.outputs),
                into: lowRankGradient + rows.lowerBound * lowRankStride + adapter.rankOffset, stride: lowRankStride,
                scratch: room.scratch(member.index))
            narrowLowRank(rows, adapter.rankOffset..<adapter.rankOffset + adapter.rank, lowRankGradient, room)
        }
    }

    func backwardInput(
        _ rows: Range<Int>, _ member: TeamMember, _ dy: ReadOnlyFloats, _ weight: ReadOnlyBFloats, _ room: NarrowedRoom,
        into dx: Floats
    ) {
        let narrowed = narrowGradient(rows, dy, room), lowRank = room.lowRank + rows.lowerBound * lowRankStride
        backwardLowRank(rows, member, narrowed, room)
        func term(_ adapter: AdapterWeights.Factors, ranks: Int) -> BFloat16Product.Term? {
            adapter.narrowed.map {
                .init(
                    lowRank + adapter.rankOffset, stride: lowRankStride, weight: $0.a, weightStride: inputs,
                    summingOver: ranks)
            }
        }
        BFloat16Product.inputGradient(
            rows: rows.count, inputs: inputs,
            .init(narrowed, stride: outputs, weight: weight, weightStride: inputs, summingOver: outputs),
            plus: dropout == 0 ? adapters.first.flatMap { term($0, ranks: ranks) } : nil,
            into: dx + rows.lowerBound * inputs, stride: inputs, scratch: room.scratch(member.index))
        guard dropout > 0 else { return }
        for adapter in adapters {
            guard let low = term(adapter, ranks: adapter.rank) else { continue }
            BFloat16Product.inputGradient(
                rows: rows.count, inputs: inputs, low, into: droppedRows + rows.lowerBound * droppedRowStride,
                stride: inputs, scratch: room.scratch(member.index))
            addKept(rows, adapter, to: dx)
        }
    }

    /// Adds this member's share of the gradients of the factors: products that sum over tokens. Only dropout reads `x`, the
    /// others what `prepareGradients` made of it.
    func accumulateFactors(
        _ member: TeamMember, tokens: Int, _ x: ReadOnlyFloats, _ room: NarrowedRoom
    ) {
        let columns = member.share(of: inputs, step: 16)
        let own = room.sums(member.index)
        for adapter in adapters {
            let share = member.share(of: adapter.outputs, step: 16)
            let gradients = room.gradients + adapter.outputOffset + share.lowerBound
            let u = own.transpose(adapter.rankOffset, adapter.rank, of: lowRank, stride: lowRankStride, tokens: tokens)
            // B's gradient comes out transposed, because few rows of many columns suit the product.
            let sums = own.sums
            BFloat16Product.inputGradient(
                rows: adapter.rank, inputs: share.count,
                .init(u, stride: tokens, weight: gradients, weightStride: outputs, summingOver: tokens),
                into: sums, stride: share.count, scratch: room.scratch(member.index))
            for output in 0..<share.count {
                let gradient = adapter.bGradient + (share.lowerBound + output) * adapter.rank
                for index in 0..<adapter.rank {
                    gradient[index] += adapter.scaling * sums[index * share.count + output]
                }
            }
            guard dropout > 0 else { continue }
            let dropped = dropColumns(columns, member, tokens: tokens, x, adapter)
            accumulateA(
                member, columns, own.narrow(tokens * columns.count, dropped), stride: columns.count, tokens: tokens,
                rank: adapter.rank, adapter, own, room)
        }
        guard dropout == 0, let first = adapters.first else { return }
        accumulateA(
            member, columns, room.inputs + columns.lowerBound, stride: inputs, tokens: tokens, rank: ranks, first, own,
            room)
    }

    private func accumulateA(
        _ member: TeamMember, _ columns: Range<Int>, _ x: BFloats, stride: Int, tokens: Int, rank: Int,
        _ first: AdapterWeights.Factors, _ own: NarrowedRoom.Sums, _ room: NarrowedRoom
    ) {
        let du = own.transpose(first.rankOffset, rank, of: lowRankGradient, stride: lowRankStride, tokens: tokens)
        BFloat16Product.inputGradient(
            rows: rank, inputs: columns.count,
            .init(du, stride: tokens, weight: x, weightStride: stride, summingOver: tokens),
            into: first.aGradient + columns.lowerBound, stride: inputs, accumulating: true,
            scratch: room.scratch(member.index))
    }

    /// Rounds gradients of outputs for this product and for those that sum over tokens, and returns where `rows` begin.
    func narrowGradient(_ rows: Range<Int>, _ dy: ReadOnlyFloats, _ room: NarrowedRoom) -> BFloats {
        let first = rows.lowerBound * outputs
        Kernels.narrow(rows.count * outputs, dy + first, into: room.gradients + first)
        return room.gradients + first
    }
}
