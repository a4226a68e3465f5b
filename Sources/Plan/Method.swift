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

    package var rank: Int
    package var alpha: Double
    package var dropout: Double
    /// Layer names without their path; `allLinear` is written `all_linear` in a plan.
    package var targetModules: [String]
    /// Divide alpha by the square root of the rank instead of the rank (arXiv 2312.03732).
    package var useRSLoRA: Bool

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
    package var scaling: Double { alpha / (useRSLoRA ? Double(rank).squareRoot() : Double(rank)) }
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
