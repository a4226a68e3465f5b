/// chrF as sacrebleu computes it: F₂ over runs of one to six characters, spaces left out (Popović 2015). chrF++ adds words.
package struct ChrF: Sendable, Hashable {
    private static let characterOrder = 6
    private var overlaps: [NGramOverlap]

    /// No text yet.
    package init(wordOrder: Int = 0) {
        overlaps = [NGramOverlap](repeating: NGramOverlap(), count: Self.characterOrder + wordOrder)
    }

    package init(output: String, expected: String, wordOrder: Int = 0) {
        overlaps = NGramOverlap.all(
            Self.characters(of: output), Self.characters(of: expected), longest: Self.characterOrder)
        if wordOrder > 0 {
            overlaps += NGramOverlap.all(Self.words(of: output), Self.words(of: expected), longest: wordOrder)
        }
        // As sacrebleu counts: where the expected text has no run of a length, the output's do not count either.
        for place in overlaps.indices where overlaps[place].wanted == 0 { overlaps[place].given = 0 }
    }

    package static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.overlaps = zip(one.overlaps, other.overlaps).map { $0 + $1 }
        return sum
    }

    /// From 0 to 100, averaged over the lengths that occur in both texts; 0 where there are none.
    package var score: Double {
        let factor = 4.0
        var precision = 0.0, recall = 0.0, orders = 0.0
        for overlap in overlaps where overlap.given > 0 && overlap.wanted > 0 {
            precision += Double(overlap.shared) / Double(overlap.given)
            recall += Double(overlap.shared) / Double(overlap.wanted)
            orders += 1
        }
        guard orders > 0 else { return 0 }
        precision /= orders
        recall /= orders
        let below = factor * precision + recall
        return below > 0 ? 100 * (1 + factor) * precision * recall / below : 0
    }

    private static func characters(of text: String) -> [UInt64] {
        var characters: [UInt64] = []
        characters.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let isSpace =
                scalar.value < 0x80
                ? scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) || (0x1C...0x1F).contains(scalar.value)
                : scalar.properties.isWhitespace
            if !isSpace { characters.append(NGramOverlap.mixed(UInt64(scalar.value), 1)) }
        }
        return characters
    }

    /// Punctuation at an edge of a word is a word of its own.
    private static func words(of text: String) -> [UInt64] {
        text.split(whereSeparator: \.isWhitespace).flatMap { word -> [UInt64] in
            guard word.unicodeScalars.count > 1 else { return [HashedWords.word(word.utf8)] }
            if let last = word.unicodeScalars.last, isPunctuation(last) {
                return [HashedWords.word(word.utf8.dropLast()), HashedWords.word(word.utf8.suffix(1))]
            }
            if let first = word.unicodeScalars.first, isPunctuation(first) {
                return [HashedWords.word(word.utf8.prefix(1)), HashedWords.word(word.utf8.dropFirst())]
            }
            return [HashedWords.word(word.utf8)]
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
