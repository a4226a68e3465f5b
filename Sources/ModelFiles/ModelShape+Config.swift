internal import Foundation
internal import JSONText

extension ModelShape {
    /// Reads the shape from the `config.json` of one of the families, with the defaults of transformers, and refuses
    /// what the passes do not compute.
    init(_ config: ConfigReader) throws(ModelFileError) {
        guard config.json.objectValue != nil else { throw config.wrong("", config.json, "an object") }
        guard let type = config.json["model_type"] else { throw .missingKey(path: config.path, key: "model_type") }
        guard let family = type.stringValue.flatMap(ModelFamily.init(rawValue:)) else {
            throw .unsupported(
                path: config.path, key: "model_type", found: type.text(),
                supported: ModelFamily.allCases.map { "\"\($0.rawValue)\"" })
        }
        if family.isGemma {
            try config.require("hidden_activation", oneOf: ["gelu_pytorch_tanh"])
            try config.require("use_bidirectional_attention", oneOf: [false])
        } else {
            try config.require("hidden_act", oneOf: ["silu"])
        }
        let hiddenSize = try config.count("hidden_size"), heads = try config.count("num_attention_heads")
        let keyValueHeads = try config.optionalCount("num_key_value_heads") ?? (family.isGemma ? 4 : heads)
        let headSize = try config.optionalCount("head_dim") ?? family.defaultHeadSize ?? hiddenSize / heads
        guard heads % keyValueHeads == 0 else {
            throw .wrongValue(
                path: config.path, key: "num_key_value_heads", found: "\(keyValueHeads)",
                expected: "a divisor of \(heads)")
        }
        guard headSize > 0, headSize % 2 == 0 else {
            throw .wrongValue(path: config.path, key: "head_dim", found: "\(headSize)", expected: "an even number")
        }
        let layerCount = try config.count("num_hidden_layers")
        guard layerCount <= Self.mostLayers else {
            throw .wrongValue(
                path: config.path, key: "num_hidden_layers", found: "\(layerCount)",
                expected: "at most \(Self.mostLayers)")
        }
        let maxPositions = try config.optionalCount("max_position_embeddings") ?? 2048
        let rope = try RopeConfig(config, family, headSize: headSize, maxPositions: maxPositions)
        self.init(
            vocabularySize: try config.count("vocab_size"), hiddenSize: hiddenSize,
            intermediateSize: try config.count("intermediate_size"), layerCount: layerCount,
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: headSize,
            rmsNormEpsilon: Float(try config.optionalNumber("rms_norm_eps") ?? family.defaultEpsilon),
            ropeTheta: rope.all.theta, ropeScaling: rope.all.scaling, maxPositions: maxPositions,
            tiedEmbeddings: try config.flag("tie_word_embeddings") ?? (family.isGemma || family == .smollm3))
        self.family = family
        block = try BlockDesign(config, family)
        (rotarySize, windowedRotary) = (rope.rotated, rope.windowed)
        windows = try Self.windows(config, family, layers: layerCount)
        if family == .smollm3 { layersWithoutRotary = try Self.layersWithoutRotary(config, layers: layerCount) }
        if family.isGemma {
            attentionScale = Float(pow(try config.optionalNumber("query_pre_attn_scalar") ?? 256, -0.5))
            attentionSoftcap = try Self.softcap("attn_logit_softcapping", config, family == .gemma2 ? 50 : 0)
            headSoftcap = try Self.softcap("final_logit_softcapping", config, family == .gemma2 ? 30 : 0)
            embeddingScale = Float(Double(hiddenSize).squareRoot())
            // transformers hands the cap to the attention of Gemma 2 only.
            if family == .gemma3 { attentionSoftcap = 0 }
        }
    }

    /// Far beyond every model; a damaged config must not be taken at its word.
    private static let mostLayers = 10_000

    /// A missing key means the family's cap, null means none.
    private static func softcap(
        _ key: String, _ config: ConfigReader, _ fallback: Float
    ) throws(ModelFileError) -> Float {
        guard let value = config.json[key] else { return fallback }
        return value.isNull ? 0 : Float(try config.optionalNumber(key) ?? 0)
    }

    /// By layer, 0 where it sees everything; empty when all do.
    private static func windows(
        _ config: ConfigReader, _ family: ModelFamily, layers: Int
    ) throws(ModelFileError) -> [Int] {
        let isUsed: Bool
        switch family {
        case .llama, .olmo2: isUsed = false
        case .mistral, .phi3, .gemma2, .gemma3: isUsed = true
        case .qwen2, .qwen3, .smollm3: isUsed = try config.flag("use_sliding_window") ?? false
        }
        // Where the key is missing, Mistral and Gemma have a window nevertheless; null means none.
        let fallback = family == .mistral || family.isGemma ? 4096 : nil
        let stated = try config.optionalCount("sliding_window")
        guard isUsed, let window = config.json["sliding_window"] == nil ? fallback : stated else { return [] }
        let kinds = try layerKinds(config, layers: layers)
        func isWindowed(_ layer: Int) throws(ModelFileError) -> Bool {
            if let kinds { return kinds[layer] }
            switch family {
            case .gemma2: return layer % 2 == 0
            case .gemma3: return (layer + 1) % (try config.optionalCount("sliding_window_pattern") ?? 6) != 0
            case .qwen2, .qwen3: return layer >= (try config.optionalCount("max_window_layers") ?? 28)
            case .smollm3: return try layersWithoutRotary(config, layers: layers).contains(layer)
            case .llama, .olmo2, .mistral, .phi3: return true
            }
        }
        var windows: [Int] = []
        for layer in 0..<layers { windows.append(try isWindowed(layer) ? window : 0) }
        return windows.contains { $0 > 0 } ? windows : []
    }

    /// Whether a layer has a window, by `layer_types`; nil without that key.
    private static func layerKinds(_ config: ConfigReader, layers: Int) throws(ModelFileError) -> [Bool]? {
        guard let value = config.json["layer_types"], !value.isNull else { return nil }
        let kinds = (value.arrayValue ?? []).map(\.stringValue)
        if let stranger = kinds.first(where: { $0 != "sliding_attention" && $0 != "full_attention" }) {
            throw .unsupported(
                path: config.path, key: "layer_types", found: stranger ?? value.text(),
                supported: ["sliding_attention", "full_attention"])
        }
        guard kinds.count >= layers else { throw config.wrong("layer_types", value, "one kind for each of \(layers) layers") }
        return kinds.map { $0 == "sliding_attention" }
    }

    private static func layersWithoutRotary(_ config: ConfigReader, layers: Int) throws(ModelFileError) -> Set<Int> {
        if let value = config.json["no_rope_layers"], !value.isNull {
            let marks = (value.arrayValue ?? []).map(\.intValue)
            guard marks.count >= layers, marks.allSatisfy({ $0 == 0 || $0 == 1 }) else {
                throw config.wrong("no_rope_layers", value, "a 0 or 1 for each of \(layers) layers")
            }
            return Set((0..<layers).filter { marks[$0] == 0 })
        }
        let interval = try config.optionalCount("no_rope_layer_interval") ?? 4
        return Set((0..<layers).filter { ($0 + 1) % interval == 0 })
    }
}

extension ModelFamily {
    fileprivate var defaultHeadSize: Int? {
        switch self {
        case .qwen3: 128
        case .gemma2, .gemma3: 256
        case .llama, .mistral, .qwen2, .smollm3, .phi3, .olmo2: nil
        }
    }

    fileprivate var defaultEpsilon: Double { self == .phi3 || self == .olmo2 ? 1e-5 : 1e-6 }
}

extension BlockDesign {
    fileprivate init(_ config: ConfigReader, _ family: ModelFamily) throws(ModelFileError) {
        self.init()
        let hasBias = try config.flag("attention_bias") ?? false
        switch family {
        case .llama, .smollm3:
            (queryKeyValueBias, outputBias) = (hasBias, hasBias)
            mlpBias = try config.flag("mlp_bias") ?? false
        case .mistral: break
        case .qwen2: queryKeyValueBias = true
        case .qwen3:
            (queryKeyValueBias, outputBias) = (hasBias, hasBias)
            queryKeyNorm = .perHead
        case .phi3: fusesProjections = true
        case .olmo2:
            (queryKeyValueBias, outputBias) = (hasBias, hasBias)
            (norms, queryKeyNorm) = (.after, .wholeRow)
        case .gemma2, .gemma3:
            (queryKeyValueBias, outputBias) = (hasBias, hasBias)
            (norms, addsOneToNorms, activation) = (.beforeAndAfter, true, .geluTanh)
            if family == .gemma3 { queryKeyNorm = .perHead }
        }
    }
}

/// `rope_parameters` of transformers 5, one set or one for each kind of layer, or `rope_theta` beside `rope_scaling` as
/// before.
private struct RopeConfig {
    let all: RotaryEmbedding
    let windowed: RotaryEmbedding?
    /// Dimensions of a head that turn.
    let rotated: Int

    init(_ config: ConfigReader, _ family: ModelFamily, headSize: Int, maxPositions: Int) throws(ModelFileError) {
        func part(_ key: String, of json: JSONValue?) -> JSONValue? { json?[key].flatMap { $0.isNull ? nil : $0 } }
        let present = part("rope_parameters", of: config.json), former = part("rope_scaling", of: config.json)
        let theta: Double =
            switch family {
            case .smollm3: 2_000_000
            case .gemma3: 1_000_000
            default: 10000
            }
        let full = part("full_attention", of: present) ?? (present?["sliding_attention"] == nil ? present : nil)
        let inner = try config.optionalNumber("rope_theta", in: full ?? .object([:])),
            stated = try config.optionalNumber("rope_theta")
        let source = RopeSource(config: config, family: family, maxPositions: maxPositions)
        all = RotaryEmbedding(
            theta: inner ?? stated ?? theta, scaling: try source.scaling(full ?? former))
        if family == .gemma3 {
            let local = part("sliding_attention", of: present)
            let inside = try config.optionalNumber("rope_theta", in: local ?? .object([:])),
                beside = try config.optionalNumber("rope_local_base_freq")
            windowed = RotaryEmbedding(theta: inside ?? beside ?? 10000, scaling: try source.scaling(local))
        } else {
            windowed = nil
        }
        let inside = try config.optionalNumber("partial_rotary_factor", in: full ?? .object([:])),
            beside = try config.optionalNumber("partial_rotary_factor")
        let share = inside ?? beside ?? 1
        rotated = Int(Double(headSize) * share)
        guard rotated > 0, rotated <= headSize, rotated % 2 == 0 else {
            throw .wrongValue(
                path: config.path, key: "partial_rotary_factor", found: "\(share)",
                expected: "a share of the \(headSize) dimensions of a head that is an even number")
        }
        if case .longrope(let short, let long, _, _) = all.scaling, min(short.count, long.count) < rotated / 2 {
            throw .wrongValue(
                path: config.path, key: "short_factor", found: "\(short.count) and \(long.count) factors",
                expected: "\(rotated / 2) of each")
        }
    }
}

private struct RopeSource {
    let config: ConfigReader
    let family: ModelFamily
    let maxPositions: Int

    func scaling(_ json: JSONValue?) throws(ModelFileError) -> RopeScaling {
        guard let json else { return .none }
        var type = (json["rope_type"] ?? json["type"])?.stringValue ?? "default"
        if family == .phi3, type == "su" || type == "yarn" { type = "longrope" }
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: try config.number("factor", in: json))
        case "dynamic": return .dynamic(factor: try config.number("factor", in: json))
        case "llama3":
            return .llama3(
                factor: try config.number("factor", in: json),
                lowFrequencyFactor: try config.number("low_freq_factor", in: json),
                highFrequencyFactor: try config.number("high_freq_factor", in: json),
                originalPositions: try originalPositions(json))
        case "yarn": return try yarn(json)
        case "longrope":
            let positions = try originalPositions(json)
            let factor = try config.optionalNumber("factor", in: json) ?? Double(maxPositions) / Double(positions)
            let attention = factor <= 1 ? 1 : (1 + log(factor) / log(Double(positions))).squareRoot()
            return .longrope(
                short: try config.numbers("short_factor", in: json), long: try config.numbers("long_factor", in: json),
                originalPositions: positions,
                attentionFactor: try config.optionalNumber("attention_factor", in: json) ?? attention)
        default:
            throw .unsupported(
                path: config.path, key: "rope_type", found: type,
                supported: ["default", "linear", "dynamic", "llama3", "yarn", "longrope"])
        }
    }

    private func yarn(_ json: JSONValue) throws(ModelFileError) -> RopeScaling {
        let positions = try originalPositions(json)
        let factor = try config.optionalNumber("factor", in: json) ?? Double(maxPositions) / Double(positions)
        func loudness(_ share: Double) -> Double { factor <= 1 ? 1 : 0.1 * share * log(factor) + 1 }
        var attention = loudness(1)
        if let own = try config.optionalNumber("mscale", in: json),
            let all = try config.optionalNumber("mscale_all_dim", in: json)
        {
            attention = loudness(own) / loudness(all)
        }
        return .yarn(
            factor: factor, originalPositions: positions,
            fastTurns: try config.optionalNumber("beta_fast", in: json) ?? 32,
            slowTurns: try config.optionalNumber("beta_slow", in: json) ?? 1,
            attentionFactor: try config.optionalNumber("attention_factor", in: json) ?? attention,
            truncates: json["truncate"]?.boolValue ?? true)
    }

    /// Phi-3 writes them beside the rope parameters, and there they win; without them the model was never stretched.
    private func originalPositions(_ json: JSONValue) throws(ModelFileError) -> Int {
        let key = "original_max_position_embeddings"
        if family == .phi3 { return try config.optionalCount(key) ?? 4096 }
        guard let inside = try config.optionalNumber(key, in: json) else { return maxPositions }
        return Int(inside)
    }
}
