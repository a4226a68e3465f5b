/// The tokens that `tokenizer_config.json` gives a role, each with its text and id.
package struct SpecialTokens: Sendable, Hashable {
    package struct Token: Sendable, Hashable {
        package var text: String
        package var id: Int32

        package init(text: String, id: Int32) {
            self.text = text
            self.id = id
        }
    }

    package var beginOfSequence: Token?
    package var endOfSequence: Token?
    package var padding: Token?
    package var unknown: Token?

    package init(
        beginOfSequence: Token? = nil, endOfSequence: Token? = nil, padding: Token? = nil, unknown: Token? = nil
    ) {
        self.beginOfSequence = beginOfSequence
        self.endOfSequence = endOfSequence
        self.padding = padding
        self.unknown = unknown
    }

    /// As chat templates see them: `bos_token`, `eos_token`, `pad_token`, `unk_token`.
    package var textsByName: [String: String] {
        var texts: [String: String] = [:]
        texts["bos_token"] = beginOfSequence?.text
        texts["eos_token"] = endOfSequence?.text
        texts["pad_token"] = padding?.text
        texts["unk_token"] = unknown?.text
        return texts
    }
}
