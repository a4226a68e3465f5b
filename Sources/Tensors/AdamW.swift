internal import CKernels
import Foundation

/// AdamW as `torch.optim.AdamW` computes it (decoupled decay, epsilon outside the square root; arXiv 1711.05101).
package struct AdamW: Sendable {
    package var beta1: Double
    package var beta2: Double
    package var epsilon: Double

    package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    /// Updates `count` values and their two moments. `step` is 1 for the first update. Every gradient is multiplied by
    /// `gradientScale` first: 1 / target tokens of the step, times the clipping coefficient.
    package func update(
        _ count: Int, step: Int, learningRate: Double, weightDecay: Double, gradientScale: Double,
        gradient: ReadOnlyFloats, value: Floats, firstMoment: Floats, secondMoment: Floats
    ) {
        var settings = hone_adamw_step(
            learning_rate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
            weight_decay: Float(weightDecay), correction1: Float(1 - pow(beta1, Double(step))),
            correction2_sqrt: Float((1 - pow(beta2, Double(step))).squareRoot()), gradient_scale: Float(gradientScale))
        hone_adamw(count, &settings, gradient, value, firstMoment, secondMoment)
    }
}
