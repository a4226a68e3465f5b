/// Pairs of texts whose Jaccard similarity reaches a threshold: all of them, each verified.
///
/// An exact prefix filter: with pieces ordered from rare to frequent, two sets of similarity ≥ t must share one of
/// their first n − ⌈t·n⌉ + 1 pieces. Only texts that share such a rare piece are compared, so nothing is missed, and
/// templated rows, which share only frequent pieces, are not compared with each other. Where even rare pieces stand in
/// many short texts, as when one template is filled from lists, one more piece is added to the prefix and two of them
/// must be shared.
struct NearDuplicates {
    private let sets: PackedSets
    private let index: PrefixIndex
    private let pairs: PairIndex?
    private let threshold: Double
    private let threads: Int

    /// Texts a row is matched with before the search stops: enough to find one that is kept.
    private static let mostMatches = 16

    /// - Parameters:
    ///   - boilerplate: Pieces in more than this share of the texts count for nothing.
    ///   - crowd: Texts that share a rare piece with a text, on average, from which on pairs of pieces are looked up.
    ///   - text: Asked for once, so that not all texts are in memory at the same time.
    init(
        count: Int, threshold: Double, boilerplate: Double, threads: Int, crowd: Int = 64,
        text: @Sendable (Int) -> String
    ) {
        self.threshold = threshold
        self.threads = threads
        var sets = PackedSets()
        let pieces = ranges(of: count, size: 1024)
        for wave in ranges(of: pieces.count, size: 4 * max(1, threads)) {
            let parts = inParallel(pieces: wave.count, threads: threads) { piece in
                var part = PackedSets()
                for row in pieces[wave.lowerBound + piece] { part.append(Shingles.of(text(row))) }
                return part
            }
            for part in parts { sets.append(part) }
        }
        let frequencies = PieceFrequencies(sets)
        let most = min(max(50, Int(boilerplate * Double(count))), PieceFrequencies.most - 1)
        if frequencies.maximum > most { sets.dropBoilerplate(moreThan: most, frequencies) }
        self.sets = sets
        index = PrefixIndex(sets, frequencies, threshold: threshold)
        let isCrowded = index.postings.comparisons > crowd * max(1, count) && threshold > PairIndex.leastThreshold
        pairs = isCrowded ? PairIndex(sets, frequencies, threshold: threshold) : nil
    }

    init(texts: [String], threshold: Double, boilerplate: Double, threads: Int, crowd: Int = 64) {
        self.init(
            count: texts.count, threshold: threshold, boilerplate: boilerplate, threads: threads, crowd: crowd
        ) { texts[$0] }
    }

    /// For every text the earlier texts it nearly repeats, at most sixteen, in order.
    func earlierMatches() -> [[Int32]] {
        search { text, probe in
            var matches: [Int32] = []
            eachMatch(of: text, below: text, &probe) { other in
                matches.append(other)
                return matches.count < Self.mostMatches
            }
            return matches.sorted()
        }
    }

    /// For every text that is wanted one of the others it nearly repeats; -1 where there is none. Nothing is missed.
    func matches(of wanted: [Bool], among others: [Bool]) -> [Int32] {
        search { text, probe in
            var match: Int32 = -1
            guard wanted[text] else { return match }
            eachMatch(of: text, below: sets.count, among: others, &probe) { other in
                match = other
                return false
            }
            return match
        }
    }

    /// What one thread remembers between texts: the last text each text was compared with.
    private struct Probe {
        var seen: [Int32]
    }

    private func search<Found: Sendable>(_ body: @Sendable (Int, inout Probe) -> Found) -> [Found] {
        inParallel(things: sets.count, size: max(512, sets.count / 128 + 1), threads: threads) { texts in
            var probe = Probe(seen: [Int32](repeating: -1, count: sets.count))
            return texts.map { body($0, &probe) }
        }
    }

    /// Verified matches among the texts before `end`, in the order of the rarest shared piece, until `visit` has
    /// enough.
    private func eachMatch(
        of text: Int, below end: Int, among others: [Bool]? = nil, _ probe: inout Probe, _ visit: (Int32) -> Bool
    ) {
        let own = sets[text]
        guard !own.isEmpty else { return }
        let mark = index.marks[text]
        let longest = Int((Double(own.count) / threshold).rounded(.down))
        var shortest = Int((threshold * Double(own.count)).rounded(.up))
        /// False once there is enough.
        func look(at candidates: ArraySlice<Int32>) -> Bool {
            for candidate in candidates {
                let other = Int(candidate)
                guard other < end else { return true }
                guard other != text, probe.seen[other] != Int32(text) else { continue }
                let length = sets.length(of: other)
                guard length >= shortest, length <= longest else { continue }
                probe.seen[other] = Int32(text)
                if let others, !others[other] { continue }
                let least = Int((threshold / (1 + threshold) * Double(own.count + length) - 1e-9).rounded(.up))
                guard (mark ^ index.marks[other]).nonzeroBitCount <= own.count + length - 2 * least else { continue }
                if Shingles.common(own, sets[other], atLeast: least) >= least, !visit(candidate) { return false }
            }
            return true
        }
        if let pairs, PairIndex.lengths.contains(own.count) {
            for key in pairs.keys(of: text) { guard look(at: pairs.postings[key]) else { return } }
            // Longer texts are not among the pairs.
            shortest = max(shortest, PairIndex.lengths.upperBound + 1)
            guard shortest <= longest else { return }
        }
        for piece in index.prefixes[text] { guard look(at: index.postings[piece]) else { return } }
    }
}
