import CText

/// Tokens that are cut out of the text before anything else looks at it.
final class AddedTokens: @unchecked Sendable {
    struct Token: Hashable {
        var id: Int32
        var content: String
        /// Only between characters that are not `\w`.
        var isSingleWord = false
        /// Swallows the spaces on that side.
        var stripsLeft = false
        var stripsRight = false
        /// Looked for in normalised text (and normalised itself) instead of the raw text.
        var isNormalized = true
        var isSpecial = false
    }

    let tokens: [Token]
    private let matcher: OpaquePointer

    /// `contents` are what to look for, one per token; nil when memory runs out.
    init?(_ tokens: [Token], contents: [[UInt8]]) {
        self.tokens = tokens
        var offsets: [UInt32] = [0]
        for content in contents { offsets.append(offsets[offsets.count - 1] + UInt32(clamping: content.count)) }
        guard let matcher = hone_token_matcher_create(Array(contents.joined()), offsets, tokens.count) else { return nil }
        self.matcher = matcher
    }

    deinit { hone_token_matcher_destroy(matcher) }

    enum Part {
        case text(Range<Int>)
        case token(Token, Range<Int>)
    }

    /// Calls `body` for the parts of `text`, in order and without gaps. A text without added tokens is one part.
    func split(_ text: UnsafeBufferPointer<UInt8>, matchesSpecial: Bool, _ body: (Part) -> Void) {
        guard let base = text.baseAddress else { return }
        var covered = 0
        var from = 0
        var (start, end, pattern) = (0, 0, 0)
        while !tokens.isEmpty, hone_token_matcher_next(matcher, base, from, text.count, &start, &end, &pattern) {
            from = end
            let token = tokens[pattern]
            if token.isSpecial && !matchesSpecial { continue }
            if token.isSingleWord && (text.isWord(before: start) || text.isWord(at: end)) { continue }
            if token.stripsLeft { start = max(text.spacesStart(before: start), covered) }
            if token.stripsRight { end = text.spacesEnd(from: end) }
            // A token that begins in spaces swallowed by the one before is still a token, as in the library.
            end = max(start, end)
            if covered < start { body(.text(covered..<start)) }
            body(.token(token, start..<end))
            covered = end
        }
        if covered < text.count { body(.text(covered..<text.count)) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The scalar that starts at `place`, which must be a boundary of valid UTF-8, and its bytes; nil at the end.
    func scalar(at place: Int) -> (value: UInt32, bytes: Int)? {
        guard place < count else { return nil }
        let lead = UInt32(self[place])
        let bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard bytes > 1 else { return (lead, 1) }
        guard place + bytes <= count else { return (0xFFFD, count - place) }
        var value = lead & (0x7F >> UInt32(bytes))
        for next in 1..<bytes { value = value << 6 | UInt32(self[place + next] & 0x3F) }
        return (value, bytes)
    }

    func scalar(before place: Int) -> (value: UInt32, bytes: Int)? {
        var start = place - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start < 0 ? nil : scalar(at: start)
    }

    fileprivate func isWord(before place: Int) -> Bool { scalar(before: place).map { hone_is_word($0.value) } ?? false }

    fileprivate func isWord(at place: Int) -> Bool { scalar(at: place).map { hone_is_word($0.value) } ?? false }

    fileprivate func spacesStart(before place: Int) -> Int {
        var place = place
        while let (scalar, bytes) = scalar(before: place), hone_is_space(scalar) { place -= bytes }
        return place
    }

    fileprivate func spacesEnd(from place: Int) -> Int {
        var place = place
        while let (scalar, bytes) = scalar(at: place), hone_is_space(scalar) { place += bytes }
        return place
    }
}
