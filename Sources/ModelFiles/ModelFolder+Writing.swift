package import FileStore
internal import JSONText
internal import Plan

extension ModelFolder {
    /// Special tokens a written model declares.
    package struct TokenIDs: Sendable, Hashable {
        package var bos: Int?
        package var eos: [Int]
        package var pad: Int?

        package init(bos: Int?, eos: [Int], pad: Int?) {
            self.bos = bos
            self.eos = eos
            self.pad = pad
        }
    }

    /// Writes a folder that transformers loads: config, generation config and all weights in one file.
    ///
    /// - Parameters:
    ///   - base: A config with the same shape, which is kept but for the number format. Without one, the config of a
    ///     Llama is written.
    ///   - source: A folder whose tokenizer files (everything but configs and weights) are copied along.
    package static func write(
        to path: String, shape: ModelShape, tokens: TokenIDs, weights: [OutgoingTensor],
        config base: ModelConfig? = nil,
        copying source: String? = nil, store: FileStore = FileStore()
    ) throws(ModelFileError) {
        let stored = weights.first?.elementType ?? .float32
        let config = base.map { Self.config($0, stored) } ?? Self.config(shape, tokens, stored)
        do throws(FileStoreError) {
            try store.createFolder(path)
            if let source { try copyTokenizer(from: source, to: path, store) }
            try store.write(config.text(.pretty) + "\n", to: path + "/config.json")
            let generation = "/generation_config.json"
            if let source, base != nil, store.isFile(source + generation) {
                try store.copyFile(source + generation, to: path + generation)
            } else {
                try store.write(Self.generation(tokens).text(.pretty) + "\n", to: path + generation)
            }
        } catch {
            throw .file(error)
        }
        try SafetensorsWriter(store: store).write(weights, to: path + "/" + weightsName)
    }

    /// Copies the files a tokenizer is made of, those that exist.
    package static func copyTokenizer(from source: String, to path: String, _ store: FileStore) throws(FileStoreError) {
        for name in tokenizerFiles where store.isFile(source + "/" + name) {
            try store.copyFile(source + "/" + name, to: path + "/" + name)
        }
    }

    /// What a tokenizer may be made of.
    package static let tokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "tokenizer.model", "vocab.json", "merges.txt",
    ]

    /// The config as it was, with the number format of the weights now written, in both spellings.
    private static func config(_ base: ModelConfig, _ stored: ElementType) -> JSONValue {
        guard var config = base.json.objectValue else { return base.json }
        config["quantization_config"] = nil
        config["dtype"] = JSONValue(stored.torchName)
        config["torch_dtype"] = JSONValue(stored.torchName)
        return .object(config)
    }

    private static func config(_ shape: ModelShape, _ tokens: TokenIDs, _ stored: ElementType) -> JSONValue {
        let members: [(String, JSONValue)] = [
            ("architectures", ["LlamaForCausalLM"]),
            ("attention_bias", false),
            ("attention_dropout", 0.0),
            ("bos_token_id", JSONValue(tokens.bos) { JSONValue($0) }),
            // Both generations of transformers read these: `dtype` and `torch_dtype`, `rope_parameters` and `rope_theta`.
            ("dtype", JSONValue(stored.torchName)),
            ("eos_token_id", ids(tokens.eos)),
            ("head_dim", JSONValue(shape.headSize)),
            ("hidden_act", "silu"),
            ("hidden_size", JSONValue(shape.hiddenSize)),
            ("initializer_range", 0.02),
            ("intermediate_size", JSONValue(shape.intermediateSize)),
            ("max_position_embeddings", JSONValue(shape.maxPositions)),
            ("mlp_bias", false),
            ("model_type", "llama"),
            ("num_attention_heads", JSONValue(shape.attentionHeadCount)),
            ("num_hidden_layers", JSONValue(shape.layerCount)),
            ("num_key_value_heads", JSONValue(shape.keyValueHeadCount)),
            ("pad_token_id", JSONValue(tokens.pad) { JSONValue($0) }),
            ("pretraining_tp", 1),
            ("rms_norm_eps", JSONValue(Double("\(shape.rmsNormEpsilon)") ?? Double(shape.rmsNormEpsilon))),
            ("rope_parameters", rope(shape, withTheta: true)),
        ]
        var config = JSONObject(members)
        config["rope_scaling"] = shape.ropeScaling == .none ? nil : rope(shape, withTheta: false)
        config["rope_theta"] = JSONValue(shape.ropeTheta)
        config["tie_word_embeddings"] = JSONValue(shape.tiedEmbeddings)
        config["torch_dtype"] = JSONValue(stored.torchName)
        config["use_cache"] = true
        config["vocab_size"] = JSONValue(shape.vocabularySize)
        return .object(config)
    }

    private static func rope(_ shape: ModelShape, withTheta: Bool) -> JSONValue {
        var rope = JSONObject()
        if withTheta { rope["rope_theta"] = JSONValue(shape.ropeTheta) }
        for (key, value) in shape.ropeScaling.members { rope[key] = value }
        return .object(rope)
    }

    private static func generation(_ tokens: TokenIDs) -> JSONValue {
        var generation = JSONObject()
        generation["bos_token_id"] = tokens.bos.map { JSONValue($0) }
        generation["do_sample"] = false
        generation["eos_token_id"] = ids(tokens.eos)
        generation["pad_token_id"] = tokens.pad.map { JSONValue($0) }
        return .object(generation)
    }

    private static func ids(_ ids: [Int]) -> JSONValue {
        ids.count == 1 ? JSONValue(ids[0]) : ids.isEmpty ? nil : .array(ids.map { JSONValue($0) })
    }
}

extension RopeScaling {
    /// As transformers spells it in `rope_parameters`.
    fileprivate var members: [(String, JSONValue)] {
        switch self {
        case .none: [("rope_type", "default")]
        case .linear(let factor): [("rope_type", "linear"), ("factor", JSONValue(factor))]
        case .dynamic(let factor): [("rope_type", "dynamic"), ("factor", JSONValue(factor))]
        case .llama3(let factor, let low, let high, let positions):
            [
                ("rope_type", "llama3"), ("factor", JSONValue(factor)), ("low_freq_factor", JSONValue(low)),
                ("high_freq_factor", JSONValue(high)), ("original_max_position_embeddings", JSONValue(positions)),
            ]
        case .yarn(let factor, let positions, let fast, let slow, let attention, let truncates):
            [
                ("rope_type", "yarn"), ("factor", JSONValue(factor)), ("beta_fast", JSONValue(fast)),
                ("beta_slow", JSONValue(slow)), ("attention_factor", JSONValue(attention)),
                ("original_max_position_embeddings", JSONValue(positions)), ("truncate", JSONValue(truncates)),
            ]
        case .longrope(let short, let long, let positions, let attention):
            [
                ("rope_type", "longrope"), ("short_factor", .array(short.map { JSONValue($0) })),
                ("long_factor", .array(long.map { JSONValue($0) })), ("attention_factor", JSONValue(attention)),
                ("original_max_position_embeddings", JSONValue(positions)),
            ]
        }
    }
}
