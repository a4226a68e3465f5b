/// A text as a set of short overlapping pieces, so that two texts can be compared by what they share (Jaccard).
///
/// Three words per piece where there are at least six, five characters where there are fewer: short rows are the rule in
/// fine-tuning data, and tools that only know long pieces either merge all short rows or compare none.
enum Shingles {
    private static let wordsPerPiece = 3
    private static let leastWords = 6
    private static let bytesPerPiece = 5

    /// Sorted and distinct. Texts without a word have no pieces.
    static func of(_ text: String) -> [UInt32] {
        let key = TextKey.normalised(text)
        let words = key.withUnsafeBufferPointer(wordHashes)
        guard !words.isEmpty else { return [] }
        let letters = key.count / words.count
        let pieces: [UInt64]
        if words.count >= leastWords, letters < 24 {
            pieces = words.withUnsafeBufferPointer { words in
                (0...(words.count - wordsPerPiece)).map { place in
                    ((words[place] &* 0x9E37_79B9_7F4A_7C15) ^ words[place + 1]) &* 0xC2B2_AE3D_27D4_EB4F
                        ^ words[place + 2]
                }
            }
        } else if letters >= 24, key.contains(where: { $0 >= 0x80 }) {
            pieces = characterPieces(of: key)
        } else if key.count > bytesPerPiece {
            pieces = (0...(key.count - bytesPerPiece)).map { TextKey.hash(key[$0..<($0 + bytesPerPiece)], seed: 5) }
        } else {
            pieces = [TextKey.hash(key, seed: 5)]
        }
        return distinct(pieces.map { UInt32(truncatingIfNeeded: $0 ^ ($0 >> 32)) })
    }

    private static func wordHashes(_ key: UnsafeBufferPointer<UInt8>) -> [UInt64] {
        var words: [UInt64] = []
        words.reserveCapacity(key.count / 5 + 1)
        var start = 0
        for place in 0...key.count where place == key.count || !isWord(key[place]) {
            if place > start { words.append(TextKey.hash(UnsafeBufferPointer(rebasing: key[start..<place]))) }
            start = place + 1
        }
        return words
    }

    /// Three characters per piece, for scripts that write no spaces.
    private static func characterPieces(of key: [UInt8]) -> [UInt64] {
        var starts = key.indices.filter { key[$0] & 0xC0 != 0x80 }
        starts.append(key.count)
        guard starts.count > 3 else { return [TextKey.hash(key, seed: 3)] }
        return (0..<(starts.count - 3)).map { TextKey.hash(key[starts[$0]..<starts[$0 + 3]], seed: 3) }
    }

    private static func distinct(_ pieces: [UInt32]) -> [UInt32] {
        var sorted = pieces.sorted()
        var count = 0
        for place in sorted.indices where place == 0 || sorted[place] != sorted[count - 1] {
            sorted[count] = sorted[place]
            count += 1
        }
        sorted.removeLast(sorted.count - count)
        return sorted
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }

    /// Shared pieces of two sorted sets divided by all pieces. Two empty sets share nothing.
    static func similarity(_ one: ArraySlice<UInt32>, _ other: ArraySlice<UInt32>) -> Double {
        let common = Self.common(one, other, atLeast: 0)
        let all = one.count + other.count - common
        return all == 0 ? 0 : Double(common) / Double(all)
    }

    /// Shared pieces; gives up (and returns too few) once `least` cannot be reached.
    static func common(_ one: ArraySlice<UInt32>, _ other: ArraySlice<UInt32>, atLeast least: Int) -> Int {
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                var (here, there, common) = (0, 0, 0)
                while here < one.count, there < other.count {
                    if one[here] == other[there] {
                        common += 1
                        here += 1
                        there += 1
                    } else if one[here] < other[there] {
                        here += 1
                        if common + one.count - here < least { return common }
                    } else {
                        there += 1
                        if common + other.count - there < least { return common }
                    }
                }
                return common
            }
        }
    }
}
