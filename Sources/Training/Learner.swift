import Plan
import Tensors
package import Transformer

/// A model that learns: one call is one optimizer step.
///
/// Every target token of a step weighs the same, whichever micro-batch it is in: the loss is the sum over the targets of
/// the whole step divided by their number, never a mean of means.
package final class Learner {
    package let model: LlamaModel
    package let optimizer: Optimizer
    package let schedule: LearningRateSchedule
    /// Gradients longer than this are scaled down to it; 0 switches clipping off.
    package let maxGradNorm: Double
    /// Optimizer steps taken so far.
    package var globalStep: Int

    package init(
        model: LlamaModel, optimizer: Optimizer, schedule: LearningRateSchedule, maxGradNorm: Double,
        globalStep: Int = 0
    ) {
        self.model = model
        self.optimizer = optimizer
        self.schedule = schedule
        self.maxGradNorm = maxGradNorm
        self.globalStep = globalStep
    }

    /// What one optimizer step did.
    package struct Outcome: Sendable, Hashable {
        /// Mean over the target tokens of the step, in nats.
        package var loss: Double
        package var targetTokens: Int
        /// Length of the mean gradient before clipping.
        package var gradNorm: Double
        package var learningRate: Double
        /// Micro-batches without a target token.
        package var maskedMicroBatches: [Int] = []
    }

    /// Forward and backward over the micro-batches, then one update.
    ///
    /// - Parameters:
    ///   - dropoutKeys: One key for each micro-batch.
    ///   - mayGoOn: Asked after each micro-batch; false gives the step up.
    /// - Throws: `LearningError` when no target counts or the numbers left the finite range, `StepGivenUp`; the weights are
    ///   untouched then.
    package func step(
        _ microBatches: [PackedBatch], dropoutKeys: [UInt64] = [], mayGoOn: () -> Bool = { true }
    ) throws -> Outcome {
        model.zeroGradients()
        var lossSum = 0.0
        var targetTokens = 0
        var masked: [Int] = []
        for (index, batch) in microBatches.enumerated() {
            let pass = try model.forwardBackward(batch, dropoutKey: index < dropoutKeys.count ? dropoutKeys[index] : 0)
            guard pass.lossSum.isFinite else {
                throw LearningError.lossNotFinite(microBatch: index, globalStep: globalStep)
            }
            lossSum += pass.lossSum
            targetTokens += pass.targetTokens
            if pass.targetTokens == 0 { masked.append(index) }
            guard mayGoOn() else { throw StepGivenUp() }
        }
        guard targetTokens > 0 else { throw LearningError.noTargets(globalStep: globalStep) }
        let mean = 1 / Double(targetTokens)
        let gradNorm = optimizer.gradientNorm() * mean
        guard gradNorm.isFinite else { throw LearningError.gradientNotFinite(globalStep: globalStep) }
        let clipping = maxGradNorm > 0 ? min(1, maxGradNorm / (gradNorm + 1e-6)) : 1
        let learningRate = schedule.rate(atStep: globalStep)
        optimizer.update(step: globalStep + 1, learningRate: learningRate, gradientScale: mean * clipping)
        globalStep += 1
        return Outcome(
            loss: lossSum * mean, targetTokens: targetTokens, gradNorm: gradNorm, learningRate: learningRate,
            maskedMicroBatches: masked)
    }
}

/// Why an optimizer step could not be taken.
package enum LearningError: Error, Sendable, Hashable {
    case noTargets(globalStep: Int)
    case lossNotFinite(microBatch: Int, globalStep: Int, culprits: Culprits = .unknown)
    case gradientNotFinite(globalStep: Int, culprits: Culprits = .unknown)
}

/// A step was not taken because it was not to go on.
package struct StepGivenUp: Error {}
