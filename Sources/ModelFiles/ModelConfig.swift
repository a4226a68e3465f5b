package import FileStore
package import JSONText

/// A model's `config.json`, as transformers 4 and 5 write it.
package struct ModelConfig: Sendable, Hashable {
    package let path: String
    /// Of a model that reads images as well, the part about its language model.
    package let json: JSONValue
    /// The model reads images as well; hone computes its language model, and leaves the rest out.
    package let isTextPart: Bool
    package let shape: ModelShape
    package let bosID: Int?
    package let padID: Int?
    /// The linear layers were stored in NF4 by bitsandbytes.
    package let isQuantized: Bool
    /// A model may end its turn with one of several tokens.
    package let eosIDs: [Int]

    package init(path: String, store: FileStore = FileStore()) throws(ModelFileError) {
        try self.init(ModelConfig.json(at: path, store: store), path: path)
    }

    package init(_ whole: JSONValue, path: String) throws(ModelFileError) {
        let textPart = try Self.textPart(of: whole, path: path), json = textPart ?? whole
        isTextPart = textPart != nil
        let reader = ConfigReader(json: json, path: path)
        self.path = path
        self.json = json
        isQuantized = try reader.isNF4()
        shape = try ModelShape(reader)
        bosID = json["bos_token_id"]?.intValue
        padID = json["pad_token_id"]?.intValue
        eosIDs = ModelConfig.ids(json["eos_token_id"])
    }

    /// The config of the language model inside a Gemma 3 that reads images, with the defaults of transformers for what such
    /// configs leave out; nil for every other model.
    private static func textPart(of json: JSONValue, path: String) throws(ModelFileError) -> JSONValue? {
        guard json["model_type"] == "gemma3" else { return nil }
        guard let text = json["text_config"]?.objectValue else { throw .missingKey(path: path, key: "text_config") }
        var config: JSONObject = [
            "vocab_size": 262_208, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131_072,
        ]
        for key in ["bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings", "quantization_config"] {
            if let value = json[key] { config[key] = value }
        }
        for member in text { config[member.key] = member.value }
        config["model_type"] = "gemma3_text"
        config["architectures"] = ["Gemma3ForCausalLM"]
        return .object(config)
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

    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let flag = value.boolValue else { throw wrong(key, value, "true or false") }
        return flag
    }

    func numbers(_ key: String, in object: JSONValue) throws(ModelFileError) -> [Double] {
        guard let value = object[key] else { throw .missingKey(path: path, key: key) }
        let numbers = (value.arrayValue ?? []).compactMap(\.doubleValue)
        guard !numbers.isEmpty, numbers.count == value.arrayValue?.count, numbers.allSatisfy({ $0 > 0 }) else {
            throw wrong(key, value, "a list of positive numbers")
        }
        return numbers
    }

    /// Whether the weights were stored in NF4; throws for every other kind of quantisation.
    func isNF4() throws(ModelFileError) -> Bool {
        guard let settings = json["quantization_config"], !settings.isNull else { return false }
        guard settings["quant_method"] == "bitsandbytes", settings["load_in_4bit"] == true,
            settings["bnb_4bit_quant_type"] == "nf4"
        else {
            throw .unsupported(
                path: path, key: "quantization_config", found: settings.text(), supported: ["NF4 of bitsandbytes", "none"])
        }
        return true
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
