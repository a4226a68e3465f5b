import CText
import FileStore
import JSONText

/// The components of a `tokenizer.json`, checked against each other.
struct TokenizerFile {
    /// Every token as the file spells it, added tokens included.
    var tokens: TokenTable
    /// The place of each id in `tokens`, -1 where no token has the id.
    var places: [Int32] = []
    var addedTokens: [AddedTokens.Token]
    var normalizer: Normalizer?
    var preTokenizer = PreTokenizer()
    var postProcessor = PostProcessor()
    var decoder = Decoder()
    var model: BytePairModel

    /// Ids are indices of tables here; the largest vocabularies have some 300,000.
    private static let idLimit = 1 << 24

    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        let tables = try ModelTables(bytes, file: file)
        let node = tables.rest
        tokens = tables.tokens
        // Closures would lose the type of the error.
        if let component = node["normalizer"] { normalizer = try Normalizer(component) }
        if let component = node["pre_tokenizer"] { preTokenizer = try PreTokenizer(component) }
        if let component = node["post_processor"] { postProcessor = try PostProcessor(component) }
        if let component = node["decoder"] { decoder = try Decoder(component) }
        model = try Self.model(tables, isByteLevel: preTokenizer.isByteLevel)
        if !preTokenizer.isByteLevel, preTokenizer.splits.isEmpty, Self.breaksBeforeMarks(tables.tokens) {
            preTokenizer.splits = [.pieces(HONE_PIECES_METASPACE.rawValue)]
        }

        addedTokens = try Self.addedTokens(node)
        for token in addedTokens where tokens.id(of: token.content.utf8) != token.id {
            guard tokens.add(token.content.utf8, id: token.id) else { throw .outOfMemory(file: file) }
        }
        guard tokens.index() else { throw .outOfMemory(file: file) }
        try fillPlaces(node.place)
    }

    private mutating func fillPlaces(_ place: TokenizerError.Place) throws(TokenizerError) {
        for index in 0..<tokens.count {
            let (text, id) = tokens.token(index)
            guard id < Self.idLimit else {
                throw .badID(place, token: String(decoding: text, as: UTF8.self), value: String(id))
            }
            while places.count <= id { places.append(-1) }
            if places[Int(id)] >= 0 {
                let other = tokens.token(Int(places[Int(id)])).text
                throw .sameID(
                    place, token: String(decoding: text, as: UTF8.self), other: String(decoding: other, as: UTF8.self),
                    id: Int(id))
            }
            places[Int(id)] = Int32(index)
        }
    }

    private static func addedTokens(_ node: TokenizerNode) throws(TokenizerError) -> [AddedTokens.Token] {
        var tokens: [AddedTokens.Token] = []
        for entry in try node["added_tokens"]?.elements() ?? [] {
            let content = try entry.required("content").string()
            let isSpecial = try entry.flag("special", default: false)
            tokens.append(
                AddedTokens.Token(
                    id: try entry.required("id").id(of: content), content: content,
                    isSingleWord: try entry.flag("single_word", default: false),
                    stripsLeft: try entry.flag("lstrip", default: false),
                    stripsRight: try entry.flag("rstrip", default: false),
                    isNormalized: try entry.flag("normalized", default: !isSpecial), isSpecial: isSpecial))
        }
        return tokens
    }
}

// MARK: - The model

extension TokenizerFile {
    private static func model(_ tables: ModelTables, isByteLevel: Bool) throws(TokenizerError) -> BytePairModel {
        let node = try tables.rest.required("model")
        if let type = node["type"] {
            guard try type.string() == "BPE" else { throw type.unsupported() }
        }
        for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
            guard let text = node[option], try !text.string().isEmpty else { continue }
            throw text.unsupported()
        }
        if let dropout = node["dropout"], dropout.value.doubleValue != 0 { throw dropout.unsupported() }

        var options = BytePairModel.Options()
        options.isByteLevel = isByteLevel
        options.ignoresMerges = try node.flag("ignore_merges", default: false)
        options.fusesUnknown = try node.flag("fuse_unk", default: false)
        if let unknown = node["unk_token"] {
            let text = try unknown.string()
            guard let id = tables.tokens.id(of: text.utf8) else { throw .unknownToken(unknown.place, token: text) }
            options.unknownID = id
        }
        if try node.flag("byte_fallback", default: false) {
            options.byteFallbackIDs = (0..<256).map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return tables.tokens.id(of: "<0x\(digits.utf8.count == 1 ? "0" : "")\(digits)>".utf8) ?? -1
            }
        }
        guard let texts = isByteLevel ? bytes(of: tables.tokens) : copy(tables.tokens),
            let model = BytePairModel(tokens: texts, merges: tables.merges, options: options)
        else { throw .outOfMemory(file: node.place.file) }
        return model
    }

    /// The bytes that byte-level tokens stand for. A token with a character outside the alphabet cannot be made from
    /// text and is left out.
    private static func bytes(of tokens: TokenTable) -> TokenTable? {
        filled { table in
            (0..<tokens.count).allSatisfy { place in
                let (text, id) = tokens.token(place)
                return ByteLevelAlphabet.bytes(of: text).map { table.add($0, id: id) } ?? true
            }
        }
    }

    /// Added tokens are no part of the model, so it has a table of its own.
    private static func copy(_ tokens: TokenTable) -> TokenTable? {
        filled { table in
            (0..<tokens.count).allSatisfy { place in
                let (text, id) = tokens.token(place)
                return table.add(text, id: id)
            }
        }
    }

    private static func filled(_ fill: (TokenTable) -> Bool) -> TokenTable? {
        guard let table = TokenTable(), fill(table), table.index() else { return nil }
        return table
    }

    /// No token has SentencePiece's mark behind another character, so no merge crosses into a mark and text can be cut
    /// there: short pieces repeat, and are remembered.
    private static func breaksBeforeMarks(_ tokens: TokenTable) -> Bool {
        let mark = Array("▁".utf8)
        guard tokens.id(of: mark) != nil else { return false }
        return (0..<tokens.count).allSatisfy { place in
            let text = tokens.token(place).text
            var start = 0
            while text[start...].starts(with: mark) { start += mark.count }
            return !text[start...].contains(mark[0]) || text[start...].indices.allSatisfy { !text[$0...].starts(with: mark) }
        }
    }
}
