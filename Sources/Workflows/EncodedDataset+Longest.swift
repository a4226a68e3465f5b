package import Datasets
package import Plan

extension EncodedDataset {
    /// The rows that take the most memory: the longest ones, as many as some steps of `plan` train on, and for validation
    /// as many as two of its micro-batches hold.
    package func longestRows(for steps: Int, of plan: RunPlan) -> EncodedDataset {
        var longest = self
        let perStep = plan.training.gradientAccumulationSteps
        longest.train = train.longest(in: plan.training.batching, microBatches: steps * perStep)
        longest.validation = validation.longest(in: plan.training.batching, microBatches: 2)
        longest.generalMix = nil
        return longest
    }
}

extension [EncodedExample] {
    fileprivate func longest(in batching: Batching, microBatches: Int) -> [EncodedExample] {
        let sorted = self.sorted { ($1.count, $0.line) < ($0.count, $1.line) }
        switch batching {
        case .rows(let rows): return Array(sorted.prefix(rows * microBatches))
        case .packed(let tokens):
            var wanted = tokens * microBatches
            return sorted.prefix { row in
                defer { wanted -= row.count }
                return wanted > 0
            }
        }
    }
}
