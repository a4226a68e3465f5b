package import ModelFiles
package import Plan

/// What passes of the bundled trainer consist of, in amounts that a machine's speed turns into seconds.
package struct StepWork: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Operations of the products with weights.
        case products
        /// Weights that those products read and arrange for the processor, however few the tokens.
        case weights
        /// Numbers those products read and write beside the weights; norms, gates and narrow products go with them.
        case numbers
        /// Operations of the adapters' thin products.
        case adapters
        /// Pairs of tokens that see each other, times the width of all queries.
        case attention
        /// Logits.
        case logits
        /// Trained parameters, once for each update.
        case updates
        /// Passes through a layer, whose threads wait for each other.
        case layers
    }

    /// A pass without gradients, or one of training with what it computes gradients of.
    package enum Pass: Sendable, Hashable {
        case evaluation
        case adapter(LoRASettings)
        case full
    }

    /// In the order of `Kind`.
    private(set) var amounts = [Double](repeating: 0, count: Kind.allCases.count)

    package init() {}

    /// One pass over `tokens` tokens in rows of `rowTokens`, of which `targets` are predicted.
    package init(_ pass: Pass, _ shape: ModelShape, tokens: Double, rowTokens: Double, targets: Double) {
        let counts: ParameterCounts, products: Double, visits: Double
        switch pass {
        case .evaluation: (counts, products, visits) = (ParameterCounts(shape: shape, lora: nil), 1, 1)
        case .adapter(let lora): (counts, products, visits) = (ParameterCounts(shape: shape, lora: lora), 2, 2)
        case .full: (counts, products, visits) = (ParameterCounts(shape: shape, lora: nil), 3, 3)
        }
        let head = Double(shape.vocabularySize * shape.hiddenSize) * targets
        let query = Double(shape.attentionHeadCount * shape.headSize), layers = Double(shape.layerCount)
        self[.products] = 2 * products * (Double(counts.blocks) * tokens + head)
        self[.weights] = products * Double(counts.blocks + (targets > 0 ? shape.vocabularySize * shape.hiddenSize : 0))
        self[.numbers] = products * layers * tokens * ParameterCounts.numbersPerToken(shape)
        self[.adapters] = 6 * Double(counts.adapter) * tokens
        // Forward two products over half of the square; backward five.
        self[.attention] = (pass == .evaluation ? 2 : 7) * layers * tokens * rowTokens * query
        self[.logits] = targets * Double(shape.vocabularySize)
        self[.layers] = visits * layers
    }

    package subscript(kind: Kind) -> Double {
        get { amounts[kind.position] }
        set { amounts[kind.position] = newValue }
    }

    static func + (first: Self, second: Self) -> Self {
        var sum = first
        for kind in Kind.allCases { sum[kind] += second[kind] }
        return sum
    }

    static func * (work: Self, factor: Double) -> Self {
        var product = work
        for kind in Kind.allCases { product[kind] *= factor }
        return product
    }
}

extension StepWork.Kind {
    var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
