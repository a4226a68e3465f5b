import CText
package import FileStore
import JSONText

/// A `tokenizer.json`: text to ids and back, exactly as the `tokenizers` library does it.
///
/// A value that threads can share; each encodes at full speed in a workspace of its own.
package struct Tokenizer: Sendable {
    private let parts: TokenizerParts
    package let specialTokens: SpecialTokens
    /// SHA-256 of the files it was read from.
    package let fingerprint: Fingerprint

    init(parts: TokenizerParts, specialTokens: SpecialTokens, fingerprint: Fingerprint) {
        self.parts = parts
        self.specialTokens = specialTokens
        self.fingerprint = fingerprint
    }

    /// One more than the highest id, added tokens included. The embedding may have more rows (padding), never fewer.
    package var vocabularySize: Int { parts.vocabularySize }

    /// Text that spells a special token becomes that token unless `matchesSpecialTokens` is false; data from strangers
    /// may hold such text.
    package func encode(
        _ text: String, addSpecialTokens: Bool = false, matchesSpecialTokens: Bool = true
    ) -> [Int32] {
        var ids: [Int32] = addSpecialTokens ? parts.postProcessor.before : []
        encode(text, matchesSpecialTokens: matchesSpecialTokens, tracksSource: false) { tokens, _ in
            ids.append(contentsOf: tokens.lazy.map(\.id))
        }
        if addSpecialTokens { ids += parts.postProcessor.behind }
        return ids
    }

    package func encodeWithOffsets(
        _ text: String, addSpecialTokens: Bool = false, matchesSpecialTokens: Bool = true
    ) -> EncodedText {
        var encoded = EncodedText(ids: [], ranges: [])
        func add(_ ids: [Int32], at place: Int) {
            encoded.ids += ids
            encoded.ranges += Array(repeating: place..<place, count: ids.count)
        }
        if addSpecialTokens { add(parts.postProcessor.before, at: 0) }
        encode(text, matchesSpecialTokens: matchesSpecialTokens, tracksSource: true) { tokens, working in
            for token in tokens {
                let range = Int(token.start)..<Int(token.end)
                encoded.ids.append(token.id)
                encoded.ranges.append(working?.source(of: range) ?? range)
            }
        }
        if addSpecialTokens { add(parts.postProcessor.behind, at: text.utf8.count) }
        return encoded
    }

    /// Ids that no token has leave no trace.
    package func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool = true) -> String {
        parts.decoder.text(
            of: ids.compactMap { id in
                skipSpecialTokens && parts.specialIDs.contains(id) ? nil : parts.textToDecode(of: id)
            })
    }

    /// The id of a token in the spelling of the file.
    package func id(ofToken token: String) -> Int32? { parts.id(of: token.utf8) }

    /// The token in the spelling of the file: byte-level tokens in their alphabet.
    package func token(ofID id: Int32) -> String? { parts.text(of: id).map { String(decoding: $0, as: UTF8.self) } }

    /// The bytes a token adds to a text it does not begin; nil for special tokens and ids without a token.
    package func bytes(ofID id: Int32) -> [UInt8]? {
        guard !parts.specialIDs.contains(id), let token = parts.textToDecode(of: id) else { return nil }
        return parts.decoder.bytes(of: token)
    }

    package func isSpecial(_ id: Int32) -> Bool { parts.specialIDs.contains(id) }
}

/// What a tokenizer is made of, shared by its copies.
final class TokenizerParts: Sendable {
    private let tokens: TokenTable
    private let places: [Int32]
    private let normalizedTexts: [Int32: [UInt8]]
    let specialIDs: Set<Int32>
    let rawAddedTokens: AddedTokens
    let normalizedAddedTokens: AddedTokens
    let normalizer: Normalizer?
    let preTokenizer: PreTokenizer
    let postProcessor: PostProcessor
    let decoder: Decoder
    let model: BytePairModel

    init(_ file: TokenizerFile, postProcessor: PostProcessor, place: String) throws(TokenizerError) {
        tokens = file.tokens
        places = file.places
        specialIDs = Set(file.addedTokens.lazy.filter(\.isSpecial).map(\.id))
        let raw = file.addedTokens.filter { !$0.isNormalized }
        let normalized = file.addedTokens.filter(\.isNormalized)
        let normalizedContents = normalized.map { Self.normalize($0.content, by: file.normalizer) }
        normalizedTexts = Dictionary(zip(normalized.map(\.id), normalizedContents), uniquingKeysWith: { $1 })
        guard
            let rawAddedTokens = AddedTokens(raw, contents: raw.map { Array($0.content.utf8) }),
            let normalizedAddedTokens = AddedTokens(normalized, contents: normalizedContents)
        else { throw .outOfMemory(file: place) }
        self.rawAddedTokens = rawAddedTokens
        self.normalizedAddedTokens = normalizedAddedTokens
        normalizer = file.normalizer
        preTokenizer = file.preTokenizer
        self.postProcessor = postProcessor
        decoder = file.decoder
        model = file.model
    }

    var vocabularySize: Int { places.count }

    func text(of id: Int32) -> [UInt8]? {
        guard places.indices.contains(Int(id)), places[Int(id)] >= 0 else { return nil }
        return Array(tokens.token(Int(places[Int(id)])).text)
    }

    /// Added tokens that are looked for in normalised text are decoded in that form, as the library does.
    func textToDecode(of id: Int32) -> [UInt8]? { normalizedTexts[id] ?? text(of: id) }

    func id(of text: some Collection<UInt8>) -> Int32? { tokens.id(of: text) }

    private static func normalize(_ content: String, by normalizer: Normalizer?) -> [UInt8] {
        let bytes = Array(content.utf8)
        var text = bytes.withUnsafeBufferPointer { WorkingText($0, 0..<bytes.count, tracksSource: false) }
        normalizer?.apply(to: &text)
        return text.bytes
    }
}

/// Input ids and, for each, the UTF-8 bytes of the source text it stands for.
///
/// Tokens that come from no text (an added `<s>`) have an empty range. Ranges may overlap: a character that normalisation
/// took apart, or the place of a mark it invented, is claimed by each token.
package struct EncodedText: Sendable, Hashable {
    package var ids: [Int32]
    package var ranges: [Range<Int>]

    package init(ids: [Int32], ranges: [Range<Int>]) {
        self.ids = ids
        self.ranges = ranges
    }
}

extension Tokenizer {
    /// Calls `body` with tokens in order; their places are in the working text, or in the source where that is nil.
    private func encode(
        _ text: String, matchesSpecialTokens: Bool, tracksSource: Bool,
        _ body: (UnsafeBufferPointer<hone_token>, WorkingText?) -> Void
    ) {
        var text = text
        text.withUTF8 { source in
            parts.model.withWorkspace { workspace in
                let rewrites = parts.normalizer != nil || parts.preTokenizer.rewritesText
                    || !parts.normalizedAddedTokens.tokens.isEmpty
                parts.rawAddedTokens.split(source, matchesSpecial: matchesSpecialTokens) { part in
                    switch part {
                    case .token(let token, let range):
                        parts.append(token, range, to: workspace)
                    case .text(let range) where !rewrites:
                        parts.encode(source, range, into: workspace)
                    case .text(let range):
                        body(workspace.tokens, nil)
                        workspace.forgetTokens()
                        var working = WorkingText(source, range, tracksSource: tracksSource)
                        parts.normalizer?.apply(to: &working)
                        encodeNormalized(working, matchesSpecialTokens, in: workspace, body)
                    }
                }
                body(workspace.tokens, nil)
                workspace.forgetTokens()
            }
        }
    }

    private func encodeNormalized(
        _ text: WorkingText, _ matchesSpecialTokens: Bool, in workspace: Workspace,
        _ body: (UnsafeBufferPointer<hone_token>, WorkingText?) -> Void
    ) {
        text.bytes.withUnsafeBufferPointer { bytes in
            parts.normalizedAddedTokens.split(bytes, matchesSpecial: matchesSpecialTokens) { part in
                switch part {
                case .token(let token, let range):
                    parts.append(token, range, to: workspace)
                case .text(let range) where !parts.preTokenizer.rewritesText:
                    parts.encode(bytes, range, into: workspace)
                case .text(let range):
                    body(workspace.tokens, text)
                    workspace.forgetTokens()
                    var piece = text.part(range)
                    parts.preTokenizer.rewrite(&piece)
                    piece.bytes.withUnsafeBufferPointer { parts.encode($0, 0..<$0.count, into: workspace) }
                    body(workspace.tokens, piece)
                    workspace.forgetTokens()
                }
            }
        }
        body(workspace.tokens, text)
        workspace.forgetTokens()
    }
}

extension TokenizerParts {
    fileprivate func append(_ token: AddedTokens.Token, _ range: Range<Int>, to workspace: Workspace) {
        workspace.append(hone_token(id: token.id, start: UInt32(clamping: range.lowerBound), end: UInt32(clamping: range.upperBound)))
    }

    fileprivate func encode(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into workspace: Workspace) {
        preTokenizer.split(text, range) { part in
            model.encode(text, part, pieces: preTokenizer.lastPieces, into: workspace)
        }
    }
}
