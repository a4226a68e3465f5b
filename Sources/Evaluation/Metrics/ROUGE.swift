/// ROUGE (Lin 2004) as Google's `rouge-score` computes it, and in a mode that reads every script.
package struct ROUGE: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable {
        /// Words are `[a-z0-9]+`, cut to their stem when longer than three letters. Other scripts vanish.
        case parity
        /// Words of every script, as they stand.
        case unicode
    }

    /// F1 over words, over pairs of words, and over the longest run of words both texts have in this order, gaps allowed.
    package let one: Double
    package let two: Double
    package let longest: Double

    package init(output: String, expected: String, _ mode: Mode) {
        let given = Self.tokens(of: output, mode), wanted = Self.tokens(of: expected, mode)
        let overlaps = NGramOverlap.all(given, wanted, longest: 2)
        one = Self.f1(overlaps[0])
        two = Self.f1(overlaps[1])
        longest = Self.f1(
            NGramOverlap(shared: Self.longestCommon(given, wanted), given: given.count, wanted: wanted.count))
    }

    private static func tokens(of text: String, _ mode: Mode) -> [UInt64] {
        guard mode == .parity else { return TextTerms.words(of: text).map { HashedWords.word($0.utf8) } }
        var words: [UInt64] = [], word: [UInt8] = []
        func close() {
            guard !word.isEmpty else { return }
            words.append(HashedWords.word(word.count > 3 ? PorterStemmer.stem(word) : word))
            word.removeAll(keepingCapacity: true)
        }
        // Python lowers a Kelvin sign to k; nothing else outside ASCII becomes a letter that counts.
        let lowered = text.utf8.allSatisfy { $0 < 0x80 } ? text : text.lowercased()
        for byte in lowered.utf8 {
            switch byte {
            case 0x30...0x39, 0x61...0x7A: word.append(byte)
            case 0x41...0x5A: word.append(byte | 0x20)
            default: close()
            }
        }
        close()
        return words
    }

    private static func f1(_ overlap: NGramOverlap) -> Double {
        guard overlap.shared > 0 else { return 0 }
        let precision = Double(overlap.shared) / Double(max(overlap.given, 1))
        let recall = Double(overlap.shared) / Double(max(overlap.wanted, 1))
        return 2 * precision * recall / (precision + recall)
    }

    private static func longestCommon(_ one: [UInt64], _ other: [UInt64]) -> Int {
        var row = [Int32](repeating: 0, count: other.count + 1)
        for word in one {
            var diagonal: Int32 = 0
            for place in other.indices {
                let above = row[place + 1]
                row[place + 1] = word == other[place] ? diagonal + 1 : max(above, row[place])
                diagonal = above
            }
        }
        return Int(row[other.count])
    }
}
