/// The rarest pieces of every text, and for each such piece its texts in order.
struct PrefixIndex: Sendable {
    /// What tells most unlike texts apart without comparing them.
    struct Head: Sendable {
        /// One bit for each piece of the text, shared by many pieces: two texts differ in at least as many pieces as
        /// their marks in bits.
        var mark: UInt64
        /// Pieces of the text.
        var length: Int32
    }

    let prefixes: PackedSets
    let heads: [Head]
    private let mask: Int
    private var starts: [Int32]
    private var texts: [Int32]

    init(_ sets: PackedSets, _ frequencies: PieceFrequencies, threshold: Double) {
        let prefixes = sets.prefixes(frequencies, threshold: threshold)
        self.prefixes = prefixes
        heads = (0..<sets.count).map { set in
            Head(mark: sets[set].reduce(0) { $0 | 1 << UInt64($1 >> 26) }, length: Int32(sets.length(of: set)))
        }
        let mask = Buckets.count(for: prefixes.pieces.count) - 1
        self.mask = mask
        starts = [Int32](repeating: 0, count: mask + 2)
        for piece in prefixes.pieces { starts[Int(piece) & mask + 1] += 1 }
        for bucket in 0...mask { starts[bucket + 1] += starts[bucket] }
        texts = [Int32](repeating: 0, count: prefixes.pieces.count)
        var ends = starts
        for text in 0..<sets.count {
            for piece in prefixes[text] {
                let bucket = Int(piece) & mask
                texts[Int(ends[bucket])] = Int32(text)
                ends[bucket] += 1
            }
        }
    }

    /// The texts with this piece among their rarest, and some others whose pieces have similar hashes.
    func withTexts<Result>(of piece: UInt32, _ body: (UnsafeBufferPointer<Int32>) -> Result) -> Result {
        let bucket = Int(piece) & mask
        let range = Int(starts[bucket])..<Int(starts[bucket + 1])
        return texts.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
