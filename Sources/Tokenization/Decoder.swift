/// How tokens become text again.
struct Decoder: Hashable {
    /// Applied in order; each maps the list of token texts. Bytes, because a token can be part of a character.
    enum Step: Hashable {
        case byteLevel
        case replace([UInt8], with: [UInt8])
        /// Runs of `<0xHH>` become characters.
        case byteFallback
        case fuse
        /// Takes up to that many of the byte from the start and the end of each token.
        case strip([UInt8], start: Int, stop: Int)
        /// The mark becomes a space; the one in front is dropped.
        case metaspace([UInt8], dropsFirst: Bool)
    }

    var steps: [Step] = []

    init() {}

    init(_ node: TokenizerNode) throws(TokenizerError) { try add(node) }

    private mutating func add(_ node: TokenizerNode) throws(TokenizerError) {
        switch try node.type() {
        case "Sequence":
            for step in try node.required("decoders").elements() { try add(step) }
        case "ByteLevel":
            steps.append(.byteLevel)
        case "ByteFallback":
            steps.append(.byteFallback)
        case "Fuse":
            steps.append(.fuse)
        case "Replace":
            let pattern = try node.required("pattern")
            guard let wanted = pattern["String"] else { throw pattern.unsupported() }
            let bytes = Array(try wanted.string().utf8)
            guard !bytes.isEmpty else { throw wanted.unsupported() }
            steps.append(.replace(bytes, with: Array(try node.required("content").string().utf8)))
        case "Strip":
            let content = Array(try node.required("content").string().utf8)
            guard !content.isEmpty else { throw node.unsupported("content") }
            steps.append(
                .strip(
                    content, start: Int(try node.required("start").id(of: "start")),
                    stop: Int(try node.required("stop").id(of: "stop"))))
        case "Metaspace":
            let mark = Array(try node["replacement"]?.string().utf8 ?? "▁".utf8)
            let prefix = try node["prepend_scheme"]?.string() ?? "always"
            let addsPrefix = try node.flag("add_prefix_space", default: true)
            steps.append(.metaspace(mark, dropsFirst: addsPrefix && prefix != "never"))
        default:
            throw node.unsupported("type")
        }
    }

    /// Malformed bytes become U+FFFD. Without a decoder tokens are joined by spaces, as `tokenizers` does.
    func text(of tokens: [[UInt8]]) -> String {
        guard !steps.isEmpty else { return String(decoding: Array(tokens.joined(separator: [0x20])), as: UTF8.self) }
        return String(decoding: steps.reduce(tokens) { $1.apply(to: $0) }.flatMap { $0 }, as: UTF8.self)
    }

    /// What one token in the middle of a text stands for, malformed bytes and all.
    func bytes(of token: [UInt8]) -> [UInt8] {
        steps.reduce(token) { bytes, step in
            switch step {
            case .byteLevel: bytes.withUnsafeBufferPointer(ByteLevelAlphabet.bytes(of:)) ?? bytes
            case .byteFallback: Step.byte(named: bytes).map { [$0] } ?? bytes
            case .replace(let wanted, let replacement): Step.replacing(wanted, with: replacement, in: bytes)
            case .metaspace(let mark, _): Step.replacing(mark, with: [0x20], in: bytes)
            case .fuse, .strip: bytes
            }
        }
    }
}

extension Decoder.Step {
    fileprivate func apply(to tokens: [[UInt8]]) -> [[UInt8]] {
        switch self {
        case .byteLevel:
            let bytes = tokens.flatMap { token in token.withUnsafeBufferPointer(ByteLevelAlphabet.bytes(of:)) ?? token }
            return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
        case .replace(let wanted, let replacement):
            return tokens.map { Self.replacing(wanted, with: replacement, in: $0) }
        case .fuse:
            return [Array(tokens.joined())]
        case .strip(let content, let start, let stop):
            return tokens.map { Self.stripping(content, start: start, stop: stop, from: $0) }
        case .metaspace(let mark, let dropsFirst):
            return tokens.enumerated().map { place, token in
                let spaced = Self.replacing(mark, with: [0x20], in: token)
                return place == 0 && dropsFirst && token.starts(with: mark) ? Array(spaced.dropFirst()) : spaced
            }
        case .byteFallback:
            return Self.joiningBytes(tokens)
        }
    }

    fileprivate static func replacing(_ wanted: [UInt8], with replacement: [UInt8], in token: [UInt8]) -> [UInt8] {
        guard token.count >= wanted.count else { return token }
        var result: [UInt8] = []
        var place = 0
        while place < token.count {
            if token[place...].starts(with: wanted) {
                result += replacement
                place += wanted.count
            } else {
                result.append(token[place])
                place += 1
            }
        }
        return result
    }

    private static func stripping(_ content: [UInt8], start: Int, stop: Int, from token: [UInt8]) -> [UInt8] {
        var rest = token[...]
        for _ in 0..<start {
            guard rest.starts(with: content) else { break }
            rest = rest.dropFirst(content.count)
        }
        for _ in 0..<stop {
            guard rest.suffix(content.count).elementsEqual(content) else { break }
            rest = rest.dropLast(content.count)
        }
        return Array(rest)
    }

    /// A run of byte tokens is text when it is UTF-8, else one U+FFFD for each byte.
    private static func joiningBytes(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var run: [UInt8] = []
        func endRun() {
            guard !run.isEmpty else { return }
            let isText = String(validating: run, as: UTF8.self) != nil
            result.append(isText ? run : Array(String(repeating: "\u{FFFD}", count: run.count).utf8))
            run = []
        }
        for token in tokens {
            if let byte = byte(named: token) {
                run.append(byte)
            } else {
                endRun()
                result.append(token)
            }
        }
        endRun()
        return result
    }

    /// The byte that `<0xHH>` names.
    static func byte(named token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }
}
