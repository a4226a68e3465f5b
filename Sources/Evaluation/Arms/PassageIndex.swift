import Glibc

/// Texts that can be searched by words: BM25 (Robertson and Zaragoza 2009) with the usual k₁ = 1.2 and b = 0.75.
package struct PassageIndex: Sendable {
    package struct Hit: Sendable, Hashable {
        /// Index into the texts the index was made from.
        package let place: Int
        package let score: Double
    }

    private struct Entry {
        let text: Int32
        /// The word's share of this text's score, all but the query's side multiplied out.
        let weight: Float
    }

    private var words: [String: Int] = [:]
    private var entries: [[Entry]] = []
    package let count: Int

    package init(_ texts: [String]) {
        count = texts.count
        let k1 = 1.2, b = 0.75
        var frequencies: [[(text: Int32, count: Int32)]] = [], lengths: [Double] = []
        for (text, content) in texts.enumerated() {
            let terms = TextTerms.words(of: content)
            lengths.append(Double(terms.count))
            for term in terms {
                let word = words[term] ?? frequencies.count
                if word == frequencies.count {
                    words[term] = word
                    frequencies.append([])
                }
                if let last = frequencies[word].indices.last, frequencies[word][last].text == Int32(text) {
                    frequencies[word][last].count += 1
                } else {
                    frequencies[word].append((Int32(text), 1))
                }
            }
        }
        let mean = max(1, lengths.reduce(0, +) / Double(max(1, texts.count)))
        let all = Double(texts.count)
        entries = frequencies.map { found in
            let rarity = log(1 + (all - Double(found.count) + 0.5) / (Double(found.count) + 0.5))
            return found.map { text, count in
                let times = Double(count), length = lengths[Int(text)] / mean
                return Entry(text: text, weight: Float(rarity * times * (k1 + 1) / (times + k1 * (1 - b + b * length))))
            }
        }
    }

    /// The best matches, best first; of equal ones the earlier text. Texts that share no word are never among them.
    package func nearest(to query: String, count wanted: Int, where isAllowed: (Int) -> Bool = { _ in true }) -> [Hit] {
        guard wanted > 0, count > 0 else { return [] }
        var scores = [Float](repeating: 0, count: count), touched: [Int] = []
        for term in TextTerms.words(of: query) {
            guard let word = words[term] else { continue }
            for entry in entries[word] {
                let text = Int(entry.text)
                if scores[text] == 0 { touched.append(text) }
                scores[text] += entry.weight
            }
        }
        var best: [Hit] = []
        for text in touched where isAllowed(text) {
            let hit = Hit(place: text, score: Double(scores[text]))
            if best.count == wanted, let last = best.last, !Self.isBetter(hit, last) { continue }
            let place = best.firstIndex { Self.isBetter(hit, $0) } ?? best.count
            best.insert(hit, at: place)
            if best.count > wanted { best.removeLast() }
        }
        return best
    }

    private static func isBetter(_ one: Hit, _ other: Hit) -> Bool {
        one.score > other.score || (one.score == other.score && one.place < other.place)
    }
}
