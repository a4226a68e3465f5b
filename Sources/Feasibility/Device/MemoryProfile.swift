/// What a training framework keeps on a device beside the parameters: the few constants of `memory_profiles.yaml`.
package struct MemoryProfile: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case lora
        /// LoRA with embedding and output head trained in full beside it.
        case loraEmbeddings = "lora_embeddings"
        case full
        /// A learned prefix in each block, as LLaMA-Adapter has it.
        case prefix
        /// Scales and biases at the output of each linear layer.
        case outputScale = "output_scale"
    }

    package enum Storage: String, Sendable, Hashable, CaseIterable {
        case sixteenBit = "sixteen_bit"
        case quantised, any
    }

    package let id: String
    package let frameworks: [String]
    package let methods: [Method]
    package let storage: Storage
    /// Weight formats this profile is limited to; empty for all.
    package let formats: [String]
    package let numbers: [Key: Double]
    package let hasCheckpointsOnDevice: Bool
    package let quantisesHead: Bool
    package let copiesHead: Bool
    package let leavesHoles: Bool
    package let keepsGradientsAlways: Bool
    /// A sharded run holds the whole model beside its own part while it loads.
    package let loadsWhole: Bool
    /// `A` measured with known settings, `B` some setting missing, `C` estimated.
    package let trust: String
    package let measuredOn: [String]

    /// The numeric columns of the table.
    package enum Key: String, Sendable, Hashable, CaseIterable {
        case hidden, query
        case keyValue = "key_value"
        case innerGated = "inner_gated"
        case innerPlain = "inner_plain"
        case quantisedHidden = "quantised_hidden"
        case adaptedInput = "adapted_input"
        case keptShare = "kept_share"
        case checkpointBytes = "checkpoint_bytes"
        case plainBytes = "plain_bytes"
        case formatBytes = "format_bytes"
        case valueBytes = "value_bytes"
        case gradientBytes = "gradient_bytes"
        case stateBytes = "state_bytes"
        case transientBytes = "transient_bytes"
        case trainedValueBytes = "trained_value_bytes"
        case logitBytes = "logit_bytes"
        case chunkedLogitBytes = "chunked_logit_bytes"
        case logitHiddenBytes = "logit_hidden_bytes"
        case headAdapterBytes = "head_adapter_bytes"
        case headScratch = "head_scratch"
        case workspaceMebibytes = "workspace_mib"
        case poolShare = "pool_share"
        case varying, reserve
        case contextGibibytes = "context_gib"
        case spread
    }

    package subscript(key: Key) -> Double { numbers[key] ?? 0 }

    /// Whether this profile is the one for such a run.
    func fits(framework: String, method: Method, format: WeightFormat) -> Bool {
        guard methods.contains(method), formats.isEmpty || !formats.allSatisfy({ !format.isSpelled($0) }) else {
            return false
        }
        switch storage {
        case .any: break
        case .quantised where !format.isQuantised, .sixteenBit where format.isQuantised: return false
        case .quantised, .sixteenBit: break
        }
        let name = framework.lowercased()
        return frameworks.contains { $0 == "*" || name.contains($0) }
    }

    /// Whether a row of the measurements gave constants to this profile.
    package func wasFitted(on id: String) -> Bool {
        measuredOn.contains { range in
            let ends = range.split(separator: "-").map(String.init)
            guard ends.count == 2, let first = ends.first, let last = ends.last else { return range == id }
            return id.count == first.count && first <= id && id <= last
        }
    }
}

/// How a weight matrix lies on the device.
package struct WeightFormat: Sendable, Hashable {
    package let id: String
    package let words: [String]
    package let bytes: Double
    package let isQuantised: Bool

    package func isSpelled(_ word: String) -> Bool { id == word || words.contains(word) }
}

/// What exists per logit while the loss is computed.
package struct LossPath: Sendable, Hashable {
    package enum Logits: String, Sendable, Hashable, CaseIterable { case all, chunks, none }

    package let id: String
    package let words: [String]
    package let keeps: Logits
    package let hiddenBytes: Double
    package let chunkTokens: Double
}

/// An accelerator.
package struct Device: Sendable, Hashable {
    package let id: String
    package let name: String
    package let usableGibibytes: Double
    package let bf16: String
    /// Nominal dense 16-bit rate.
    package let denseTeraflops: Double?
    package let lowPrice: Double?
    package let highPrice: Double?
}
