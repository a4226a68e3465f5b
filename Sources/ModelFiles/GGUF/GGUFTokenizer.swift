package import JSONText

/// A tokenizer as GGUF files hold it: tokens with their kinds, merges or scores, ids with a role, and the chat template.
package struct GGUFTokenizer: Sendable, Hashable {
    package enum Model: String, Sendable, Hashable {
        /// Byte-level pairs with stored merges.
        case bytePairs = "gpt2"
        /// SentencePiece's pairs, merged by the score of what they make.
        case sentencePiece = "llama"
    }

    package enum Kind: Int32, Sendable, Hashable { case normal = 1, unknown, control, userDefined, unused, byte }

    package struct Token: Sendable, Hashable {
        package var text: String
        package var kind: Kind

        package init(text: String, kind: Kind) {
            self.text = text
            self.kind = kind
        }
    }

    /// Ids with a role. The end of a turn is written where it is not the end of the text.
    package struct Roles: Sendable, Hashable {
        package var begin: Int?
        package var end: Int?
        package var endOfTurn: Int?
        package var endOfMessage: Int?
        package var padding: Int?
        package var unknown: Int?
        /// Whether a text gets the begin and end tokens where a program asks for special tokens.
        package var addsBegin = false
        package var addsEnd = false

        package init() {}

        /// Tokens after which an answer is complete.
        package var stops: [Int] {
            [end, endOfTurn, endOfMessage].compactMap(\.self).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
    }

    package var model: Model
    /// The name of the way text is cut before it is merged.
    package var preTokenizer: String
    package var tokens: [Token]
    package var merges: [String] = []
    package var scores: [Float] = []
    package var roles = Roles()
    /// SentencePiece only: a text gets a space in front.
    package var addsSpace = false
    package var template: String?
    package var toolTemplate: String?

    /// - Parameters:
    ///   - json: A `tokenizer.json`.
    ///   - promptsBeginSpecially: The chat template begins every conversation with a special token.
    ///   - texts: By id, every token as the file spells it; nil where an id has none.
    ///   - path: Of the file, for errors.
    package init(
        json: JSONValue, texts: [String?], roles: Roles, promptsBeginSpecially: Bool = false, path: String
    ) throws(ModelFileError) {
        var added: [Int: Bool] = [:]
        for entry in json["added_tokens"]?.arrayValue ?? [] {
            if let id = entry["id"]?.intValue { added[id] = entry["special"]?.boolValue ?? false }
        }
        let cutting = TextCutting(json)
        model = cutting.isByteLevel ? .bytePairs : .sentencePiece
        guard let name = cutting.name else {
            throw .notInGGUF(
                path: path, setting: "pre_tokenizer", found: cutting.words,
                expected: "one of those with a name in GGUF: " + TextCutting.names.joined(separator: ", "))
        }
        preTokenizer = name
        let isByteLevel = cutting.isByteLevel, unknown = roles.unknown
        tokens = texts.enumerated().map { id, text in
            guard let text else { return Token(text: "[PAD\(id)]", kind: .unused) }
            if let isSpecial = added[id] {
                if id == unknown, !isByteLevel { return Token(text: text, kind: .unknown) }
                return isSpecial
                    ? Token(text: text, kind: .control)
                    : Token(text: isByteLevel ? text : text.replacing("▁", with: " "), kind: .userDefined)
            }
            if !isByteLevel {
                if id == unknown { return Token(text: text, kind: .unknown) }
                if Self.isByte(text) { return Token(text: text, kind: .byte) }
            }
            return Token(text: text, kind: .normal)
        }
        self.roles = roles
        let pairs: [(String, String)] = (json["model"]?["merges"]?.arrayValue ?? []).compactMap { merge in
            if let left = merge[0]?.stringValue, let right = merge[1]?.stringValue { return (left, right) }
            guard let text = merge.stringValue, let space = text.dropFirst().firstIndex(of: " ") else { return nil }
            return (String(text[..<space]), String(text[text.index(after: space)...]))
        }
        if isByteLevel {
            merges = pairs.map { $0.0 + " " + $0.1 }
        } else {
            scores = Self.scores(of: tokens, pairs)
            // Readers of GGUF put the space behind every special token as well, or nowhere. Where the model was taught one
            // only at the start, and a special token stands there, nowhere is what it was taught.
            addsSpace = cutting.addsSpace && !(cutting.addsSpaceOnlyAtStart && promptsBeginSpecially)
        }
    }

    /// SentencePiece merges the pair whose result has the highest score; the earliest merge that makes a token ranks it.
    private static func scores(of tokens: [Token], _ merges: [(String, String)]) -> [Float] {
        var ranks: [[UInt8]: Int] = [:]
        for (rank, merge) in merges.enumerated() {
            let made = Array((merge.0 + merge.1).utf8)
            if ranks[made] == nil { ranks[made] = rank }
        }
        return tokens.map { token in
            guard token.kind == .normal else { return token.kind == .byte ? 0 : -1000 }
            return ranks[Array(token.text.utf8)].map { -Float($0) } ?? -Float(merges.count)
        }
    }

    private static func isByte(_ text: String) -> Bool {
        text.utf8.count == 6 && text.hasPrefix("<0x") && text.hasSuffix(">")
            && UInt8(text.dropFirst(3).dropLast(), radix: 16) != nil
    }

    /// The same with a token for every row of the embedding.
    func padded(to count: Int, path: String) throws(ModelFileError) -> GGUFTokenizer {
        guard tokens.count <= count else {
            throw .tokenizerTooLarge(path: path, largestID: tokens.count - 1, vocabulary: count)
        }
        var padded = self
        for id in tokens.count..<count { padded.tokens.append(Token(text: "[PAD\(id)]", kind: .unused)) }
        if model == .sentencePiece {
            padded.scores += Array(repeating: -1000, count: count - tokens.count)
        }
        return padded
    }

    private static let prefix = "tokenizer.ggml."

    var metadata: [(String, GGUFValue)] {
        var entries: [(String, GGUFValue)] = [
            ("model", .text(model.rawValue)), ("pre", .text(preTokenizer)), ("tokens", .texts(tokens.map(\.text))),
            ("token_type", .int32s(tokens.map(\.kind.rawValue))),
        ]
        switch model {
        case .bytePairs: entries.append(("merges", .texts(merges)))
        case .sentencePiece: entries += [("scores", .float32s(scores)), ("add_space_prefix", .bool(addsSpace))]
        }
        let ids = [
            ("bos_token_id", roles.begin), ("eos_token_id", roles.end), ("eot_token_id", roles.endOfTurn),
            ("eom_token_id", roles.endOfMessage), ("unknown_token_id", roles.unknown),
            ("padding_token_id", roles.padding),
        ]
        for (name, id) in ids {
            if let id { entries.append((name, .uint32(UInt32(clamping: id)))) }
        }
        // Readers add a begin token of their own accord to some vocabularies, so what is not wanted is said.
        entries += [("add_bos_token", .bool(roles.addsBegin)), ("add_eos_token", .bool(roles.addsEnd))]
        var all = entries.map { (Self.prefix + $0.0, $0.1) }
        if let template { all.append(("tokenizer.chat_template", .text(template))) }
        if let toolTemplate {
            all += [
                ("tokenizer.chat_templates", .texts(["tool_use"])),
                ("tokenizer.chat_template.tool_use", .text(toolTemplate)),
            ]
        }
        return all
    }

    init(_ file: GGUFFile) throws(ModelFileError) {
        func key(_ name: String) -> String { Self.prefix + name }
        let kind = try file.required(key("model")) { $0.textValue }
        guard let model = Model(rawValue: kind) else {
            throw .unsupported(path: file.path, key: key("model"), found: kind, supported: ["gpt2", "llama"])
        }
        self.model = model
        preTokenizer = try file.optional(key("pre")) { $0.textValue } ?? "default"
        let texts = try file.required(key("tokens")) { $0.textList }
        let kinds = try file.optional(key("token_type")) { $0.integerList } ?? []
        guard kinds.isEmpty || kinds.count == texts.count else {
            throw .damagedGGUF(path: file.path, .badValue(key: key("token_type")))
        }
        tokens = texts.enumerated().map { id, text in
            Token(text: text, kind: kinds.isEmpty ? .normal : Kind(rawValue: Int32(clamping: kinds[id])) ?? .normal)
        }
        merges = try file.optional(key("merges")) { $0.textList } ?? []
        scores = try file.optional(key("scores")) { $0.numberList } ?? []
        guard model == .bytePairs || scores.count == texts.count else {
            throw .damagedGGUF(path: file.path, .badValue(key: key("scores")))
        }
        func id(_ name: String) throws(ModelFileError) -> Int? {
            guard let id = try file.optional(key(name), { $0.intValue }) else { return nil }
            guard texts.indices.contains(id) else { throw .damagedGGUF(path: file.path, .badValue(key: key(name))) }
            return id
        }
        func flag(_ name: String) throws(ModelFileError) -> Bool? { try file.optional(key(name)) { $0.boolValue } }
        let isSentencePiece = model == .sentencePiece
        (roles.begin, roles.end) = (try id("bos_token_id"), try id("eos_token_id"))
        (roles.endOfTurn, roles.endOfMessage) = (try id("eot_token_id"), try id("eom_token_id"))
        (roles.padding, roles.unknown) = (try id("padding_token_id"), try id("unknown_token_id"))
        roles.addsBegin = try flag("add_bos_token") ?? (isSentencePiece || preTokenizer == "llama-bpe")
        roles.addsEnd = try flag("add_eos_token") ?? false
        addsSpace = try flag("add_space_prefix") ?? isSentencePiece
        template = try file.optional("tokenizer.chat_template") { $0.textValue }
        toolTemplate = try file.optional("tokenizer.chat_template.tool_use") { $0.textValue }
    }
}
