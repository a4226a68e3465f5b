/// Phrases of one kind, in lower case.
package struct PhraseList: Sendable {
    package var phrases: [String]
    /// Only near the beginning of a text.
    package var atStart: Bool

    package init(phrases: [String], atStart: Bool) {
        self.phrases = phrases
        self.atStart = atStart
    }
}

/// Looks for many phrases at once: a table over the first two bytes says where a phrase could begin.
package struct PhraseMatcher: Sendable {
    private struct Phrase: Sendable {
        var bytes: [UInt8]
        var list: Int
    }

    private let phrases: [Phrase]
    private let atStart: [Bool]
    /// First phrase that begins with a pair of bytes, and the next one with the same pair.
    private let heads: [Int16]
    private let next: [Int16]
    /// Bytes that begin some phrase.
    private let begins: [Bool]

    private static let startLength = 80

    package init(_ lists: [PhraseList]) {
        var phrases: [Phrase] = []
        for (place, list) in lists.enumerated() {
            for phrase in list.phrases where phrase.utf8.count >= 2 {
                phrases.append(Phrase(bytes: Array(phrase.lowercased().utf8), list: place))
            }
        }
        var heads = [Int16](repeating: -1, count: 1 << 16)
        var next = [Int16](repeating: -1, count: phrases.count)
        var begins = [Bool](repeating: false, count: 256)
        for (place, phrase) in phrases.enumerated() {
            let pair = Int(phrase.bytes[0]) << 8 | Int(phrase.bytes[1])
            next[place] = heads[pair]
            heads[pair] = Int16(place)
            begins[Int(phrase.bytes[0])] = true
        }
        self.phrases = phrases
        self.heads = heads
        self.next = next
        self.begins = begins
        atStart = lists.map(\.atStart)
    }

    /// For each list the byte offset of its first hit in `text`, nil where there is none.
    package func hits(in text: String) -> [Int?] {
        var hits = [Int?](repeating: nil, count: atStart.count)
        var text = text
        text.withUTF8 { bytes in
            var before: UInt8 = 0x20
            var place = 0
            while place + 1 < bytes.count {
                let byte = Self.lower(bytes[place])
                if begins[Int(byte)], !(Self.isWord(byte) && Self.isWord(before)) {
                    var candidate = heads[Int(byte) << 8 | Int(Self.lower(bytes[place + 1]))]
                    while candidate >= 0 {
                        let phrase = phrases[Int(candidate)]
                        if hits[phrase.list] == nil, !(atStart[phrase.list] && place > Self.startLength),
                            Self.matches(phrase.bytes, bytes, at: place)
                        {
                            hits[phrase.list] = place
                        }
                        candidate = next[Int(candidate)]
                    }
                }
                before = bytes[place]
                place += 1
            }
        }
        return hits
    }

    private static func matches(_ phrase: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        guard place + phrase.count <= bytes.count else { return false }
        for offset in phrase.indices where lower(bytes[place + offset]) != phrase[offset] { return false }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }
}
