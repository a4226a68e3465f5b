/// What lengths cost: filler where an engine pads rows to their longest neighbour, and how full rows get when they are packed.
package struct PackingForecast: Sendable, Hashable {
    /// Share of the computed tokens that are filler, in batches of `rowsPerBatch` rows in an order set by chance.
    package let paddingShare: Double
    package let rowsPerBatch: Int
    /// Sequences of the maximum length that all rows fit into, and the share of them that is filled.
    package let packedSequences: Int
    package let filledShare: Double

    package init(lengths: [Int], maxLength: Int, rowsPerBatch: Int) {
        self.rowsPerBatch = rowsPerBatch
        let lengths = lengths.map { min($0, maxLength) }.filter { $0 > 0 }
        let tokens = lengths.reduce(0, +)
        let order = lengths.indices.sorted { (TextKey.mixed(UInt64($0)), $0) < (TextKey.mixed(UInt64($1)), $1) }
        var computed = 0
        for batch in ranges(of: order.count, size: rowsPerBatch) {
            computed += batch.count * (order[batch].lazy.map { lengths[$0] }.max() ?? 0)
        }
        paddingShare = computed == 0 ? 0 : 1 - Double(tokens) / Double(computed)
        packedSequences = Self.sequences(lengths, maxLength: maxLength)
        filledShare = packedSequences == 0 ? 0 : Double(tokens) / Double(packedSequences * maxLength)
    }

    /// Best fit, longest first: each row goes where the least room is left over.
    private static func sequences(_ lengths: [Int], maxLength: Int) -> Int {
        // Sequences by the room they have left.
        var open = RoomCounts(most: lengths.isEmpty ? 0 : maxLength)
        var count = 0
        for length in lengths.sorted(by: >) {
            if let room = open.takeSmallest(atLeast: length) {
                open.add(room - length)
            } else {
                open.add(maxLength - length)
                count += 1
            }
        }
        return count
    }
}

/// How many sequences have how much room, with a bit per size so that the next size that occurs is found 64 at a time.
private struct RoomCounts {
    private var counts: [Int]
    private var occurs: [UInt64]

    init(most: Int) {
        counts = [Int](repeating: 0, count: most + 1)
        occurs = [UInt64](repeating: 0, count: most / 64 + 1)
    }

    mutating func add(_ room: Int) {
        counts[room] += 1
        occurs[room / 64] |= 1 << UInt64(room % 64)
    }

    mutating func takeSmallest(atLeast least: Int) -> Int? {
        var word = least / 64
        var bits = occurs[word] & (~0 << UInt64(least % 64))
        while bits == 0 {
            word += 1
            guard word < occurs.count else { return nil }
            bits = occurs[word]
        }
        let room = word * 64 + bits.trailingZeroBitCount
        counts[room] -= 1
        if counts[room] == 0 { occurs[word] &= ~(1 << UInt64(room % 64)) }
        return room
    }
}
