import CText

/// How text is cut into the pieces that are encoded one by one.
struct PreTokenizer: Hashable {
    /// Puts a space before a text that does not start with one, before it is cut.
    var addsPrefixSpace = false
    var metaspace: Metaspace?
    /// Each cuts the pieces of the one before.
    var splits: [Split] = []
    /// Pieces become bytes, written in the byte-level alphabet.
    var isByteLevel = false

    /// SentencePiece's way: spaces become a visible mark, and the text gets one in front.
    struct Metaspace: Hashable {
        enum Prefix: String { case always, first, never }
        var mark: [UInt8]
        var prefix: Prefix
    }

    /// One way of cutting.
    enum Split: Hashable {
        /// By one of the hand-written scanners; every character belongs to a piece.
        case pieces(UInt32)
        /// Around each occurrence of a byte sequence.
        case literal([UInt8], Behavior)
        /// Runs of numbers, or each number, apart from the rest.
        case numbers(Behavior)
        case punctuation(Behavior)
        /// Spaces are cut away.
        case spaces
    }

    /// What becomes of the delimiter.
    enum Behavior: Hashable {
        case isolated, removed, mergedWithPrevious, mergedWithNext, contiguous
        /// Removed, with the pattern describing what to keep.
        case kept
    }

    init() {}

    init(_ node: TokenizerNode) throws(TokenizerError) { try add(node) }

    private mutating func add(_ node: TokenizerNode) throws(TokenizerError) {
        guard !isByteLevel else { throw node.unsupported("type") }
        switch try node.type() {
        case "Sequence":
            for step in try node.required("pretokenizers").elements() { try add(step) }
        case "ByteLevel":
            if try node.flag("add_prefix_space", default: true) {
                guard splits.isEmpty, metaspace == nil else { throw node.unsupported("add_prefix_space") }
                addsPrefixSpace = true
            }
            isByteLevel = true
            if try node.flag("use_regex", default: true) { splits.append(.pieces(HONE_PIECES_GPT2.rawValue)) }
        case "Split":
            splits.append(try Split(node))
        case "Digits":
            splits.append(.numbers(try node.flag("individual_digits", default: false) ? .isolated : .contiguous))
        case "Punctuation":
            splits.append(.punctuation(try node["behavior"].map(Behavior.init(_:)) ?? .isolated))
        case "WhitespaceSplit":
            splits.append(.spaces)
        case "Metaspace":
            guard splits.isEmpty, metaspace == nil else { throw node.unsupported("type") }
            let mark = Array(try node["replacement"]?.string().utf8 ?? "▁".utf8)
            metaspace = Metaspace(mark: mark, prefix: try Self.prefix(node))
            if try node.flag("split", default: true) { splits.append(.literal(mark, .mergedWithNext)) }
        default:
            throw node.unsupported("type")
        }
    }

    /// Older files say `add_prefix_space` where newer ones say `prepend_scheme`.
    private static func prefix(_ node: TokenizerNode) throws(TokenizerError) -> Metaspace.Prefix {
        guard let scheme = node["prepend_scheme"] else {
            return try node.flag("add_prefix_space", default: true) ? .always : .never
        }
        guard let prefix = Metaspace.Prefix(rawValue: try scheme.string()) else { throw scheme.unsupported() }
        return prefix
    }

    var rewritesText: Bool { addsPrefixSpace || metaspace != nil }

    func rewrite(_ text: inout WorkingText) {
        guard let first = text.bytes.withUnsafeBufferPointer({ $0.scalar(at: 0) }) else { return }
        if addsPrefixSpace && first.value != 0x20 { Normalizer.prepend([0x20]).apply(to: &text) }
        guard let metaspace else { return }
        let isAtStart = text.offset == 0
        Normalizer.replace([0x20], with: metaspace.mark).apply(to: &text)
        let wantsPrefix = metaspace.prefix == .always || (metaspace.prefix == .first && isAtStart)
        if wantsPrefix && !text.bytes.starts(with: metaspace.mark) { Normalizer.prepend(metaspace.mark).apply(to: &text) }
    }
}

extension PreTokenizer.Behavior {
    init(_ node: TokenizerNode) throws(TokenizerError) {
        switch try node.string() {
        case "Isolated", "isolated": self = .isolated
        case "Removed", "removed": self = .removed
        case "MergedWithPrevious", "merged_with_previous": self = .mergedWithPrevious
        case "MergedWithNext", "merged_with_next": self = .mergedWithNext
        case "Contiguous", "contiguous": self = .contiguous
        default: throw node.unsupported()
        }
    }
}

extension PreTokenizer.Split {
    init(_ node: TokenizerNode) throws(TokenizerError) {
        let pattern = try node.required("pattern")
        var behavior = try PreTokenizer.Behavior(try node.required("behavior"))
        let isInverted = try node.flag("invert", default: false)
        if isInverted {
            guard behavior == .removed else { throw node.unsupported("behavior") }
            behavior = .kept
        }
        if let literal = pattern["String"] {
            let bytes = Array(try literal.string().utf8)
            guard !bytes.isEmpty else { throw literal.unsupported() }
            self = .literal(bytes, behavior)
            return
        }
        let regex = try pattern.required("Regex")
        guard let pieces = Self.scanners[try regex.string()] else { throw regex.unsupported() }
        // Every character is in a match, so what lies between matches does not matter.
        guard behavior == .isolated || behavior == .kept else { throw node.unsupported("behavior") }
        self = .pieces(pieces.rawValue)
    }

    /// The patterns in use, as the files write them, greedy and (cl100k) possessive.
    private static let scanners: [String: hone_pieces] = {
        let newer = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
        let rest = #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
        let mark = #"[^\r\n\p{L}\p{N}]?"#
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        return [
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: HONE_PIECES_GPT2,
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: HONE_PIECES_GPT2,
            BytePairTrainer.pattern: HONE_PIECES_PLAIN,
            "\(contractions)|\(newer)|\\p{N}{1,3}|\(rest)": HONE_PIECES_LLAMA3,
            "\(contractions)|\(newer)|\\p{N}|\(rest)": HONE_PIECES_QWEN2,
            #"\#(mark)\#(upper)*\#(lower)+|\#(mark)\#(upper)+\#(lower)*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
                HONE_PIECES_TEKKEN,
        ]
    }()
}
