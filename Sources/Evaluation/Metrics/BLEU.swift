import Glibc

/// BLEU as sacrebleu computes it: tokenizer 13a, exponential smoothing, case kept (Papineni et al. 2002; Post 2018).
package struct BLEU: Sendable, Hashable {
    /// What two BLEU scores must agree on to be compared.
    package static let signature = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"

    private var overlaps = [NGramOverlap](repeating: NGramOverlap(), count: 4)
    private var givenLength = 0
    private var wantedLength = 0

    package init() {}

    /// The counts of one sentence. Corpus BLEU adds counts up; it is not a mean of sentences.
    package init(output: String, expected: String) {
        let given = Self.tokens(of: output), wanted = Self.tokens(of: expected)
        overlaps = NGramOverlap.all(given, wanted, longest: 4)
        (givenLength, wantedLength) = (given.count, wanted.count)
    }

    package static func + (one: Self, other: Self) -> Self {
        var sum = BLEU()
        sum.overlaps = zip(one.overlaps, other.overlaps).map { $0 + $1 }
        sum.givenLength = one.givenLength + other.givenLength
        sum.wantedLength = one.wantedLength + other.wantedLength
        return sum
    }

    /// From 0 to 100. With `effectiveOrder` lengths that do not occur at all are left out, as for single sentences.
    package func score(effectiveOrder: Bool = false) -> Double {
        guard givenLength > 0, wantedLength > 0 else { return 0 }
        let brevity = givenLength < wantedLength ? exp(1 - Double(wantedLength) / Double(givenLength)) : 1
        guard overlaps.contains(where: { $0.shared > 0 }) else { return 0 }
        var smoothing = 1.0, logs = 0.0, order = overlaps.count
        for (place, overlap) in overlaps.enumerated() {
            if overlap.given == 0 {
                // Longer runs cannot occur either.
                if !effectiveOrder { return 0 }
                order = place
                break
            }
            if overlap.shared == 0 {
                smoothing *= 2
                logs += log(100 / (smoothing * Double(overlap.given)))
            } else {
                logs += log(100 * Double(overlap.shared) / Double(overlap.given))
            }
        }
        return order == 0 ? 0 : brevity * exp(logs / Double(order))
    }

    /// The tokenizer of mteval-v13a, which sacrebleu calls 13a: hashes of the words it makes.
    static func tokens(of text: String) -> [UInt64] {
        var plain = text
        if text.utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "\n") }) {
            plain = text.replacing("<skipped>", with: "").replacing("-\n", with: "").replacing("\n", with: " ")
                .replacing("&quot;", with: "\"").replacing("&amp;", with: "&").replacing("&lt;", with: "<")
                .replacing("&gt;", with: ">")
        }
        var words = HashedWords()
        plain.withUTF8 { bytes in
            var place = 0
            while place < bytes.count {
                let byte = bytes[place]
                if byte >= 0x80 {
                    let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
                    let scalar = bytes[place..<min(place + length, bytes.count)]
                    if isSpace(scalar) { words.endWord() } else { for part in scalar { words.add(part) } }
                    place += length
                    continue
                }
                let before = place > 0 ? bytes[place - 1] : 0x20, after = place + 1 < bytes.count ? bytes[place + 1] : 0x20
                switch byte {
                case 0x09...0x0D, 0x1C...0x20: words.endWord()
                case 0x7B...0x7E, 0x5B...0x60, 0x21...0x26, 0x28...0x2B, 0x3A...0x40, 0x2F: addAlone(byte, to: &words)
                // A point or comma stays only between digits; a hyphen behind a digit stands alone.
                case 0x2E where isDigit(before) && isDigit(after), 0x2C where isDigit(before) && isDigit(after): words.add(byte)
                case 0x2D where !isDigit(before): words.add(byte)
                case 0x2E, 0x2C, 0x2D: addAlone(byte, to: &words)
                default: words.add(byte)
                }
                place += 1
            }
        }
        words.endWord()
        return words.words
    }

    private static func addAlone(_ byte: UInt8, to words: inout HashedWords) {
        words.endWord()
        words.add(byte)
        words.endWord()
    }

    private static func isSpace(_ scalar: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        String(decoding: scalar, as: UTF8.self).unicodeScalars.first?.properties.isWhitespace ?? false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
