internal import JSONText
internal import Plan

extension LoRASettings {
    /// Reads `adapter_config.json`, and refuses the variants of LoRA that hone does not compute.
    init(_ json: JSONValue, path: String, shape: ModelShape) throws(ModelFileError) {
        let config = ConfigReader(json: json, path: path)
        try config.require("peft_type", oneOf: ["LORA"])
        for key in ["use_dora", "use_qalora", "use_bdlora", "fan_in_fan_out", "lora_bias"] {
            try config.require(key, oneOf: [false])
        }
        try config.require("bias", oneOf: ["none"])
        for key in ["rank_pattern", "alpha_pattern"] { try config.require(key, oneOf: [.object([:])]) }
        for key in [
            "modules_to_save", "trainable_token_indices", "layers_to_transform", "layer_replication",
            "target_parameters",
        ] {
            try config.require(key, oneOf: [.array([])])
        }
        let rank = try config.count("r")
        self.init(
            rank: rank, alpha: try config.optionalNumber("lora_alpha") ?? Double(rank),
            dropout: json["lora_dropout"]?.doubleValue ?? 0,
            targetModules: try Self.targetModules(json["target_modules"], config, shape),
            useRSLoRA: json["use_rslora"]?.boolValue ?? false)
    }

    /// A list of names, with or without the path before them, or the word that means every linear layer of a block.
    private static func targetModules(
        _ json: JSONValue?, _ config: ConfigReader, _ shape: ModelShape
    ) throws(ModelFileError) -> [String] {
        guard let json, !json.isNull else { throw .missingKey(path: config.path, key: "target_modules") }
        let known = shape.linears.map(\.module)
        if json == "all-linear" { return known }
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

    /// The keys every PEFT since 0.7 knows: older readers stop at keys they do not know.
    func peftConfig(baseModel: String) -> JSONValue {
        let members: [(String, JSONValue)] = [
            ("alpha_pattern", .object([:])),
            ("base_model_name_or_path", JSONValue(baseModel)),
            ("bias", "none"),
            ("fan_in_fan_out", false),
            ("inference_mode", true),
            ("init_lora_weights", true),
            ("lora_alpha", alpha == alpha.rounded() ? JSONValue(Int(alpha)) : JSONValue(alpha)),
            ("lora_dropout", JSONValue(dropout)),
            ("modules_to_save", nil),
            ("peft_type", "LORA"),
            ("r", JSONValue(rank)),
            ("rank_pattern", .object([:])),
            ("target_modules", .array(targetModules.sorted().map { JSONValue($0) })),
            ("task_type", "CAUSAL_LM"),
            ("use_dora", false),
            ("use_rslora", JSONValue(useRSLoRA)),
        ]
        return .object(JSONObject(members))
    }
}
