internal import JSONText
internal import Plan

extension LoRASettings {
    /// Reads `adapter_config.json`, and refuses the variants of LoRA that hone does not compute.
    init(_ json: JSONValue, path: String, shape: ModelShape) throws(ModelFileError) {
        let config = ConfigReader(json: json, path: path)
        try config.require("peft_type", oneOf: ["LORA"])
        for key in ["use_qalora", "use_bdlora", "fan_in_fan_out", "lora_bias"] {
            try config.require(key, oneOf: [false])
        }
        try config.require("bias", oneOf: ["none"])
        for key in ["trainable_token_indices", "layers_to_transform", "layer_replication", "target_parameters"] {
            try config.require(key, oneOf: [.array([])])
        }
        let rank = try config.count("r")
        self.init(
            rank: rank, alpha: try config.optionalNumber("lora_alpha") ?? Double(rank),
            dropout: json["lora_dropout"]?.doubleValue ?? 0,
            targetModules: try Self.targetModules(json["target_modules"], config, shape),
            useRSLoRA: json["use_rslora"]?.boolValue ?? false)
        useDoRA = try config.flag("use_dora") ?? false
        for member in json["rank_pattern"]?.objectValue?.members ?? [] {
            guard let rank = member.value.intValue, rank > 0 else {
                throw config.wrong("rank_pattern", member.value, "a positive whole number for each pattern")
            }
            rankPattern[member.key] = rank
        }
        for member in json["alpha_pattern"]?.objectValue?.members ?? [] {
            guard let alpha = member.value.doubleValue, alpha > 0 else {
                throw config.wrong("alpha_pattern", member.value, "a positive number for each pattern")
            }
            alphaPattern[member.key] = alpha
        }
        modulesToSave = (json["modules_to_save"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !modulesToSave.isEmpty, shape.tiedEmbeddings,
            let tied = modulesToSave.first(where: { "embed_tokens".hasSuffix($0) || "lm_head".hasSuffix($0) })
        {
            throw .unsupported(
                path: path, key: "modules_to_save", found: "\(tied) of a model with tied embeddings",
                supported: ["other modules", "untied embeddings"])
        }
    }

    /// A list of names, with or without the path before them, or the word that means every linear layer of a block.
    private static func targetModules(
        _ json: JSONValue?, _ config: ConfigReader, _ shape: ModelShape
    ) throws(ModelFileError) -> [String] {
        guard let json, !json.isNull else { throw .missingKey(path: config.path, key: "target_modules") }
        let known = shape.linears.map(\.module)
        if json == "all-linear" { return known }
        if let pattern = json.stringValue { return try modules(matching: pattern, config, shape) }
        guard let names = json.arrayValue?.compactMap(\.stringValue), !names.isEmpty else {
            throw .unsupported(
                path: config.path, key: "target_modules", found: json.text(), supported: ["a list of layer names"])
        }
        let modules = Set(names.map { $0.split(separator: ".").last.map(String.init) ?? $0 })
        if let stranger = modules.subtracting(known).min() {
            throw .unsupported(path: config.path, key: "target_modules", found: stranger, supported: known)
        }
        return known.filter(modules.contains)
    }

    /// A text is a regular expression for whole paths; it must mean the same layers in every block.
    private static func modules(
        matching pattern: String, _ config: ConfigReader, _ shape: ModelShape
    ) throws(ModelFileError) -> [String] {
        let refusal = ModelFileError.unsupported(
            path: config.path, key: "target_modules", found: pattern, supported: ["the same layers in every block"])
        guard let expression = try? Regex(pattern) else { throw refusal }
        let byBlock = Set(
            (0..<shape.layerCount).map { layer in
                shape.linears.filter { (try? expression.wholeMatch(in: "model.layers.\(layer).\($0.path)")) != nil }
                    .map(\.module)
            })
        guard byBlock.count == 1, let modules = byBlock.first, !modules.isEmpty else { throw refusal }
        return modules
    }

    /// The keys every PEFT since 0.7 knows: older readers stop at keys they do not know. rsLoRA came with 0.8 and DoRA with
    /// 0.9; their keys are written where they are used.
    func peftConfig(baseModel: String) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("alpha_pattern", .object(JSONObject(alphaPattern.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }))),
            ("base_model_name_or_path", JSONValue(baseModel)),
            ("bias", "none"),
            ("fan_in_fan_out", false),
            ("inference_mode", true),
            ("init_lora_weights", true),
            ("lora_alpha", alpha == alpha.rounded() ? JSONValue(Int(alpha)) : JSONValue(alpha)),
            ("lora_dropout", JSONValue(dropout)),
            ("modules_to_save", modulesToSave.isEmpty ? nil : .array(modulesToSave.map { JSONValue($0) })),
            ("peft_type", "LORA"),
            ("r", JSONValue(rank)),
            ("rank_pattern", .object(JSONObject(rankPattern.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }))),
            ("target_modules", .array(targetModules.sorted().map { JSONValue($0) })),
            ("task_type", "CAUSAL_LM"),
        ]
        if useDoRA { members.append(("use_dora", true)) }
        if useRSLoRA { members.append(("use_rslora", true)) }
        return .object(JSONObject(members))
    }
}
