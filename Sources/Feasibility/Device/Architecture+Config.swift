package import JSONText

/// Why the tensors of a model cannot be counted.
package enum ArchitectureError: Error, Sendable, Hashable {
    case missingKey(String, path: String)
    case notACount(key: String, value: String, path: String)
    /// More numbers than any machine holds: a typing error.
    case impossible(String, path: String)
    case unsupported(type: String, path: String, known: [String])
}

extension Architecture {
    /// Families whose blocks are the dense decoder of the formulas, and whether their feed-forward layer has a gate.
    static let denseFamilies: [String: Bool] = [
        "llama": true, "mistral": true, "qwen2": true, "qwen3": true, "gemma": true, "gemma2": true,
        "gemma3_text": true,
        "phi3": true, "smollm3": true, "olmo2": true, "olmo3": true, "granite": true, "falcon3": true, "glm4": true,
        "starcoder2": false, "phi": false, "gpt_neox": false, "stablelm": true, "seed_oss": true, "ministral": true,
        "internlm2": true, "cohere": true, "helium": true, "arcee": false, "gpt2": false, "opt": false,
    ]

    private static let mixtureFamilies: Set<String> = [
        "mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss", "deepseek_v2", "deepseek_v3", "llama4_text", "olmoe",
        "glm4_moe",
    ]
    private static let hybridFamilies: Set<String> = [
        "qwen3_5", "qwen3_5_text", "qwen3_next", "mamba", "mamba2", "jamba", "falcon_h1", "granitemoehybrid", "lfm2",
        "zamba2",
    ]

    /// Reads a `config.json` of any of these families; a multimodal file is read from its text part.
    package init(config json: JSONValue, path: String) throws(ArchitectureError) {
        let text = json["text_config"] ?? json
        let type = text["model_type"]?.stringValue ?? json["model_type"]?.stringValue ?? ""
        let isMixture = Architecture.mixtureFamilies.contains(type) || text["num_local_experts"]?.intValue ?? 0 > 1
        let isHybrid = Architecture.hybridFamilies.contains(type)
        guard Architecture.denseFamilies[type] != nil || isMixture || isHybrid else {
            throw .unsupported(
                type: type, path: path,
                known: Array(Architecture.denseFamilies.keys) + Array(Architecture.mixtureFamilies))
        }
        func optional(_ keys: [String]) throws(ArchitectureError) -> Int? {
            for key in keys {
                guard let value = text[key], !value.isNull else { continue }
                guard let count = value.intValue, count > 0 else {
                    throw .notACount(key: key, value: value.text(), path: path)
                }
                guard count <= 1 << 26 else { throw .impossible("\(key): \(count)", path: path) }
                return count
            }
            return nil
        }
        func required(_ keys: [String]) throws(ArchitectureError) -> Int {
            guard let count = try optional(keys) else { throw .missingKey(keys.first ?? "", path: path) }
            return count
        }
        let hidden = try required(["hidden_size", "n_embd"])
        let heads = try required(["num_attention_heads", "n_head"])
        let hasSixNorms = ["gemma2", "gemma3_text", "glm4"].contains(type)
        self.init(
            name: json["_name_or_path"]?.stringValue ?? path, kind: isHybrid ? .hybrid : isMixture ? .mixture : .dense,
            layers: try required(["num_hidden_layers", "n_layer"]), hidden: hidden,
            inner: try optional(["intermediate_size", "n_inner", "ffn_dim"]) ?? 4 * hidden, heads: heads,
            keyValueHeads: try optional(["num_key_value_heads"]) ?? heads,
            headSize: try optional(["head_dim"]) ?? max(1, hidden / heads), vocabulary: try required(["vocab_size"]),
            isTied: text["tie_word_embeddings"]?.boolValue ?? json["tie_word_embeddings"]?.boolValue
                ?? type.hasPrefix("gemma"),
            isGated: Architecture.denseFamilies[type] ?? true, hasQueryBias: type == "qwen2",
            hasCappedLogits: text["final_logit_softcapping"]?.doubleValue != nil, normsPerLayer: hasSixNorms ? 4 : 2,
            experts: try optional(["num_local_experts", "num_experts", "n_routed_experts"]),
            expertInner: try optional(["moe_intermediate_size", "intermediate_size"]),
            expertsPerToken: try optional(["num_experts_per_tok"]), origin: path)
        if isMixture, let experts, let expertInner {
            let attention = linears.prefix(4).reduce(0) { $0 + $1.parameters }
            let expert = 3 * width * Double(expertInner) * Double(experts) + width * Double(experts)
            publishedParameters = Double(layers) * (attention + expert) + self.heads(tied: isTied) + normParameters
        }
        guard parameters < 1e14 else { throw .impossible("\(parameters) parameters", path: path) }
    }
}
