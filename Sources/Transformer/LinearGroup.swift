internal import ModelFiles
internal import Plan

/// The four products of a Llama block; layers that read the same input are fused into one.
enum LinearGroup: Int, CaseIterable, Sendable {
    case queryKeyValue, output, gateUp, down

    /// Names in the order of their rows in the fused weight; module path and file name share them.
    var modules: [String] {
        switch self {
        case .queryKeyValue: ["q_proj", "k_proj", "v_proj"]
        case .output: ["o_proj"]
        case .gateUp: ["gate_proj", "up_proj"]
        case .down: ["down_proj"]
        }
    }

    var parent: String {
        switch self {
        case .queryKeyValue, .output: "self_attn"
        case .gateUp, .down: "mlp"
        }
    }

    func outputs(_ shape: ModelShape) -> [Int] {
        let query = shape.attentionHeadCount * shape.headSize, keyValue = shape.keyValueHeadCount * shape.headSize
        return switch self {
        case .queryKeyValue: [query, keyValue, keyValue]
        case .output, .down: [shape.hiddenSize]
        case .gateUp: [shape.intermediateSize, shape.intermediateSize]
        }
    }

    func inputs(_ shape: ModelShape) -> Int {
        switch self {
        case .queryKeyValue, .gateUp: shape.hiddenSize
        case .output: shape.attentionHeadCount * shape.headSize
        case .down: shape.intermediateSize
        }
    }
}

/// How the low-rank activations of one layer's adapters share a row: group after group, module after module.
struct AdapterRanks: Sendable {
    let total: Int
    private let offsets: [Int]
    private let counts: [Int]

    init(_ adapter: LoRASettings?) {
        var offsets: [Int] = [], counts: [Int] = [], total = 0
        for group in LinearGroup.allCases {
            offsets.append(total)
            let adapted = adapter.map { settings in group.modules.count { settings.targetModules.contains($0) } } ?? 0
            counts.append(adapted * (adapter?.rank ?? 0))
            total += counts[group.rawValue]
        }
        (self.offsets, self.counts, self.total) = (offsets, counts, total)
    }

    func offset(_ group: LinearGroup) -> Int { offsets[group.rawValue] }
    func count(_ group: LinearGroup) -> Int { counts[group.rawValue] }
}
