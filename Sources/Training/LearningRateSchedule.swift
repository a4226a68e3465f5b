import Foundation
package import Plan

/// The learning rate of every optimizer step, as the Hugging Face schedules define it (`transformers.optimization`).
///
/// With w warmup steps of T in all, step s (0 for the first update) uses peak · λ(s): λ = s / w while warming up, then
/// linear (T − s) / (T − w), cosine ½ (1 + cos(π (s − w) / (T − w))), or 1.
package struct LearningRateSchedule: Sendable, Hashable {
    package var peak: Double
    package var kind: Schedule
    package var warmupSteps: Int
    package var totalSteps: Int

    package init(peak: Double, kind: Schedule, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.kind = kind
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    package func rate(atStep step: Int) -> Double {
        guard step >= warmupSteps else { return peak * Double(step) / Double(max(1, warmupSteps)) }
        let rest = Double(max(1, totalSteps - warmupSteps))
        switch kind {
        case .constant: return peak
        case .linear: return peak * max(0, Double(totalSteps - step) / rest)
        case .cosine: return peak * max(0, 0.5 * (1 + cos(Double.pi * Double(step - warmupSteps) / rest)))
        }
    }
}
