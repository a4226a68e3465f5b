package import Plan

/// How long a training still takes, told from the steps seen so far.
///
/// Steps differ in length, so what is done counts by its tokens. The first step also makes the buffers it uses, so time is
/// counted from its end.
package struct TimeLeft: Sendable {
    private let totalSteps: Int
    private let meanStepTokens: Double?
    private var first: Double?
    private var last: (step: Int, time: Double) = (0, 0)
    /// Steps of the usual length that were done since the first.
    private var done = 0.0

    package init(_ start: RunStart) {
        totalSteps = start.totalSteps
        meanStepTokens = start.meanStepTokens.flatMap { $0 > 0 ? $0 : nil }
    }

    /// - Parameter time: Seconds on any clock when the step was over.
    package mutating func add(_ step: StepMetrics, at time: Double) {
        if first == nil { first = time } else { done += meanStepTokens.map { Double(step.tokens.tokens) / $0 } ?? 1 }
        last = (step.globalStep.number, time)
    }

    /// Nil until the second step is over.
    package var seconds: Double? {
        guard let first, done > 0 else { return nil }
        return (last.time - first) / done * Double(max(0, totalSteps - last.step))
    }
}
