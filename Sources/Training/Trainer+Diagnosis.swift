import Datasets
import Plan
import Transformer

extension Trainer {
    /// A learning error with the rows that caused it: those that, alone in a batch, give no finite number either.
    ///
    /// The weights are as they were before the step, so the rows can be asked again one by one.
    func diagnosed(_ error: LearningError, in microBatches: [[Int]]) -> LearningError {
        switch error {
        case .noTargets: error
        case .lossNotFinite(let microBatch, let step, _):
            .lossNotFinite(
                microBatch: microBatch, globalStep: step,
                culprits: culprits(among: microBatches[microBatch]) { batch in
                    try learner.model.evaluateLoss(batch).contains { !$0.isFinite }
                })
        case .gradientNotFinite(let step, _):
            .gradientNotFinite(
                globalStep: step,
                culprits: culprits(among: microBatches.flatMap { $0 }) { batch in
                    learner.model.zeroGradients()
                    _ = try learner.model.forwardBackward(batch)
                    return !learner.optimizer.gradientNorm().isFinite
                })
        }
    }

    /// All rows of several mean that no row is to blame, but the weights.
    private func culprits(among rows: [Int], isBad: (PackedBatch) throws -> Bool) -> Culprits {
        let bad = rows.filter { row in (try? isBad(PackedBatch([row], of: self.rows, sharing: nil))) ?? false }
        if bad.count == rows.count && rows.count > 1 { return .weights }
        return bad.isEmpty ? .together(rows.map(place)) : .rows(bad.map(place))
    }

    /// Says once that a micro-batch teaches nothing, with the rows that are in it.
    func warnOfMasked(_ outcome: Learner.Outcome, in microBatches: [[Int]]) throws {
        guard !hasWarnedOfMasked, let masked = outcome.maskedMicroBatches.first else { return }
        hasWarnedOfMasked = true
        let lines = microBatches[masked].map { place($0).words }.joined(separator: ", ")
        try say(
            .warning(
                id: "masked_micro_batch",
                text:
                    "micro-batch \(masked + 1) of step \(state.globalStep) has no token to learn: every token of \(lines) is "
                    + "masked; `hone encode --show` prints the mask"))
    }

    private func place(_ row: Int) -> RowPlace {
        let example = rows[row]
        return RowPlace(line: example.line, isGeneral: example.stage == .general)
    }
}

/// Where a trained row comes from.
package struct RowPlace: Sendable, Hashable {
    package var line: Int
    /// From the general conversations that were mixed in.
    package var isGeneral: Bool

    package init(line: Int, isGeneral: Bool) { (self.line, self.isGeneral) = (line, isGeneral) }

    package var words: String { "line \(line)" + (isGeneral ? " of the general mix" : "") }
}

/// What made a loss or a gradient leave the finite range.
package enum Culprits: Sendable, Hashable {
    case unknown
    case rows([RowPlace])
    /// These rows, but none of them alone.
    case together([RowPlace])
    /// Any row does it.
    case weights
}
