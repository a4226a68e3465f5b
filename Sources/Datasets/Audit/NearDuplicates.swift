/// Pairs of texts whose Jaccard similarity reaches a threshold: all of them, each verified.
///
/// An exact prefix filter: with pieces ordered from rare to frequent, two sets of similarity ≥ t must share one of their
/// first n − ⌈t·n⌉ + 1 pieces. Only texts that share such a rare piece are compared, so nothing is missed, and templated
/// rows, which share only frequent pieces, are not compared with each other.
struct NearDuplicates {
    private let sets: PackedSets
    private let threshold: Double
    private let threads: Int

    /// Texts a row is matched with before the search stops: enough to find one that is kept.
    private static let mostMatches = 16

    /// - Parameter boilerplate: Pieces in more than this share of the texts count for nothing.
    init(texts: [String], threshold: Double, boilerplate: Double, threads: Int) {
        self.threshold = threshold
        self.threads = threads
        let pieces = ranges(of: texts.count, size: 1024)
        let shingled = inParallel(pieces: pieces.count, threads: threads) { piece in
            PackedSets(pieces[piece].map { Shingles.of(texts[$0]) })
        }
        sets = PackedSets(joining: shingled).withoutBoilerplate(moreThan: boilerplate)
    }

    /// For every text the earlier texts it nearly repeats, at most sixteen, in order.
    func earlierMatches() -> [[Int32]] {
        let index = PrefixIndex(sets, threshold: threshold)
        let pieces = ranges(of: sets.count, size: 512)
        let found = inParallel(pieces: pieces.count, threads: threads) { piece in
            var probe = Probe(texts: sets.count)
            return pieces[piece].map { matches(of: $0, index, &probe) }
        }
        return found.flatMap { $0 }
    }

    /// What one thread remembers between texts.
    private struct Probe {
        var seen: [Int32]

        init(texts: Int) { seen = [Int32](repeating: -1, count: texts) }
    }

    private func matches(of text: Int, _ index: PrefixIndex, _ probe: inout Probe) -> [Int32] {
        let own = sets[text]
        guard !own.isEmpty else { return [] }
        var matches: [Int32] = []
        let shortest = Int((threshold * Double(own.count)).rounded(.up))
        let longest = Int((Double(own.count) / threshold).rounded(.down))
        for piece in index.prefix(of: text) {
            for candidate in index.texts(with: piece) {
                let other = Int(candidate)
                guard other < text else { break }
                guard probe.seen[other] != Int32(text) else { continue }
                probe.seen[other] = Int32(text)
                let length = sets.length(of: other)
                guard length >= shortest, length <= longest else { continue }
                let least = Int((threshold / (1 + threshold) * Double(own.count + length) - 1e-9).rounded(.up))
                if Shingles.common(own, sets[other], atLeast: least) >= least { matches.append(candidate) }
                if matches.count == Self.mostMatches { return matches.sorted() }
            }
        }
        return matches.sorted()
    }
}

/// Many small sorted sets in one piece of memory.
struct PackedSets: Sendable {
    fileprivate var pieces: [UInt32] = []
    fileprivate var starts: [Int] = [0]

    init(_ sets: [[UInt32]]) {
        for set in sets { append(set[...]) }
    }

    init(joining parts: [PackedSets]) {
        pieces.reserveCapacity(parts.reduce(0) { $0 + $1.pieces.count })
        starts.reserveCapacity(parts.reduce(1) { $0 + $1.count })
        for part in parts {
            let offset = pieces.count
            pieces += part.pieces
            starts += part.starts.dropFirst().map { $0 + offset }
        }
    }

    var count: Int { starts.count - 1 }
    func length(of set: Int) -> Int { starts[set + 1] - starts[set] }
    subscript(set: Int) -> ArraySlice<UInt32> { pieces[starts[set]..<starts[set + 1]] }

    private mutating func append(_ set: some Sequence<UInt32>) {
        pieces += set
        starts.append(pieces.count)
    }

    /// Without pieces that stand in more than `share` of the sets; a set that consists of nothing else stays as it is, so
    /// that rows made of boilerplate alone are still compared.
    func withoutBoilerplate(moreThan share: Double) -> PackedSets {
        let frequencies = PieceFrequencies(self)
        let most = max(50, Int(share * Double(count)))
        guard frequencies.maximum > most else { return self }
        var filtered = PackedSets([])
        filtered.pieces.reserveCapacity(pieces.count)
        for set in 0..<count {
            let rest = self[set].filter { frequencies[$0] <= most }
            filtered.append(rest.isEmpty ? Array(self[set]) : rest)
        }
        return filtered
    }
}

/// In how many sets each piece stands. Pieces share counters when the low bits of their hashes agree: the order they are
/// sorted by stays the same for all sets, which is all the prefix filter asks for.
private struct PieceFrequencies {
    private let mask: Int
    private var counts: [UInt32]

    init(_ sets: PackedSets) {
        let mask = Buckets.count(for: sets.pieces.count) - 1
        self.mask = mask
        counts = [UInt32](repeating: 0, count: mask + 1)
        counts.withUnsafeMutableBufferPointer { counts in
            for piece in sets.pieces { counts[Int(piece) & mask] += 1 }
        }
    }

    subscript(piece: UInt32) -> Int { Int(counts[Int(piece) & mask]) }

    var maximum: Int { Int(counts.max() ?? 0) }
}

private enum Buckets {
    /// A power of two, about twice the number of pieces and at most four million.
    static func count(for pieces: Int) -> Int {
        var count = 1 << 10
        while count < 2 * pieces, count < 1 << 22 { count *= 2 }
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

/// The rarest pieces of every text, and for each such piece its texts in order.
private struct PrefixIndex: Sendable {
    private let mask: Int
    private let prefixes: PackedSets
    private var starts: [Int32]
    private var texts: [Int32]

    init(_ sets: PackedSets, threshold: Double) {
        let frequencies = PieceFrequencies(sets)
        var prefixes: [[UInt32]] = []
        prefixes.reserveCapacity(sets.count)
        for set in 0..<sets.count {
            let length = sets.length(of: set)
            let count = length == 0 ? 0 : length - Int((threshold * Double(length) - 1e-9).rounded(.up)) + 1
            var ranked = sets[set].map { UInt64(frequencies[$0]) << 32 | UInt64($0) }
            ranked.withUnsafeMutableBufferPointer { $0.moveSmallestToFront(count) }
            prefixes.append(ranked.prefix(count).map { UInt32(truncatingIfNeeded: $0) })
        }
        self.prefixes = PackedSets(prefixes)
        let buckets = Buckets.count(for: self.prefixes.pieces.count)
        mask = buckets - 1
        starts = [Int32](repeating: 0, count: buckets + 1)
        for piece in self.prefixes.pieces { starts[Int(piece) & mask + 1] += 1 }
        for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
        texts = [Int32](repeating: 0, count: self.prefixes.pieces.count)
        var ends = starts
        for text in 0..<sets.count {
            for piece in self.prefixes[text] {
                let bucket = Int(piece) & mask
                texts[Int(ends[bucket])] = Int32(text)
                ends[bucket] += 1
            }
        }
    }

    func prefix(of text: Int) -> ArraySlice<UInt32> { prefixes[text] }

    func texts(with piece: UInt32) -> ArraySlice<Int32> {
        let bucket = Int(piece) & mask
        return texts[Int(starts[bucket])..<Int(starts[bucket + 1])]
    }
}
