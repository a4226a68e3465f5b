internal import Foundation

extension ModelShape {
    /// What a GGUF file says about the shape, without the architecture's name in front of the keys.
    ///
    /// - Throws: `ModelFileError.notInGGUF` for what the format, or every program that reads it, cannot express.
    func ggufMetadata(path: String) throws(ModelFileError) -> [(String, GGUFValue)] {
        try requireExpressible(path: path)
        func number(_ count: Int) -> GGUFValue { .uint32(UInt32(clamping: count)) }
        var entries: [(String, GGUFValue)] = [
            ("context_length", number(maxPositions)), ("embedding_length", number(hiddenSize)),
            ("block_count", number(layerCount)), ("feed_forward_length", number(intermediateSize)),
            ("vocab_size", number(vocabularySize)), ("attention.head_count", number(attentionHeadCount)),
            ("attention.head_count_kv", number(keyValueHeadCount)),
            ("attention.layer_norm_rms_epsilon", .float32(rmsNormEpsilon)), ("attention.key_length", number(headSize)),
            ("attention.value_length", number(headSize)), ("rope.dimension_count", number(rotarySize)),
            ("rope.freq_base", .float32(Float(ropeTheta))),
        ]
        switch ropeScaling {
        case .linear(let factor):
            entries += [("rope.scaling.type", .text("linear")), ("rope.scaling.factor", .float32(Float(factor)))]
        case .yarn(let factor, let positions, let fast, let slow, _, _):
            entries += [
                ("rope.scaling.type", .text("yarn")), ("rope.scaling.factor", .float32(Float(factor))),
                ("rope.scaling.original_context_length", number(positions)),
                ("rope.scaling.yarn_beta_fast", .float32(Float(fast))),
                ("rope.scaling.yarn_beta_slow", .float32(Float(slow))),
            ]
        case .longrope(_, _, let positions, let attention):
            entries += [
                ("rope.scaling.type", .text("longrope")), ("rope.scaling.original_context_length", number(positions)),
                ("rope.scaling.attn_factor", .float32(Float(attention))),
            ]
        // A stretch beyond the model's positions is nothing within them; Llama 3's is in a tensor.
        case .none, .dynamic, .llama3: break
        }
        if family == .phi3, !entries.contains(where: { $0.0 == "rope.scaling.original_context_length" }) {
            entries.append(("rope.scaling.original_context_length", number(maxPositions)))
        }
        if let windowedRotary { entries.append(("rope.freq_base_swa", .float32(Float(windowedRotary.theta)))) }
        if let window = windows.first(where: { $0 > 0 }) {
            entries.append(("attention.sliding_window", number(window)))
            let isWindowed = (0..<layerCount).map { self.window(layer: $0) > 0 }
            if isWindowed != Self.usualWindows(family, layers: layerCount) {
                entries.append(("attention.sliding_window_pattern", .bools(isWindowed)))
            }
        } else if family == .phi3 {
            // Zero says that there is none; a missing key would mean a window of 2047 to readers of Phi-3.
            entries.append(("attention.sliding_window", number(0)))
        }
        if attentionSoftcap > 0 { entries.append(("attn_logit_softcapping", .float32(attentionSoftcap))) }
        if headSoftcap > 0 { entries.append(("final_logit_softcapping", .float32(headSoftcap))) }
        return entries
    }

    /// Tensors that hold settings: divisors of rotary frequencies.
    var ggufRotaryTensors: [(name: String, values: [Float])] {
        switch ropeScaling {
        case .llama3:
            let plain = RotaryEmbedding(theta: ropeTheta).frequencies(rotated: rotarySize)
            return [("rope_freqs.weight", zip(plain, rotaryFrequencies).map { $0 / $1 })]
        case .longrope(let short, let long, _, _):
            return [
                ("rope_factors_long.weight", long.prefix(rotarySize / 2).map { Float($0) }),
                ("rope_factors_short.weight", short.prefix(rotarySize / 2).map { Float($0) }),
            ]
        case .none, .linear, .dynamic, .yarn: return []
        }
    }

    /// What readers of the format do otherwise than hone, where that shows only in long rows.
    package var ggufCaveats: [GGUFCaveat] {
        switch family {
        case .gemma2, .gemma3: []
        default: windows.first { $0 > 0 }.map { [.windowIgnored($0)] } ?? []
        }
    }

    /// Which layers have a window where a file says nothing else: every other one in Gemma 2, five of six in Gemma 3.
    private static func usualWindows(_ family: ModelFamily, layers: Int) -> [Bool] {
        switch family {
        case .gemma2: (0..<layers).map { $0 % 2 == 0 }
        case .gemma3: (0..<layers).map { $0 % 6 < 5 }
        default: Array(repeating: true, count: layers)
        }
    }

    private func requireExpressible(path: String) throws(ModelFileError) {
        func require(_ holds: Bool, _ setting: String, _ found: String, _ expected: String) throws(ModelFileError) {
            guard holds else { throw .notInGGUF(path: path, setting: setting, found: found, expected: expected) }
        }
        let attendsWidth = family == .qwen2 || family == .olmo2 || family == .phi3
        try require(
            !attendsWidth || queryWidth == hiddenSize, "head_dim", "\(headSize)",
            "\(hiddenSize / attentionHeadCount), the width divided by the heads")
        try require(
            family == .phi3 || rotarySize == headSize, "partial_rotary_factor",
            "\(rotarySize) of \(headSize) dimensions",
            "all dimensions of a head")
        let isLlama = family == .llama || family == .mistral
        try require(
            isLlama || family == .qwen2 || !block.queryKeyValueBias, "attention_bias", "true",
            "false: readers of this architecture have no place for it")
        try require(isLlama || !block.outputBias, "attention_bias", "true", "false for the output of attention")
        try require(isLlama || !block.mlpBias, "mlp_bias", "true", "false")
        if family == .smollm3 {
            try require(
                layersWithoutRotary == Set((0..<layerCount).filter { ($0 + 1) % 4 == 0 }), "no_rope_layers",
                layersWithoutRotary.sorted().map(String.init).joined(separator: ", "), "every fourth layer")
        }
        if family == .gemma2 || family == .gemma3 {
            let derived = Self.ggufAttentionScale(of: self)
            try require(
                abs((attentionScale ?? derived) - derived) < 1e-6 * derived, "query_pre_attn_scalar",
                "\(1 / pow(Double(attentionScale ?? derived), 2))",
                "\(1 / pow(Double(derived), 2)), which readers derive from the shape")
            try require(tiedEmbeddings, "tie_word_embeddings", "false", "true: readers have no head of its own here")
        }
        try require(
            family != .olmo2 || !tiedEmbeddings, "tie_word_embeddings", "true", "false: readers want a head here")
        try requireRotary(path: path, isLlama: isLlama)
    }

    private func requireRotary(path: String, isLlama: Bool) throws(ModelFileError) {
        func refuse(_ found: String, _ expected: String) -> ModelFileError {
            .notInGGUF(path: path, setting: "rope_scaling", found: found, expected: expected)
        }
        switch ropeScaling {
        case .none, .dynamic, .linear: break
        case .llama3: if !isLlama { throw refuse("llama3", "the Llama architecture, which alone has a place for it") }
        case .yarn(let factor, _, _, _, let attention, let truncates):
            let usual = 0.1 * log(factor) + 1
            guard truncates else { throw refuse("yarn with truncate false", "truncate true") }
            guard abs(attention - usual) < 1e-6 else {
                throw refuse(
                    "yarn with attention_factor \(attention)", "\(usual), which readers derive from the factor")
            }
        case .longrope: if family != .phi3 { throw refuse("longrope", "the Phi-3 architecture") }
        }
        if let windowedRotary, windowedRotary.scaling != .none {
            throw refuse("a stretch in layers with a window", "none there")
        }
    }

    /// What llama.cpp multiplies Gemma's scores by; its 27B models are known by their number of layers.
    fileprivate static func ggufAttentionScale(of shape: ModelShape) -> Float {
        let isLargest = shape.layerCount == (shape.family == .gemma2 ? 46 : 62)
        let width = isLargest ? shape.hiddenSize / shape.attentionHeadCount : shape.headSize
        return 1 / Float(width).squareRoot()
    }
}

/// What a program that reads GGUF computes otherwise.
package enum GGUFCaveat: Sendable, Hashable {
    /// llama.cpp lets every layer of this architecture see all rows before, not the last so many.
    case windowIgnored(Int)
    /// More tokens end an answer than the format has places for.
    case stopIDsLeftOut([Int])
}

extension ModelShape {
    /// The shape a GGUF file describes.
    init(_ file: GGUFFile) throws(ModelFileError) {
        let architecture = try file.required("general.architecture") { $0.textValue }
        guard let family = GGUFLayout.family(ofArchitecture: architecture) else {
            throw .unsupported(
                path: file.path, key: "general.architecture", found: architecture, supported: GGUFLayout.architectures)
        }
        func key(_ name: String) -> String { architecture + "." + name }
        func optionalCount(_ name: String) throws(ModelFileError) -> Int? {
            file.metadata[key(name)] == nil ? nil : try file.count(key(name))
        }
        func number(_ name: String) throws(ModelFileError) -> Double? {
            try file.optional(key(name)) { $0.doubleValue }
        }
        func wrong(_ name: String) -> ModelFileError { .damagedGGUF(path: file.path, .badValue(key: key(name))) }
        let hiddenSize = try file.count(key("embedding_length")), heads = try file.count(key("attention.head_count"))
        let keyValueHeads = try optionalCount("attention.head_count_kv") ?? heads
        let headSize = try optionalCount("attention.key_length") ?? hiddenSize / heads
        guard headSize > 0, headSize % 2 == 0 else { throw wrong("attention.key_length") }
        guard heads % keyValueHeads == 0 else { throw wrong("attention.head_count_kv") }
        guard let embedding = file.tensors["token_embd.weight"], embedding.shape.count == 2 else {
            throw .missingTensor(path: file.path, tensor: "token_embd.weight")
        }
        let epsilon = try number("attention.layer_norm_rms_epsilon") ?? 1e-5
        self.init(
            vocabularySize: embedding.shape[0], hiddenSize: hiddenSize,
            intermediateSize: try file.count(key("feed_forward_length")),
            layerCount: try file.count(key("block_count")),
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: headSize,
            rmsNormEpsilon: Float(epsilon), ropeTheta: try number("rope.freq_base") ?? 10000,
            maxPositions: try file.count(key("context_length")), tiedEmbeddings: file.tensors["output.weight"] == nil)
        self.family = family
        block = BlockDesign(family, file)
        rotarySize = try optionalCount("rope.dimension_count") ?? headSize
        guard rotarySize <= headSize, rotarySize % 2 == 0 else { throw wrong("rope.dimension_count") }
        ropeScaling = try RopeScaling(file, architecture: architecture, rotated: rotarySize, positions: maxPositions)
        try readWindows(file, architecture: architecture)
        if family == .smollm3 { layersWithoutRotary = Set((0..<layerCount).filter { ($0 + 1) % 4 == 0 }) }
        if family.isGemma {
            attentionScale = Self.ggufAttentionScale(of: self)
            attentionSoftcap = Float(try number("attn_logit_softcapping") ?? (family == .gemma2 ? 50 : 0))
            headSoftcap = Float(try number("final_logit_softcapping") ?? (family == .gemma2 ? 30 : 0))
            embeddingScale = Float(Double(hiddenSize).squareRoot())
            if family == .gemma3 {
                windowedRotary = RotaryEmbedding(theta: try number("rope.freq_base_swa") ?? 10000)
            }
        }
    }

    private mutating func readWindows(_ file: GGUFFile, architecture: String) throws(ModelFileError) {
        let key = architecture + ".attention.sliding_window"
        guard let window = try file.optional(key, { $0.intValue }), window > 0, window < maxPositions else { return }
        let pattern = key + "_pattern"
        var isWindowed = Self.usualWindows(family, layers: layerCount)
        if let flags = try file.optional(pattern, { $0.boolList }) {
            guard flags.count == layerCount else { throw .damagedGGUF(path: file.path, .badValue(key: pattern)) }
            isWindowed = flags
        }
        windows = isWindowed.map { $0 ? window : 0 }
    }
}

extension BlockDesign {
    /// The design of a family, with the biases that the file has tensors for.
    fileprivate init(_ family: ModelFamily, _ file: GGUFFile) {
        self.init()
        func has(_ name: String) -> Bool { file.tensors["blk.0.\(name).bias"] != nil }
        queryKeyValueBias = has("attn_q") || has("attn_qkv")
        outputBias = has("attn_output")
        mlpBias = has("ffn_down")
        switch family {
        case .llama, .mistral, .smollm3, .qwen2: break
        case .qwen3: queryKeyNorm = .perHead
        case .phi3: fusesProjections = true
        case .olmo2: (norms, queryKeyNorm) = (.after, .wholeRow)
        case .gemma2, .gemma3:
            (norms, addsOneToNorms, activation) = (.beforeAndAfter, true, .geluTanh)
            if family == .gemma3 { queryKeyNorm = .perHead }
        }
    }
}

extension RopeScaling {
    /// Llama 3's stretch arrives as the divisors it amounts to.
    fileprivate init(
        _ file: GGUFFile, architecture: String, rotated: Int, positions: Int
    ) throws(ModelFileError) {
        func key(_ name: String) -> String { architecture + ".rope.scaling." + name }
        func number(_ name: String) throws(ModelFileError) -> Double? {
            try file.optional(key(name)) { $0.doubleValue }
        }
        func divisors(_ name: String) throws(ModelFileError) -> [Double]? {
            guard file.tensors[name] != nil else { return nil }
            return try file.tensor(name, shape: [rotated / 2]).floats.map(Double.init)
        }
        let original = try number("original_context_length").map { Int($0) } ?? positions
        if let short = try divisors("rope_factors_short.weight"), let long = try divisors("rope_factors_long.weight") {
            self = .longrope(
                short: short, long: long, originalPositions: original, attentionFactor: try number("attn_factor") ?? 1)
            return
        }
        if let factors = try divisors("rope_freqs.weight") {
            self = .longrope(short: factors, long: factors, originalPositions: positions, attentionFactor: 1)
            return
        }
        let factor = try number("factor") ?? 1
        switch try file.optional(key("type"), { $0.textValue }) ?? "linear" {
        case "none": self = .none
        case "linear": self = factor == 1 || factor == 0 ? .none : .linear(factor: factor)
        case "yarn":
            self = .yarn(
                factor: factor, originalPositions: original, fastTurns: try number("yarn_beta_fast") ?? 32,
                slowTurns: try number("yarn_beta_slow") ?? 1, attentionFactor: factor <= 1 ? 1 : 0.1 * log(factor) + 1,
                truncates: true)
        case let other:
            throw .unsupported(
                path: file.path, key: key("type"), found: other, supported: ["none", "linear", "yarn", "longrope"])
        }
    }
}
