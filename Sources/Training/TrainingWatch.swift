package import Plan

/// Reads the losses of a run as they come, and says what a person should hear before the run is over. Each thing is said
/// once.
///
/// It changes nothing: what is trained does not depend on it.
package struct TrainingWatch: Sendable {
    private let limits: TrainingLimits
    private let warmupSteps: Int
    private var said: Set<String> = []
    /// The losses of the first steps and of the latest ones, as many as the window has.
    private var first: [Double] = []
    private var latest: [Double] = []
    private var lowest: (eval: EvalMetrics, trainingLoss: Double?)?
    private var looksAbove = 0

    /// - Parameter earlier: Events of this run from before it was resumed.
    package init(_ limits: TrainingLimits, warmupSteps: Int, earlier: EventLog = EventLog()) {
        self.limits = limits
        self.warmupSteps = warmupSteps
        said = Set(earlier.warnings.map(\.id))
        var evals = earlier.evals[...]
        for step in earlier.steps {
            _ = look(at: step)
            while let eval = evals.first, eval.globalStep <= step.globalStep {
                _ = look(at: eval)
                evals.removeFirst()
            }
        }
    }

    package mutating func look(at step: StepMetrics) -> [RunEvent] {
        let window = max(1, Int(limits.learningWindow))
        if first.count < window { first.append(step.loss) }
        latest.append(step.loss)
        if latest.count > window { latest.removeFirst() }
        var events: [RunEvent] = []
        if step.loss == 0 {
            events += say(
                "loss_zero",
                "the loss of step \(step.globalStep.number) is exactly 0: no token is left to learn from, or the loss mask is "
                    + "wrong; `hone encode --show` prints it")
        }
        if step.globalStep.number >= warmupSteps + 2 * window, latest.mean > first.mean * (1 - limits.learningFall) {
            events += say(
                "not_learning",
                "nothing is being learned: the mean loss of the last \(window) steps is \(latest.mean.short), that of the first "
                    + "\(window) was \(first.mean.short); look at `training.learning_rate` and at the loss mask")
        }
        return events
    }

    package mutating func look(at eval: EvalMetrics) -> [RunEvent] {
        let trainingLoss = latest.isEmpty ? nil : latest.mean
        guard let lowest, eval.loss >= lowest.eval.loss else {
            self.lowest = (eval, trainingLoss)
            looksAbove = 0
            return []
        }
        let isFar = eval.loss > lowest.eval.loss * (1 + limits.overfittingRise)
        let stillLearns = trainingLoss.flatMap { now in lowest.trainingLoss.map { now < $0 } } ?? false
        looksAbove = isFar && stillLearns ? looksAbove + 1 : 0
        guard looksAbove >= Int(limits.overfittingLooks) else { return [] }
        return say(
            "overfitting",
            "overfitting: the validation loss is \(eval.loss.short), at step \(lowest.eval.globalStep.number) it was "
                + "\(lowest.eval.loss.short), while the training loss still falls; fewer epochs, more rows, or "
                + "`training.early_stopping_patience`")
    }

    private mutating func say(_ id: String, _ text: String) -> [RunEvent] {
        said.insert(id).inserted ? [.warning(id: id, text: text)] : []
    }
}

extension [Double] {
    fileprivate var mean: Double { reduce(0, +) / Double(Swift.max(1, count)) }
}

extension Double {
    fileprivate var short: String { "\((self * 1000).rounded() / 1000)" }
}
