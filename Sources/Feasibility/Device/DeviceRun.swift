/// A training run on accelerators, in the detail that decides its memory.
package struct DeviceRun: Sendable, Hashable {
    package enum Strategy: String, Sendable, Hashable, CaseIterable {
        case single, ddp, zero2, zero3, fsdp

        /// Whether each device holds only its part of the weights.
        package var shardsWeights: Bool { self == .zero3 || self == .fsdp }
        /// Whether each device holds only its part of gradients and optimizer states.
        package var shardsStates: Bool { shardsWeights || self == .zero2 }
    }

    package enum Attention: String, Sendable, Hashable, CaseIterable {
        /// Scores are never stored: FlashAttention, memory-efficient kernels.
        case efficient
        /// One matrix of scores per head is kept in 16 bit: PyTorch's own kernel where no other takes the mask.
        case math
        /// Scores are stored, upcast, normalised and stored again.
        case eager
    }

    package var architecture: Architecture
    package var method: MemoryProfile.Method
    package var format: WeightFormat
    package var profile: MemoryProfile
    package var loss: LossPath
    package var targets: AdapterTargets
    package var rank: Int
    /// The number of trained parameters where it is known; otherwise it follows from rank and targets.
    package var knownTrainable: Double?
    /// Tokens of the longest row that is trained, after templating and truncation.
    package var rowTokens: Int
    package var microBatch: Int
    package var accumulation: Int
    package var checkpointing: Bool
    /// Block outputs wait in host memory for the backward pass.
    package var offloadsCheckpoints = false
    package var isCompiled = false
    package var attention: Attention
    package var optimizer: DeviceOptimizer
    package var devices: Int
    package var strategy: Strategy
    /// Rows of an evaluation batch whose logits exist at one time; 0 without evaluation.
    package var evaluationBatch = 0

    package var tokens: Double { Double(rowTokens) * Double(microBatch) }

    /// Parameters of the adapter.
    package var adapterParameters: Double {
        guard method != .full else { return 0 }
        if let knownTrainable { return knownTrainable }
        let layers = targets.linears(of: architecture).reduce(0) { $0 + $1.inputs + $1.outputs }
        let head = targets.includesHead ? architecture.width + Double(architecture.vocabulary) : 0
        return Double(rank) * (Double(architecture.layers) * layers + head)
    }
}

/// Which linear layers carry an adapter.
package struct AdapterTargets: Sendable, Hashable {
    package var roles: [Architecture.Linear.Role]
    /// One adapter spans query, key and value, as models with a fused projection have it.
    package var isFused: Bool
    package var includesHead: Bool

    package init(roles: [Architecture.Linear.Role], isFused: Bool = false, includesHead: Bool = false) {
        self.roles = roles
        self.isFused = isFused
        self.includesHead = includesHead
    }

    package static let all = AdapterTargets(roles: [.query, .key, .value, .output, .gate, .up, .down])

    /// Names of modules in any family's spelling, `q,v`, `all-linear`, or words that stand for a group.
    package init(spelling text: String) {
        let lower = text.lowercased()
        let words = lower.split { ", ()+/".contains($0) }.map(String.init)
        let isFused = words.contains { ["c_attn", "qkv_proj", "query_key_value", "default", "fused"].contains($0) }
        var roles: [Architecture.Linear.Role] = isFused ? [.query, .key, .value] : []
        for word in words {
            switch word {
            case "q", "q_proj": roles.append(.query)
            case "k", "k_proj": roles.append(.key)
            case "v", "v_proj": roles.append(.value)
            case "o", "o_proj", "c_proj", "dense": roles.append(.output)
            case "gate", "gate_proj", "w1": roles.append(.gate)
            case "up", "up_proj", "fc1": roles.append(.up)
            case "w2": roles += [.up, .down]
            case "down", "down_proj", "fc2": roles.append(.down)
            case "gate_up_proj": roles += [.gate, .up]
            case "mlp": roles += [.gate, .up, .down]
            case "attention": roles += [.query, .key, .value, .output]
            case "all", "linear", "all-linear": roles += AdapterTargets.all.roles
            default: break
            }
        }
        var seen: Set<Architecture.Linear.Role> = []
        self.init(
            roles: roles.isEmpty ? AdapterTargets.all.roles : roles.filter { seen.insert($0).inserted },
            isFused: isFused,
            includesHead: words.contains("head") || words.contains("lm_head"))
    }

    func linears(of architecture: Architecture) -> [Architecture.Linear] {
        let chosen = architecture.linears.filter { roles.contains($0.role) }
        guard isFused else { return chosen }
        let fused: Set<Architecture.Linear.Role> = [.query, .key, .value]
        let outputs = architecture.queryWidth + 2 * architecture.keyValueWidth
        return [Architecture.Linear(role: .query, inputs: architecture.width, outputs: outputs)]
            + chosen.filter { !fused.contains($0.role) }
    }

    /// Inputs, per token, of the adapted layers beside query and value, whose inputs every profile counts already.
    func furtherInputs(of architecture: Architecture) -> Double {
        let counted: Set<Architecture.Linear.Role> = [.query, .value]
        guard roles.contains(.up) || roles.contains(.gate) || roles.contains(.down) else { return 0 }
        return architecture.linears.filter { roles.contains($0.role) && !counted.contains($0.role) }
            .filter { !(isFused && $0.role == .key) }.reduce(0) { $0 + $1.inputs }
    }
}

/// What the optimizer keeps per trained parameter, where it differs from the profile's AdamW.
package struct DeviceOptimizer: Sendable, Hashable {
    package let name: String
    package let stateBytes: Double?
    package let transientBytes: Double?
    package let gradientBytes: Double?

    /// Any framework's spelling: `adamw_torch_fused`, `paged_adamw_8bit`, `sgd`.
    package init(spelling name: String) {
        let lower = String(name.lowercased().filter { !"-_ ".contains($0) })
        self.name = name
        let isSmall = lower.contains("8bit") || lower.contains("4bit")
        if lower.contains("paged") || lower.contains("sgd") && !lower.contains("momentum") {
            stateBytes = 0
        } else if lower.contains("4bit") {
            stateBytes = 1.03
        } else if lower.contains("8bit") {
            stateBytes = 2.03
        } else if lower.contains("adafactor") {
            stateBytes = 0.1
        } else if lower.contains("lion") || lower.contains("muon") || lower.contains("momentum") {
            stateBytes = 2
        } else {
            stateBytes = nil
        }
        transientBytes =
            lower.contains("fused") || isSmall || lower.contains("backward") || lower.contains("bwd") ? 0 : nil
        gradientBytes = lower.contains("backward") || lower.contains("bwd") ? 0 : nil
    }
}
