/// Pairs of texts whose Jaccard similarity reaches a threshold: all of them, each verified.
///
/// An exact prefix filter: with pieces ordered from rare to frequent, two sets of similarity ≥ t must share one of
/// their first n − ⌈t·n⌉ + 1 pieces. Only texts that share such a rare piece are compared, so nothing is missed, and
/// templated rows, which share only frequent pieces, are not compared with each other.
struct NearDuplicates {
    private let sets: PackedSets
    private let index: PrefixIndex
    private let threshold: Double
    private let threads: Int

    /// Texts a row is matched with before the search stops: enough to find one that is kept.
    private static let mostMatches = 16

    /// - Parameters:
    ///   - boilerplate: Pieces in more than this share of the texts count for nothing.
    ///   - text: Asked for once, so that not all texts are in memory at the same time.
    init(count: Int, threshold: Double, boilerplate: Double, threads: Int, text: @Sendable (Int) -> String) {
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
    }

    init(texts: [String], threshold: Double, boilerplate: Double, threads: Int) {
        self.init(count: texts.count, threshold: threshold, boilerplate: boilerplate, threads: threads) { texts[$0] }
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

    /// What one thread remembers between texts.
    private struct Probe {
        /// The last text each text was compared with.
        var seen: [Int32]
        /// For the text at hand: in how many bits of their marks a text may differ from it, from the shortest text that
        /// can match to the longest.
        var mostBits: [Int] = []
    }

    private func search<Found: Sendable>(_ body: @Sendable (Int, inout Probe) -> Found) -> [Found] {
        inParallel(things: sets.count, size: max(512, sets.count / 32 + 1), threads: threads) { texts in
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
        let shortest = Int((threshold * Double(own.count)).rounded(.up))
        let longest = Int((Double(own.count) / threshold).rounded(.down))
        probe.mostBits.removeAll(keepingCapacity: true)
        for length in shortest...longest {
            probe.mostBits.append(own.count + length - 2 * least(own.count, length))
        }
        let mark = index.heads[text].mark
        for piece in index.prefixes[text] {
            let goesOn = index.heads.withUnsafeBufferPointer { heads in
                index.withTexts(of: piece) { candidates in
                    for candidate in candidates {
                        let other = Int(candidate)
                        guard other < end else { return true }
                        let head = heads[other]
                        guard head.length >= shortest, head.length <= longest,
                            (mark ^ head.mark).nonzeroBitCount <= probe.mostBits[Int(head.length) - shortest],
                            other != text, probe.seen[other] != Int32(text)
                        else { continue }
                        probe.seen[other] = Int32(text)
                        if let others, !others[other] { continue }
                        let least = least(own.count, Int(head.length))
                        if Shingles.common(own, sets[other], atLeast: least) >= least, !visit(candidate) {
                            return false
                        }
                    }
                    return true
                }
            }
            guard goesOn else { return }
        }
    }

    /// Pieces that sets of these lengths must share.
    private func least(_ one: Int, _ other: Int) -> Int {
        Int((threshold / (1 + threshold) * Double(one + other) - 1e-9).rounded(.up))
    }
}
