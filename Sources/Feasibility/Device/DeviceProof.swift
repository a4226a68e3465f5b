package import Plan

/// One term of the estimate as it can be checked by hand.
package struct ProofLine: Sendable, Hashable {
    package let name: String
    package let formula: String
    package let numbers: String
    package let bytes: ByteCount
    package let source: String
}

extension DeviceCheck {
    /// Every part of the peak, with its formula, its numbers and where each constant comes from.
    package var proof: [ProofLine] {
        result.estimate.largestFirst.map { part, bytes in
            let (formula, numbers, source) = says(part)
            return ProofLine(name: part.rawValue, formula: formula, numbers: numbers, bytes: bytes, source: source)
        }
    }

    private var profileSource: String {
        let run = run.profile
        let rows = run.measuredOn.isEmpty ? "no measurement of its own" : run.measuredOn.joined(separator: " ")
        return "memory_profiles#\(run.id) (trust \(run.trust); \(rows))"
    }

    private func says(_ part: DeviceEstimate.Part) -> (formula: String, numbers: String, source: String) {
        let model = run.architecture, profile = run.profile
        let tokens = "\(run.rowTokens) x \(run.microBatch)"
        func billions(_ value: Double) -> String { "\((value / 1e6).rounded() / 1e3)e9" }
        let shape =
            "layers \(model.layers), hidden \(model.hidden), inner \(model.inner), "
            + "heads \(model.heads)/\(model.keyValueHeads)"
        switch part {
        case .quantisedWeights, .weights:
            let bytes = run.method == .full ? profile[.trainedValueBytes] : run.format.bytes
            return (
                "block parameters x bytes", "\(billions(model.blockParameters)) x \(bytes)",
                "\(model.origin); weight_formats#\(run.format.id)"
            )
        case .plainWeights:
            let count = model.heads(tied: model.isTied && !profile.copiesHead) + model.normParameters
            return (
                "(embedding + head + norms) x bytes",
                "\(billions(count)) x \(run.format.isQuantised ? profile[.plainBytes] : run.format.bytes)",
                "\(model.origin); \(profileSource)"
            )
        case .adapter:
            return (
                "rank x (inputs + outputs) of adapted layers x bytes",
                "\(billions(run.adapterParameters)) x \(profile[.valueBytes]), rank \(run.rank)", profileSource
            )
        case .gathered: return ("the whole model while it is divided", billions(model.parameters), profileSource)
        case .gradients: return ("trained parameters x bytes", "x \(profile[.gradientBytes])", profileSource)
        case .optimizer:
            return (
                "trained parameters x bytes of both moments",
                "x \(run.optimizer.stateBytes ?? profile[.stateBytes]), \(run.optimizer.name)", profileSource
            )
        case .stepScratch:
            return ("trained parameters x scratch of the step", "x \(profile[.transientBytes])", profileSource)
        case .checkpoints:
            return (
                "layers x hidden x tokens x bytes",
                "\(model.layers) x \(model.hidden) x \(tokens) x \(profile[.checkpointBytes])", profileSource
            )
        case .layers:
            return (
                run.checkpointing
                    ? "one block's saved numbers x 2 bytes x tokens" : "saved numbers of all blocks x 2 bytes x tokens",
                "\(shape), tokens \(tokens)", profileSource
            )
        case .scores:
            return (
                "copies x heads x row length squared x 2 bytes", "\(model.heads) x \(run.rowTokens)^2",
                run.attention == .eager ? "eager attention, m001-m067" : "one matrix kept for the backward pass"
            )
        case .logits:
            return (
                "bytes per logit x vocabulary x tokens", "vocabulary \(model.vocabulary), tokens \(tokens)",
                "loss_paths#\(run.loss.id); \(profileSource)"
            )
        case .workspace:
            return ("matrix library, and one dequantised matrix", "\(profile[.workspaceMebibytes]) MiB", profileSource)
        case .cached:
            return (
                "held by the allocator without use", "reserve \(profile[.reserve]), pool \(profile[.poolShare])",
                profileSource
            )
        case .context: return ("context of the process", "\(profile[.contextGibibytes]) GiB", profileSource)
        }
    }
}
