/// Learning rate by share of the budget: warmup, a plateau, then a straight line down to a twentieth.
///
/// A plateau with a late decay needs no known end: the budget may be changed on resuming until the decay has begun.
struct PretrainingSchedule {
    var peak: Double
    var warmupSteps: Int
    /// Share of the budget at which the decay begins.
    var decayFrom: Double

    func learningRate(step: Int, progress: Double) -> Double {
        let warmup = min(1, Double(step + 1) / Double(warmupSteps))
        let decay = progress < decayFrom ? 1 : max(0.05, (1 - progress) / (1 - decayFrom))
        return peak * warmup * decay
    }
}
