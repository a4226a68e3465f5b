import Evaluation
import Transformer

/// The arms of a learning curve: the same training on growing parts of the rows, the smallest first, within a time.
struct LearningCurveArms {
    let probes: ProbeTraining
    let model: (name: String, isPractice: Bool)
    let metric: Metric
    /// Asks a trained model the held-out rows.
    let ask: (Arm, LlamaModel) throws -> ArmResult
    /// Seconds for all parts together; nil for as long as it takes.
    var budget: Double?
    /// What training on all rows took and its arm, where that was done before.
    var whole: (seconds: Double, arm: ArmResult)?

    private(set) var arms: [ArmResult] = []
    private(set) var skipped: [SkippedArm] = []
    private var points: [(rows: Int, result: ArmResult)] = []

    init(
        _ probes: ProbeTraining, model: (name: String, isPractice: Bool), metric: Metric, budget: Double?,
        whole: (seconds: Double, arm: ArmResult)? = nil, ask: @escaping (Arm, LlamaModel) throws -> ArmResult
    ) {
        (self.probes, self.model, self.metric, self.budget, self.whole, self.ask) = (
            probes, model, metric, budget, whole, ask
        )
    }

    /// - Returns: Nil where fewer than three parts could be trained, or the metric is no share of right answers.
    mutating func measure(target: Double?) throws -> LearningCurve? {
        guard metric.scale == .proportion || metric.scale == .mean, probes.rows(percent: ProbeTraining.parts[0]) > 1 else {
            skipped.append(SkippedArm(kind: .probe, reason: .notApplicable))
            return nil
        }
        let clock = ContinuousClock(), start = clock.now
        func elapsed() -> Double { (clock.now - start) / .seconds(1) }
        let percents = ProbeTraining.parts + (whole == nil ? [100] : [])
        var perPercent = whole.map { $0.seconds / 100 }
        for (place, percent) in percents.enumerated() {
            // Where training was timed before, parts are not begun that could not all be finished.
            let ahead = whole == nil ? percent : percents[place...].reduce(0, +)
            if let budget, let perPercent, perPercent * Double(ahead) > budget - elapsed() {
                skipped.append(
                    SkippedArm(
                        kind: .probe,
                        reason: .budget(needs: perPercent * Double(ahead), left: max(0, budget - elapsed()))))
                return nil
            }
            let began = elapsed()
            let arm = Arm(
                name: "probe_\(percent)", kind: .probe, model: model.name, isPracticeModel: model.isPractice,
                detail: "\(percent) % of the rows")
            guard let result = try probes.measured(percent: percent, { try ask(arm, $0) }) else {
                skipped.append(SkippedArm(kind: .probe, reason: .notApplicable))
                return nil
            }
            perPercent = (elapsed() - began) / Double(percent)
            arms.append(result)
            points.append((probes.rows(percent: percent), result))
        }
        if let whole { points.append((probes.rows(percent: 100), whole.arm)) }
        return LearningCurve(metric, of: points, target: target)
    }
}
