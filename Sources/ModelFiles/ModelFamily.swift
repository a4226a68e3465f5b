/// The kinds of decoder hone computes, by the `model_type` of their `config.json`.
package enum ModelFamily: String, Sendable, Hashable, CaseIterable {
    case llama, mistral, qwen2, qwen3, smollm3, phi3, olmo2, gemma2
    case gemma3 = "gemma3_text"

    var isGemma: Bool { self == .gemma2 || self == .gemma3 }
}

/// How the blocks of a decoder are put together; the defaults are Llama's.
package struct BlockDesign: Sendable, Hashable {
    package enum NormPlacement: Sendable, Hashable {
        /// Attention and MLP read normalised rows.
        case before
        /// They read the rows as they are; what they add is normalised.
        case after
        case beforeAndAfter
    }

    package enum QueryKeyNorm: Sendable, Hashable {
        case none
        /// Every head on its own, all heads with one weight.
        case perHead
        /// All query heads together, all key heads together.
        case wholeRow
    }

    package enum Activation: Sendable, Hashable { case silu, geluTanh }

    package var norms = NormPlacement.before
    /// A norm multiplies by 1 + weight instead of by its weight.
    package var addsOneToNorms = false
    package var queryKeyNorm = QueryKeyNorm.none
    package var queryKeyValueBias = false
    package var outputBias = false
    package var mlpBias = false
    /// Query, key and value are one matrix in the file, gate and up are another.
    package var fusesProjections = false
    package var activation = Activation.silu

    package init() {}
}

/// The norms of one block by what they do.
package enum BlockNorm: Int, Sendable, Hashable, CaseIterable {
    case attentionInput, mlpInput, query, key, attentionOutput, mlpOutput

    /// The path inside a block; nil where the design has no such norm.
    func path(_ design: BlockDesign) -> String? {
        let isBefore = design.norms != .after, isAfter = design.norms != .before
        return switch self {
        case .attentionInput: isBefore ? "input_layernorm" : nil
        case .mlpInput:
            isBefore ? (isAfter ? "pre_feedforward_layernorm" : "post_attention_layernorm") : nil
        case .query: design.queryKeyNorm == .none ? nil : "self_attn.q_norm"
        case .key: design.queryKeyNorm == .none ? nil : "self_attn.k_norm"
        case .attentionOutput: isAfter ? "post_attention_layernorm" : nil
        case .mlpOutput: isAfter ? "post_feedforward_layernorm" : nil
        }
    }
}
