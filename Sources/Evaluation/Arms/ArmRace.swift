package import Transformer

/// Runs arms one after the other, cheapest first, within a budget, and stops when the answer can no longer change.
package struct ArmRace {
    package let suite: ArmSuite
    /// The same arms over every row, where the data is small; an arm that would not fit the budget so is asked the held-out
    /// rows alone.
    package var folds: ArmFolds?
    /// Seconds there are for all arms together.
    package var budget: Double?
    /// The value of the primary metric that counts as success.
    package var target: Double?
    /// The model is the one in question: what it reaches decides.
    package var isModelInQuestion = false

    package private(set) var results: [ArmResult] = []
    package private(set) var skipped: [SkippedArm] = []
    private let primary: Metric
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var secondsPerToken: Double?

    package init(_ suite: ArmSuite, primary: Metric, budget: Double? = nil, target: Double? = nil) {
        self.suite = suite
        self.primary = primary
        self.budget = budget
        self.target = target
        start = clock.now
    }

    /// The arms among `kinds` that apply; `model` gives the weights for each.
    package mutating func run(_ kinds: [Arm.Kind], _ model: (Arm.Kind) throws -> LlamaModel) throws {
        let wanted = ArmSuite.order.filter(kinds.contains)
        for (place, kind) in wanted.enumerated() {
            guard suite.applies(kind) else {
                skipped.append(SkippedArm(kind: kind, reason: .notApplicable))
                continue
            }
            if let winner = decisive, !kind.isFloor {
                skipped.append(SkippedArm(kind: kind, reason: .notNeeded(because: winner.arm.name)))
                continue
            }
            // Nothing is known yet about this model's speed: two rows tell, before an arm could take hours.
            if budget != nil, secondsPerToken == nil, suite.tokens(kind) > 0 {
                secondsPerToken = try suite.secondsPerToken(try model(kind))
            }
            // Every row for one arm must not cost another arm its place: all are asked the held-out rows first of all.
            let later = wanted[(place + 1)...].filter(suite.applies).reduce(0) { $0 + suite.tokens($1) }
            let fitting = folds.flatMap { folds in
                folds.applies(kind) && fits(folds.tokens(kind) + later) ? folds : nil
            }
            guard fitting != nil || fits(suite.tokens(kind)) else {
                let left = (budget ?? 0) - elapsed
                skipped.append(
                    SkippedArm(kind: kind, reason: .budget(needs: seconds(suite.tokens(kind)), left: max(0, left))))
                continue
            }
            let began = clock.now
            guard let result = try fitting?.run(kind, try model(kind)) ?? suite.run(kind, try model(kind)) else {
                skipped.append(SkippedArm(kind: kind, reason: .notApplicable))
                continue
            }
            let tokens = fitting?.tokens(kind) ?? suite.tokens(kind)
            if tokens > 0 { secondsPerToken = (clock.now - began) / .seconds(1) / Double(tokens) }
            results.append(result)
        }
    }

    /// What so many tokens take at the speed of the last arm; 0 before one was asked.
    private func seconds(_ tokens: Int) -> Double { (secondsPerToken ?? 0) * Double(tokens) }

    private func fits(_ tokens: Int) -> Bool {
        let needs = seconds(tokens)
        return budget.map { needs <= $0 - elapsed } ?? true
    }

    package mutating func add(_ result: ArmResult) { results.append(result) }

    /// Seconds since the race began.
    package var elapsed: Double { (clock.now - start) / .seconds(1) }

    /// An arm whose whole interval lies at or above the target ends the race: dearer arms cannot make it wrong.
    private var decisive: ArmResult? {
        guard let target, primary.direction == .higherIsBetter else { return nil }
        return results.first { result in
            let couldDecide =
                result.arm.kind == .classifier || (isModelInQuestion && MeasuredOptions.Means(result.arm.kind) != nil)
            return couldDecide && (result.figures[primary]?.low ?? -.infinity) >= target
        }
    }
}

/// An arm that was wanted and has no figures, and why.
package struct SkippedArm: Sendable, Hashable {
    package let kind: Arm.Kind
    package let reason: ArmSuite.Skip

    package init(kind: Arm.Kind, reason: ArmSuite.Skip) {
        self.kind = kind
        self.reason = reason
    }
}
