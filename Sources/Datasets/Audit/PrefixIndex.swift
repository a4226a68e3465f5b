/// The rarest pieces of every text, and for each such piece its texts in order.
struct PrefixIndex: Sendable {
    let prefixes: PackedSets
    let postings: Postings
    /// One bit for each piece of a text, shared by many pieces: two texts differ in at least as many pieces as their
    /// marks in bits, which tells most unlike texts apart without comparing them.
    let marks: [UInt64]

    init(_ sets: PackedSets, _ frequencies: PieceFrequencies, threshold: Double) {
        let prefixes = sets.prefixes(frequencies, threshold: threshold, shared: 1, lengths: 1...Int.max)
        self.prefixes = prefixes
        marks = (0..<sets.count).map { sets[$0].reduce(0) { $0 | 1 << UInt64($1 >> 26) } }
        postings = Postings(texts: sets.count, keys: prefixes.pieces.count) { text, add in
            for piece in prefixes[text] { add(piece) }
        }
    }
}

/// Pairs of rare pieces of short texts, and for each pair its texts in order.
///
/// Two sets of similarity ≥ t share two of their first n − ⌈t·n⌉ + 2 pieces, if they share two at all; above one half
/// every match of two pieces and more does. A pair stands in far fewer texts than each of its pieces.
struct PairIndex: Sendable {
    /// Longer texts have rare pieces of their own, and many pairs.
    static let lengths = 2...32
    static let leastThreshold = 0.5

    private let prefixes: PackedSets
    let postings: Postings

    init(_ sets: PackedSets, _ frequencies: PieceFrequencies, threshold: Double) {
        let prefixes = sets.prefixes(frequencies, threshold: threshold, shared: 2, lengths: Self.lengths)
        self.prefixes = prefixes
        let keys = (0..<sets.count).reduce(0) { $0 + prefixes.length(of: $1) * (prefixes.length(of: $1) - 1) / 2 }
        postings = Postings(texts: sets.count, keys: keys) { text, add in
            for key in Self.keys(prefixes[text]) { add(key) }
        }
    }

    func keys(of text: Int) -> [UInt32] { Self.keys(prefixes[text]) }

    private static func keys(_ pieces: ArraySlice<UInt32>) -> [UInt32] {
        var keys: [UInt32] = []
        for one in pieces.indices {
            for other in pieces.indices[(one + 1)...] {
                let pair = UInt64(min(pieces[one], pieces[other])) << 32 | UInt64(max(pieces[one], pieces[other]))
                keys.append(UInt32(truncatingIfNeeded: TextKey.mixed(pair)))
            }
        }
        return keys
    }
}

/// For each key the texts that have it, in order. Keys share a list when the low bits of their hashes agree.
struct Postings: Sendable {
    private let mask: Int
    private var starts: [Int32]
    private var texts: [Int32]

    /// - Parameter each: Adds every key of a text; asked twice for each text.
    init(texts count: Int, keys: Int, _ each: (_ text: Int, _ add: (UInt32) -> Void) -> Void) {
        let mask = Buckets.count(for: keys) - 1
        var starts = [Int32](repeating: 0, count: mask + 2)
        for text in 0..<count { each(text) { starts[Int($0) & mask + 1] += 1 } }
        for bucket in 0...mask { starts[bucket + 1] += starts[bucket] }
        var texts = [Int32](repeating: 0, count: keys)
        var ends = starts
        for text in 0..<count {
            each(text) { key in
                texts[Int(ends[Int(key) & mask])] = Int32(text)
                ends[Int(key) & mask] += 1
            }
        }
        (self.mask, self.starts, self.texts) = (mask, starts, texts)
    }

    subscript(key: UInt32) -> ArraySlice<Int32> {
        let bucket = Int(key) & mask
        return texts[Int(starts[bucket])..<Int(starts[bucket + 1])]
    }

    /// Texts looked at when every text looks up all of its keys.
    var comparisons: Int {
        (0...mask).reduce(0) { sum, bucket in
            let length = Int(starts[bucket + 1] - starts[bucket])
            return sum + length * length
        }
    }
}
