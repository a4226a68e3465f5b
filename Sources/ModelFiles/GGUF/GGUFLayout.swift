/// Where a tensor of a model stands in a GGUF file, and what is done to its numbers on the way.
///
/// llama.cpp turns pairs of neighbouring dimensions of a head where Hugging Face turns the first half against the second;
/// for the architectures that kept llama.cpp's first way, the rows of query and key matrices change places.
struct GGUFLayout {
    let shape: ModelShape

    /// A tensor's name in the file, and its numbers' way there.
    struct Place: Hashable {
        let name: String
        /// Heads whose rows change places; nil where rows stay.
        var permutedHeads: Int?
        /// The file holds 1 + weight.
        var addsOne = false
        /// Kept in float32 whatever the file's format: vectors, which are few and matter.
        var isVector = false
    }

    /// `general.architecture`
    var architecture: String { Self.architecture(of: shape.family) }

    static func architecture(of family: ModelFamily) -> String {
        switch family {
        case .llama, .mistral: "llama"
        case .qwen2: "qwen2"
        case .qwen3: "qwen3"
        case .smollm3: "smollm3"
        case .phi3: "phi3"
        case .olmo2: "olmo2"
        case .gemma2: "gemma2"
        case .gemma3: "gemma3"
        }
    }

    /// Nil for an architecture hone does not compute. Mistral is written as Llama.
    static func family(ofArchitecture name: String) -> ModelFamily? {
        ModelFamily.allCases.first { architecture(of: $0) == name }
    }

    static var architectures: [String] {
        ModelFamily.allCases.map(architecture(of:)).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    var permutesRows: Bool { shape.family == .llama || shape.family == .mistral || shape.family == .smollm3 }

    /// Places of all tensors, by their names in Hugging Face's layout.
    var places: [(tensor: ModelShape.Tensor, place: Place)] {
        let norms = Dictionary(uniqueKeysWithValues: shape.norms.map { ($0.path, $0.role) })
        return shape.tensors.map { tensor in
            var place = Place(name: name(of: tensor.name, norms), isVector: tensor.shape.count == 1)
            place.permutedHeads = permutedHeads(inside: tensor.name)
            place.addsOne = shape.block.addsOneToNorms && tensor.name.hasSuffix("norm.weight")
            return (tensor, place)
        }
    }

    /// The name of a linear layer of a block in the file, without `.weight`.
    func name(ofLinear path: String, layer: Int) -> String { "blk.\(layer)." + (Self.linears[path] ?? path) }

    /// Heads whose rows change places in the weight, bias or B factor of this layer.
    func permutedHeads(inside path: String) -> Int? {
        guard permutesRows else { return nil }
        if path.contains(".q_proj.") { return shape.attentionHeadCount }
        return path.contains(".k_proj.") ? shape.keyValueHeadCount : nil
    }

    private func name(of tensor: String, _ norms: [String: BlockNorm]) -> String {
        switch tensor {
        case "model.embed_tokens.weight": return "token_embd.weight"
        case "model.norm.weight": return "output_norm.weight"
        case "lm_head.weight": return "output.weight"
        default: break
        }
        // model.layers.3.self_attn.q_proj.weight
        let parts = tensor.split(separator: ".")
        let layer = parts.count > 2 ? String(parts[2]) : "", kind = parts.last.map(String.init) ?? ""
        let path = parts.dropFirst(3).dropLast().joined(separator: ".")
        let name = norms[path].map(Self.name(of:)) ?? Self.linears[path] ?? path
        return "blk.\(layer).\(name).\(kind)"
    }

    private static func name(of norm: BlockNorm) -> String {
        switch norm {
        case .attentionInput: "attn_norm"
        case .mlpInput: "ffn_norm"
        case .query: "attn_q_norm"
        case .key: "attn_k_norm"
        case .attentionOutput: "post_attention_norm"
        case .mlpOutput: "post_ffw_norm"
        }
    }

    /// Linear layers of a block; gate and up in one matrix are called up, the gate's rows first.
    private static let linears = [
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "self_attn.qkv_proj": "attn_qkv", "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]

    /// Hugging Face's order of rows to llama.cpp's: of each head, row j of the first half, then row j of the second.
    ///
    /// - Parameters:
    ///   - rows: Of all heads together, each `width` numbers.
    ///   - isInverse: From llama.cpp's order back.
    static func permute(
        _ values: UnsafeMutablePointer<Float>, rows: Int, width: Int, heads: Int, isInverse: Bool = false
    ) {
        let source = [Float](UnsafeBufferPointer(start: values, count: rows * width)), size = rows / heads
        for head in 0..<heads {
            for index in 0..<size {
                let half = head * size + index % 2 * (size / 2) + index / 2, paired = head * size + index
                let (from, to) = isInverse ? (paired, half) : (half, paired)
                for column in 0..<width { values[to * width + column] = source[from * width + column] }
            }
        }
    }
}
