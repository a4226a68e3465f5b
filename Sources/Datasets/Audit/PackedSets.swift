/// Many small sorted sets in one piece of memory.
struct PackedSets: Sendable {
    private(set) var pieces: [UInt32] = []
    private var starts: [Int] = [0]

    var count: Int { starts.count - 1 }
    func length(of set: Int) -> Int { starts[set + 1] - starts[set] }
    subscript(set: Int) -> ArraySlice<UInt32> { pieces[starts[set]..<starts[set + 1]] }

    mutating func append(_ set: some Sequence<UInt32>) {
        pieces += set
        starts.append(pieces.count)
    }

    mutating func append(_ other: PackedSets) {
        let offset = pieces.count
        pieces += other.pieces
        starts += other.starts.dropFirst().map { $0 + offset }
    }

    /// Leaves out pieces that stand in more than `most` of the sets. A set that consists of nothing else stays as it
    /// is, so that rows made of boilerplate alone are still compared.
    mutating func dropBoilerplate(moreThan most: Int, _ frequencies: PieceFrequencies) {
        var end = 0
        for set in 0..<count {
            let (start, next) = (starts[set], starts[set + 1])
            starts[set] = end
            let isBoilerplate = !(start..<next).contains { frequencies[pieces[$0]] <= most }
            for place in start..<next where isBoilerplate || frequencies[pieces[place]] <= most {
                pieces[end] = pieces[place]
                end += 1
            }
        }
        starts[count] = end
        pieces.removeLast(pieces.count - end)
    }
}

/// In how many sets each piece stands. Pieces share counters when the low bits of their hashes agree: the order they
/// are sorted by stays the same for all sets, which is all the prefix filter asks for.
struct PieceFrequencies {
    /// Counting ends here: what stands in so many sets is as frequent as can be.
    static let most = Int(UInt16.max)

    private let mask: Int
    private var counts: [UInt16]

    init(_ sets: PackedSets) {
        let mask = Buckets.count(for: 2 * sets.pieces.count) - 1
        self.mask = mask
        counts = [UInt16](repeating: 0, count: mask + 1)
        counts.withUnsafeMutableBufferPointer { counts in
            for piece in sets.pieces where counts[Int(piece) & mask] < UInt16.max { counts[Int(piece) & mask] += 1 }
        }
    }

    subscript(piece: UInt32) -> Int { Int(counts[Int(piece) & mask]) }

    var maximum: Int { Int(counts.max() ?? 0) }
}

enum Buckets {
    /// A power of two, at least the number wanted and at most four million.
    static func count(for wanted: Int) -> Int {
        var count = 1 << 10
        while count < wanted, count < 1 << 22 { count *= 2 }
        return count
    }
}

extension UnsafeMutableBufferPointer<UInt64> {
    /// The `count` smallest elements come first, in any order: all that a prefix needs, and cheaper than sorting.
    fileprivate func moveSmallestToFront(_ wanted: Int) {
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while self[right] > pivot { right -= 1 }
                if left <= right {
                    swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if wanted <= right + 1 { high = right } else if wanted > left { low = left } else { return }
        }
    }
}

extension PackedSets {
    /// The rarest pieces of each set: so many that sets of similarity ≥ `threshold` have one of them in common.
    func prefixes(_ frequencies: PieceFrequencies, threshold: Double) -> PackedSets {
        var prefixes = PackedSets()
        var ranked: [UInt64] = []
        for set in 0..<count {
            let pieces = self[set]
            let least = Int((threshold * Double(pieces.count) - 1e-9).rounded(.up))
            let wanted = pieces.isEmpty ? 0 : pieces.count - least + 1
            ranked.removeAll(keepingCapacity: true)
            for piece in pieces { ranked.append(UInt64(frequencies[piece]) << 32 | UInt64(piece)) }
            ranked.withUnsafeMutableBufferPointer { $0.moveSmallestToFront(wanted) }
            prefixes.append(ranked.prefix(wanted).lazy.map { UInt32(truncatingIfNeeded: $0) })
        }
        return prefixes
    }
}
