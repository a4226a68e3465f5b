import FileStore
import JSONText

extension Tokenizer {
    /// Reads `tokenizer.json`, and the roles of tokens from `tokenizer_config.json` where that exists.
    package init(folder: String) throws(TokenizerError) {
        let path = folder + "/tokenizer.json"
        let bytes: [UInt8]
        do throws(FileStoreError) { bytes = try FileStore().read(path) } catch { throw .unreadable(error) }
        let configuration = try TokenizerNode.read(folder + "/tokenizer_config.json")
        try self.init(bytes, file: path, configuration: configuration)
    }

    /// Reads a `tokenizer.json` without its configuration: no token has a role.
    package init(json bytes: [UInt8], file: String) throws(TokenizerError) {
        try self.init(bytes, file: file, configuration: nil)
    }

    private init(_ bytes: [UInt8], file: String, configuration: TokenizerNode?) throws(TokenizerError) {
        let components = try TokenizerFile(bytes, file: file)
        func role(_ name: String) throws(TokenizerError) -> SpecialTokens.Token? {
            guard let entry = configuration?[name] else { return nil }
            // transformers 4 writes an object with the token's flags, transformers 5 its text.
            let text = try (entry["content"] ?? entry).string()
            guard let id = components.tokens.id(of: text.utf8) else { throw .unknownToken(entry.place, token: text) }
            return .init(text: text, id: id)
        }
        let special = SpecialTokens(
            beginOfSequence: try role("bos_token"), endOfSequence: try role("eos_token"), padding: try role("pad_token"),
            unknown: try role("unk_token"))
        let postProcessor = try Self.postProcessor(of: components, configuration, special)
        var builder = FingerprintBuilder()
        bytes.withUnsafeBytes { builder.add($0) }
        builder.add(configuration?.value.text(.canonical) ?? "")
        self.init(
            parts: try TokenizerParts(components, postProcessor: postProcessor, place: file), specialTokens: special,
            fingerprint: builder.fingerprint)
    }

    /// `add_bos_token` and `add_eos_token` of the configuration overrule the file, as in transformers.
    private static func postProcessor(
        of components: TokenizerFile, _ configuration: TokenizerNode?, _ special: SpecialTokens
    ) throws(TokenizerError) -> PostProcessor {
        let addsBegin = try configuration?["add_bos_token"]?.flag()
        let addsEnd = try configuration?["add_eos_token"]?.flag()
        guard addsBegin != nil || addsEnd != nil else { return components.postProcessor }
        return PostProcessor(
            before: addsBegin == true ? special.beginOfSequence.map { [$0.id] } ?? [] : [],
            behind: addsEnd == true ? special.endOfSequence.map { [$0.id] } ?? [] : [])
    }
}
