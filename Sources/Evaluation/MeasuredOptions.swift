/// What the figures of an evaluation say about the choice between cheaper options and a fine-tune.
package struct MeasuredOptions: Sendable {
    /// The means a rule book knows: what a winning arm stands for.
    package enum Means: String, Sendable, Hashable { case prompting, few_shot, constrained_output, rag }

    /// The primary metric's value that counts as success.
    package let target: Double?
    /// The best arm on the model in question that trains nothing, and what it stands for. Nil where that model was not asked.
    package let bestCheap: (arm: ArmResult, means: Means)?
    package let classifier: ArmResult?
    package let tuned: ArmResult?
    /// The tuned model against the best arm that trains no language model.
    package let gain: Comparison?
    /// What training on parts of the rows scored, on the model in question.
    package let curve: LearningCurve?
    private let primary: Metric
    private let tunedIsInQuestion: Bool

    /// - Parameter modelInQuestion: Its name, where it was given; else a model folder on this machine is it. The practice
    ///   model never is.
    package init(_ result: EvaluationResult, target: Double?, modelInQuestion: String?) {
        self.target = target
        primary = result.metrics.primary
        func isInQuestion(_ arm: Arm) -> Bool {
            guard !arm.isPracticeModel, !arm.kind.isFloor else { return false }
            if let modelInQuestion { return arm.model == modelInQuestion }
            return arm.kind != .outputs && arm.kind != .endpoint
        }
        let cheap = result.arms.filter { isInQuestion($0.arm) && Means($0.arm.kind) != nil }
        bestCheap = EvaluationResult.best(of: cheap, primary).flatMap { arm in Means(arm.arm.kind).map { (arm, $0) } }
        classifier = result.arm(of: .classifier)
        let tuned = result.arm(of: .tuned) ?? result.arms.last { $0.arm.kind == .probe }
        self.tuned = tuned
        tunedIsInQuestion = tuned.map { isInQuestion($0.arm) } ?? false
        curve = tunedIsInQuestion ? result.curve : nil
        let rivals = cheap + [classifier].compactMap(\.self)
        gain = EvaluationResult.best(of: rivals, primary).flatMap { rival in
            tuned.flatMap { Comparison(result.metrics.primary, of: $0, against: rival) }
        }
    }

    /// What the model in question was measured to do decides; anything else informs.
    package var isOnModelInQuestion: Bool { bestCheap != nil || tunedIsInQuestion }

    /// Nil where the interval lies on both sides of the target, or there is none.
    package func reachesTarget(_ arm: ArmResult?) -> Bool? {
        guard let target, let figure = arm?.figures[primary], primary.direction == .higherIsBetter else { return nil }
        if figure.low >= target { return true }
        return figure.high < target ? false : nil
    }

    package func score(_ arm: ArmResult?) -> Double? { arm?.figures[primary]?.value }

    /// Lower end of the gain in points, where the tuned model is the one in question.
    package var gainLowPoints: Double? {
        guard tunedIsInQuestion, let gain, primary.direction == .higherIsBetter else { return nil }
        return gain.difference.low * 100
    }

    /// Rows that would settle whether the arm that matters reaches the target. Nil where that is settled or nothing hangs
    /// on it.
    package var rowsToSettle: Int? {
        guard let target, let arm = bestCheap?.arm ?? classifier, reachesTarget(arm) == nil,
            let figure = arm.figures[primary]
        else { return nil }
        return SampleSize.toSettle(figure, bound: target)
    }
}

extension MeasuredOptions.Means {
    /// Nil for arms that are no way of putting a language model to work as it is.
    package init?(_ kind: Arm.Kind) {
        switch kind {
        case .base, .instructed, .outputs, .endpoint: self = .prompting
        case .fewShot: self = .few_shot
        case .constrained: self = .constrained_output
        case .retrieval: self = .rag
        case .majority, .echo, .nearestNeighbour, .classifier, .probe, .tuned, .tunedWithRetrieval: return nil
        }
    }
}

/// How many rows a question takes.
package enum SampleSize {
    /// Rows after which an interval like this one would lie on one side of `bound`, if the value stayed where it is. Widths
    /// shrink with the square root of the rows. Nil where the value is the bound itself: no number of rows would settle it.
    package static func toSettle(_ figure: Interval, bound: Double) -> Int? {
        let distance = abs(figure.value - bound)
        guard distance > 0 else { return nil }
        let half = figure.value > bound ? figure.value - figure.low : figure.high - figure.value
        let factor = (half / distance) * (half / distance)
        let rows = (Double(figure.n) * factor).rounded(.up)
        return rows < 1e9 ? max(figure.n, Int(rows)) : nil
    }
}
