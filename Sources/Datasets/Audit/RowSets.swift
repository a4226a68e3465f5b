/// Rows that belong together, in order; the sets stand in the order of their first rows. Eight bytes for each row.
struct RowSets: RandomAccessCollection, Sendable {
    private var starts: [Int32] = [0]
    private var rows: [Int32]

    /// - Parameter firsts: For each row the first row of its set.
    init(firsts: [Int32]) {
        rows = [Int32](repeating: 0, count: firsts.count)
        // Where the next row of each set goes, kept at the place of the set's first row.
        var next = [Int32](repeating: 0, count: firsts.count)
        for first in firsts { next[Int(first)] += 1 }
        var end: Int32 = 0
        for (row, first) in firsts.enumerated() where first == row {
            (next[row], end) = (end, end + next[row])
            starts.append(end)
        }
        for (row, first) in firsts.enumerated() {
            rows[Int(next[Int(first)])] = Int32(row)
            next[Int(first)] += 1
        }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { starts.count - 1 }
    subscript(set: Int) -> ArraySlice<Int32> { rows[Int(starts[set])..<Int(starts[set + 1])] }

    /// For each key the place of the first key equal to it.
    static func firsts(ofEqual keys: some RandomAccessCollection<UInt64>) -> [Int32] {
        var size = 16
        while size < 2 * keys.count { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        var firsts: [Int32] = []
        firsts.reserveCapacity(keys.count)
        slots.withUnsafeMutableBufferPointer { slots in
            for (row, key) in keys.enumerated() {
                var slot = Int(truncatingIfNeeded: TextKey.mixed(key)) & (size - 1)
                while slots[slot] >= 0, keys[keys.index(keys.startIndex, offsetBy: Int(slots[slot]))] != key {
                    slot = (slot + 1) & (size - 1)
                }
                if slots[slot] < 0 { slots[slot] = Int32(row) }
                firsts.append(slots[slot])
            }
        }
        return firsts
    }
}
