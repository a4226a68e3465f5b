package import FileStore
package import JSONText

/// A learned byte-level vocabulary, ready to be written as the files that `tokenizers` and transformers load.
package struct BytePairVocabulary: Sendable, Hashable {
    package let specialTokens: [String]
    /// The bytes of each token; the special ones come behind them.
    package private(set) var pieces: [[UInt8]]
    /// Pairs of ids in the order they were learned.
    package private(set) var merges: [[Int32]] = []

    init(specialTokens: [String]) {
        self.specialTokens = specialTokens
        pieces = (0...255).map { [UInt8($0)] }
    }

    package var count: Int { specialTokens.count + pieces.count }

    mutating func merge(_ left: Int32, _ right: Int32) -> Int32 {
        let id = Int32(pieces.count)
        pieces.append(pieces[Int(left)] + pieces[Int(right)])
        merges.append([left, right])
        return id
    }

    /// What each special token is for; `tokenizer_config.json` says so.
    package struct Roles: Sendable, Hashable {
        package var beginOfSequence: String?
        package var endOfSequence: String?
        package var padding: String?
        package var unknown: String?

        package init(
            beginOfSequence: String? = nil, endOfSequence: String? = nil, padding: String? = nil, unknown: String? = nil
        ) {
            self.beginOfSequence = beginOfSequence
            self.endOfSequence = endOfSequence
            self.padding = padding
            self.unknown = unknown
        }
    }

    /// Writes `tokenizer.json`, `tokenizer_config.json` and `chat_template.jinja`.
    package func write(
        to folder: String, roles: Roles, maxLength: Int, chatTemplate: String, store: FileStore = FileStore()
    ) throws(FileStoreError) {
        try store.createFolder(folder)
        try store.write(tokenizerJSON.text(.pretty) + "\n", to: folder + "/tokenizer.json")
        try store.write(configuration(roles, maxLength: maxLength).text(.pretty) + "\n", to: folder + "/tokenizer_config.json")
        try store.write(chatTemplate, to: folder + "/chat_template.jinja")
    }

    package var tokenizerJSON: JSONValue {
        func byteLevel(usesRegex: Bool) -> JSONValue {
            ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .init(usesRegex)]
        }
        let spelled = pieces.map(ByteLevelAlphabet.token(for:))
        return [
            "version": "1.0",
            "truncation": nil,
            "padding": nil,
            "added_tokens": .array(
                specialTokens.enumerated().map { id, token in
                    [
                        "id": .init(pieces.count + id), "content": .init(token), "single_word": false, "lstrip": false,
                        "rstrip": false, "normalized": false, "special": true,
                    ]
                }),
            "normalizer": nil,
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    [
                        "type": "Split", "pattern": ["Regex": .init(BytePairTrainer.pattern)], "behavior": "Isolated",
                        "invert": false,
                    ],
                    byteLevel(usesRegex: false),
                ],
            ],
            "post_processor": nil,
            "decoder": byteLevel(usesRegex: true),
            "model": [
                "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
                "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": .object(
                    JSONObject(spelled.enumerated().map { ($0.element, JSONValue($0.offset)) })),
                "merges": .array(merges.map { .array($0.map { .string(spelled[Int($0)]) }) }),
            ],
        ]
    }

    private func configuration(_ roles: Roles, maxLength: Int) -> JSONValue {
        var members: [(String, JSONValue)] = []
        let named = [
            ("bos_token", roles.beginOfSequence), ("eos_token", roles.endOfSequence), ("pad_token", roles.padding),
            ("unk_token", roles.unknown),
        ]
        for (name, token) in named {
            if let token { members.append((name, .string(token))) }
        }
        members += [
            ("clean_up_tokenization_spaces", false), ("model_max_length", .init(maxLength)),
            // The name both transformers 4 and 5 know for "use tokenizer.json as it is".
            ("tokenizer_class", "PreTrainedTokenizerFast"),
        ]
        return .object(JSONObject(members))
    }
}
