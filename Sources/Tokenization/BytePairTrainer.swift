import CText

/// Learns a byte-level BPE vocabulary from texts (Sennrich et al. 2016, over bytes as in GPT-2).
///
/// Words are cut by GPT-2's pattern without English contractions and with every digit on its own, so that numbers are
/// spelled the same way wherever they stand. The result depends on the texts only: ties go to the pair whose tokens were learned first.
package struct BytePairTrainer: Sendable {
    /// Special tokens and the 256 bytes included.
    package var vocabularySize: Int
    /// They get the last ids, in this order.
    package var specialTokens: [String]
    /// A pair seen less often is not merged, even if the vocabulary stays smaller for it.
    package var leastCount: Int

    package init(vocabularySize: Int, specialTokens: [String], leastCount: Int = 2) {
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
        self.leastCount = leastCount
    }

    static let pattern = #" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    package func train(on texts: some Sequence<String>) -> BytePairVocabulary {
        var vocabulary = BytePairVocabulary(specialTokens: specialTokens)
        var learner = Learner(words: countWords(of: texts))
        while vocabulary.count < vocabularySize, let (pair, count) = learner.mostFrequentPair(), count >= leastCount {
            learner.merge(pair, into: vocabulary.merge(pair.left, pair.right))
        }
        return vocabulary
    }

    private func countWords(of texts: some Sequence<String>) -> [[UInt8]: Int] {
        var counts: [[UInt8]: Int] = [:]
        for text in texts {
            var text = text
            text.withUTF8 { bytes in
                var start = 0
                while start < bytes.count {
                    let end = hone_piece_end(HONE_PIECES_PLAIN, bytes.baseAddress, start, bytes.count)
                    counts[Array(bytes[start..<end]), default: 0] += 1
                    start = end
                }
            }
        }
        return counts
    }
}

private struct Pair: Hashable {
    var left: Int32
    var right: Int32
}

/// The words as symbols, the pairs in them, and where each pair occurs.
private struct Learner {
    private var words: [(symbols: [Int32], count: Int)]
    private var counts: [Pair: Int] = [:]
    /// Words that hold the pair, or held it once.
    private var homes: [Pair: Set<Int>] = [:]
    private var queue = CandidateQueue()

    init(words counted: [[UInt8]: Int]) {
        words = counted.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { word, count in
            (word.map { Int32($0) }, count)
        }
        for index in words.indices { count(index, sign: 1) }
        for (pair, count) in counts { queue.push(.init(pair: pair, count: count)) }
    }

    mutating func mostFrequentPair() -> (pair: Pair, count: Int)? {
        while let top = queue.pop() {
            let count = counts[top.pair] ?? 0
            if count == top.count { return (top.pair, count) }
            // The count changed since the entry was made; changes that raised it have an entry of their own.
            if count > 0, count < top.count { queue.push(.init(pair: top.pair, count: count)) }
        }
        return nil
    }

    mutating func merge(_ pair: Pair, into merged: Int32) {
        for index in (homes.removeValue(forKey: pair) ?? []).sorted() {
            count(index, sign: -1)
            var symbols: [Int32] = []
            var place = 0
            let old = words[index].symbols
            while place < old.count {
                let isPair = place + 1 < old.count && old[place] == pair.left && old[place + 1] == pair.right
                symbols.append(isPair ? merged : old[place])
                place += isPair ? 2 : 1
            }
            words[index].symbols = symbols
            count(index, sign: 1)
            for pair in Set(Self.pairs(of: symbols)) where pair.left == merged || pair.right == merged {
                if let count = counts[pair], count > 0 { queue.push(.init(pair: pair, count: count)) }
            }
        }
        counts[pair] = nil
    }

    private mutating func count(_ index: Int, sign: Int) {
        let word = words[index]
        for pair in Self.pairs(of: word.symbols) {
            counts[pair, default: 0] += sign * word.count
            if sign > 0 { homes[pair, default: []].insert(index) }
        }
    }

    private static func pairs(of symbols: [Int32]) -> [Pair] {
        zip(symbols, symbols.dropFirst()).map { Pair(left: $0, right: $1) }
    }
}

/// A binary heap: highest count first, then the pair with the lowest ids.
private struct CandidateQueue {
    struct Candidate {
        var pair: Pair
        var count: Int

        func isBefore(_ other: Candidate) -> Bool {
            if count != other.count { return count > other.count }
            return (pair.left, pair.right) < (other.pair.left, other.pair.right)
        }
    }

    private var heap: [Candidate] = []

    mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Candidate? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return top }
        heap[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[best]) {
                best = child
            }
            guard best != parent else { return top }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
