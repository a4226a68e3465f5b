extension RunPlan {
    /// How rows are joined where the plan follows TRL and packs; nil where they are not, or in hone's own way.
    package var trlPacking: PackingStrategy? {
        guard compat == .trl, case .packed = training.batching else { return nil }
        return training.packingStrategy
    }

    /// The most tokens one micro-batch can hold when the longest row has `longestRow` tokens: what the step's memory is
    /// laid out for, both in the estimate and in the trainer.
    package func largestMicroBatch(longestRow: Int) -> Int {
        let longest = min(longestRow, training.maxLength)
        switch training.batching {
        case .rows(let rows): return rows * longest
        case .packed(let tokens): return max(tokens, longest)
        }
    }

    /// Optimizer steps of the whole run for `rows` training rows holding `tokens` tokens; an estimate when rows are packed.
    package func optimizerSteps(rows: Int, tokens: Int) -> Int {
        switch training.duration {
        case .steps(let count): return count
        case .epochs(let epochs):
            let microBatches: Double =
                switch training.batching {
                case .rows(let size): (Double(rows) / Double(size)).rounded(.up)
                case .packed(let size): max(1, (Double(tokens) / Double(size)).rounded(.up))
                }
            let perEpoch = (microBatches / Double(training.gradientAccumulationSteps)).rounded(.up)
            return max(1, Int((perEpoch * epochs).rounded(.up)))
        }
    }
}
