/// How the base model is adapted.
package struct Method: Sendable, Hashable {
    package var kind: MethodKind
    /// Present for `lora` and `qlora`, absent for `full`.
    package var lora: LoRASettings?
    /// An adapter folder to continue from instead of starting at zero.
    package var initAdapter: String?
    /// Present for `qlora` only.
    package var quantization: Quantization?

    package init(kind: MethodKind, lora: LoRASettings? = nil, initAdapter: String? = nil, quantization: Quantization? = nil) {
        self.kind = kind
        self.lora = lora
        self.initAdapter = initAdapter
        self.quantization = quantization
    }

    package static func lora(_ settings: LoRASettings = LoRASettings()) -> Method { Method(kind: .lora, lora: settings) }
    package static let full = Method(kind: .full)
}

package enum MethodKind: String, Sendable, Hashable, Codable, CaseIterable { case lora, qlora, full }

/// Shape and start of a low-rank adapter (LoRA, arXiv 2106.09685).
package struct LoRASettings: Sendable, Hashable {
    /// The seven linear layers of a block, in the order of the forward pass. A model that keeps some of them in one matrix
    /// has that matrix adapted.
    package static let allLinear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    /// Names of linear layers a plan may hold; the last two are matrices that hold several layers.
    package static let knownModules = allLinear + ["qkv_proj", "gate_up_proj"]

    /// Modules a plan may train whole beside the adapter.
    package static let savableModules = [
        "embed_tokens", "lm_head", "norm", "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm",
        "post_feedforward_layernorm", "q_norm", "k_norm",
    ]

    package var rank: Int
    package var alpha: Double
    package var dropout: Double
    /// Layer names without their path; `allLinear` is written `all_linear` in a plan.
    package var targetModules: [String]
    /// Divide alpha by the square root of the rank instead of the rank (arXiv 2312.03732).
    package var useRSLoRA: Bool
    /// The direction of every adapted matrix is learnt apart from the length of its rows (DoRA, arXiv 2402.09353).
    package var useDoRA = false
    /// Ranks and alphas of single layers, by the end of their path or a regular expression for it, as PEFT has them.
    package var rankPattern: [String: Int] = [:]
    package var alphaPattern: [String: Double] = [:]
    /// Modules that are trained whole beside the adapter, by the end of their path.
    package var modulesToSave: [String] = []

    package init(
        rank: Int = 16, alpha: Double = 32, dropout: Double = 0, targetModules: [String] = LoRASettings.allLinear,
        useRSLoRA: Bool = false
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.targetModules = targetModules
        self.useRSLoRA = useRSLoRA
    }

    /// What B·A is multiplied by before it is added to the frozen product.
    package var scaling: Double { scaling(alpha: alpha, rank: rank) }

    /// The rank of one layer, by its whole path (`model.layers.0.self_attn.q_proj`).
    package func rank(of layer: String) -> Int { Self.value(of: layer, in: rankPattern) ?? rank }

    package func scaling(of layer: String) -> Double {
        scaling(alpha: Self.value(of: layer, in: alphaPattern) ?? alpha, rank: rank(of: layer))
    }

    private func scaling(alpha: Double, rank: Int) -> Double {
        alpha / (useRSLoRA ? Double(rank).squareRoot() : Double(rank))
    }

    /// A pattern stands for paths that are it, end with it, or end with what it matches; the first in order wins.
    private static func value<Value>(of layer: String, in patterns: [String: Value]) -> Value? {
        patterns.sorted { $0.key < $1.key }.first { pattern, _ in
            if layer == pattern || layer.hasSuffix("." + pattern) { return true }
            guard let expression = try? Regex("(.*\\.)?(\(pattern))") else { return false }
            return (try? expression.wholeMatch(in: layer)) != nil
        }?.value
    }
}

/// How a frozen base is stored while an adapter is trained on it (QLoRA, arXiv 2305.14314).
package struct Quantization: Sendable, Hashable {
    package enum Format: String, Sendable, Hashable, CaseIterable { case nf4 }

    package var type: Format
    package var doubleQuant: Bool

    package init(type: Format = .nf4, doubleQuant: Bool = true) {
        self.type = type
        self.doubleQuant = doubleQuant
    }
}
