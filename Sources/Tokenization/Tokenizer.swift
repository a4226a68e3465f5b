/// A `tokenizer.json`: text to ids and back.
///
/// A value: it can be shared by threads, and every thread works at full speed.
package struct Tokenizer: Sendable {
    package init(folder: String) throws(TokenizerError) {
        throw .unreadable(path: folder, reason: "not read yet")
    }

    /// One more than the highest id, added tokens included. The embedding may have more rows (padding), never fewer.
    package var vocabularySize: Int { 0 }

    package var specialTokens: SpecialTokens { SpecialTokens() }

    package func encode(_ text: String, addSpecialTokens: Bool = false) -> [Int32] { [] }

    package func encodeWithOffsets(_ text: String, addSpecialTokens: Bool = false) -> EncodedText {
        EncodedText(ids: [], ranges: [])
    }

    package func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool = true) -> String { "" }

    package func id(ofToken token: String) -> Int32? { nil }

    package func token(ofID id: Int32) -> String? { nil }
}

/// Input ids and, for each, the UTF-8 bytes of the source text it stands for.
///
/// Tokens that come from no text (an added `<s>`) have an empty range. Ranges may overlap: a character that was split
/// over tokens, or a prefix that normalisation invented, is claimed by each.
package struct EncodedText: Sendable, Hashable {
    package var ids: [Int32]
    package var ranges: [Range<Int>]

    package init(ids: [Int32], ranges: [Range<Int>]) {
        self.ids = ids
        self.ranges = ranges
    }
}
