package import FileStore
package import JSONText

/// A model's `config.json`, as transformers 4 and 5 write it.
package struct ModelConfig: Sendable, Hashable {
    package let path: String
    package let json: JSONValue
    package let shape: ModelShape
    package let bosID: Int?
    package let padID: Int?
    /// A model may end its turn with one of several tokens.
    package let eosIDs: [Int]

    package init(path: String, store: FileStore = FileStore()) throws(ModelFileError) {
        try self.init(ModelConfig.json(at: path, store: store), path: path)
    }

    package init(_ json: JSONValue, path: String) throws(ModelFileError) {
        let reader = ConfigReader(json: json, path: path)
        self.path = path
        self.json = json
        shape = try ModelShape(reader)
        bosID = json["bos_token_id"]?.intValue
        padID = json["pad_token_id"]?.intValue
        eosIDs = ModelConfig.ids(json["eos_token_id"])
    }

    static func json(at path: String, store: FileStore) throws(ModelFileError) -> JSONValue {
        let bytes: [UInt8]
        do { bytes = try store.read(path) } catch { throw .file(error) }
        do { return try JSONValue.parse(utf8: bytes) } catch { throw .notJSON(path: path, error) }
    }

    /// One id, or a list of them.
    static func ids(_ json: JSONValue?) -> [Int] {
        json?.arrayValue?.compactMap(\.intValue) ?? json?.intValue.map { [$0] } ?? []
    }
}

/// Typed reads of `config.json` that name the file and the key when something is wrong.
struct ConfigReader {
    let json: JSONValue
    let path: String

    func count(_ key: String) throws(ModelFileError) -> Int {
        guard let count = try optionalCount(key) else { throw .missingKey(path: path, key: key) }
        return count
    }

    func optionalCount(_ key: String) throws(ModelFileError) -> Int? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let count = value.intValue, count > 0 else { throw wrong(key, value, "a positive whole number") }
        return count
    }

    func optionalNumber(_ key: String, in object: JSONValue? = nil) throws(ModelFileError) -> Double? {
        guard let value = (object ?? json)[key], !value.isNull else { return nil }
        guard let number = value.doubleValue, number > 0 else { throw wrong(key, value, "a positive number") }
        return number
    }

    func number(_ key: String, in object: JSONValue) throws(ModelFileError) -> Double {
        guard let number = try optionalNumber(key, in: object) else { throw .missingKey(path: path, key: key) }
        return number
    }

    /// Throws unless the key is missing or holds one of `supported`.
    func require(_ key: String, oneOf supported: [JSONValue]) throws(ModelFileError) {
        guard let value = json[key], !value.isNull, !supported.contains(value) else { return }
        throw .unsupported(path: path, key: key, found: value.text(), supported: supported.map { $0.text() })
    }

    func wrong(_ key: String, _ value: JSONValue, _ expected: String) -> ModelFileError {
        .wrongValue(path: path, key: key, found: value.text(), expected: expected)
    }
}

extension ModelShape {
    /// Reads the shape, and refuses what the Llama passes do not compute: another architecture, biases, other activations.
    init(_ config: ConfigReader) throws(ModelFileError) {
        guard config.json.objectValue != nil else { throw config.wrong("", config.json, "an object") }
        guard config.json["model_type"] != nil else { throw .missingKey(path: config.path, key: "model_type") }
        try config.require("model_type", oneOf: ["llama"])
        try config.require("hidden_act", oneOf: ["silu"])
        try config.require("attention_bias", oneOf: [false])
        try config.require("mlp_bias", oneOf: [false])
        try config.require("quantization_config", oneOf: [])
        let hiddenSize = try config.count("hidden_size"), heads = try config.count("num_attention_heads")
        let keyValueHeads = try config.optionalCount("num_key_value_heads") ?? heads
        let headSize = try config.optionalCount("head_dim") ?? hiddenSize / heads
        guard heads % keyValueHeads == 0 else {
            throw .wrongValue(
                path: config.path, key: "num_key_value_heads", found: "\(keyValueHeads)",
                expected: "a divisor of \(heads)")
        }
        guard headSize > 0, headSize % 2 == 0 else {
            throw .wrongValue(path: config.path, key: "head_dim", found: "\(headSize)", expected: "an even number")
        }
        let rope = try Rope(config)
        self.init(
            vocabularySize: try config.count("vocab_size"), hiddenSize: hiddenSize,
            intermediateSize: try config.count("intermediate_size"), layerCount: try config.count("num_hidden_layers"),
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: headSize,
            rmsNormEpsilon: Float(try config.optionalNumber("rms_norm_eps") ?? 1e-6), ropeTheta: rope.theta,
            ropeScaling: rope.scaling, maxPositions: try config.optionalCount("max_position_embeddings") ?? 2048,
            tiedEmbeddings: config.json["tie_word_embeddings"]?.boolValue ?? false)
    }

    /// `rope_parameters` of transformers 5, or `rope_theta` beside `rope_scaling` as before.
    private struct Rope {
        let theta: Double
        let scaling: RopeScaling

        init(_ config: ConfigReader) throws(ModelFileError) {
            let present = config.json["rope_parameters"].flatMap { $0.isNull ? nil : $0 }
            let former = config.json["rope_scaling"].flatMap { $0.isNull ? nil : $0 }
            let inside = try config.optionalNumber("rope_theta", in: present),
                beside = try config.optionalNumber("rope_theta")
            theta = inside ?? beside ?? 10000
            guard let json = present ?? former else {
                scaling = .none
                return
            }
            switch (json["rope_type"] ?? json["type"])?.stringValue ?? "default" {
            case "default": scaling = .none
            case "linear": scaling = .linear(factor: try config.number("factor", in: json))
            case "llama3":
                scaling = .llama3(
                    factor: try config.number("factor", in: json),
                    lowFrequencyFactor: try config.number("low_freq_factor", in: json),
                    highFrequencyFactor: try config.number("high_freq_factor", in: json),
                    originalPositions: Int(try config.number("original_max_position_embeddings", in: json)))
            case let other:
                throw .unsupported(
                    path: config.path, key: "rope_type", found: other, supported: ["default", "linear", "llama3"])
            }
        }
    }
}
