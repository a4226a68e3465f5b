package import ModelFiles
package import Plan

/// How long training will take, as a range.
package struct TimeEstimate: Sendable, Hashable {
    package let steps: Int
    package let tokensPerSecond: Double
    package let seconds: Double

    /// Whether the machine's speed was measured.
    package let isCalibrated: Bool

    /// Half and twice around the typical value until this machine's speed was measured; then a quarter.
    package var lowSeconds: Double { seconds / (isCalibrated ? 1.25 : 2) }
    package var highSeconds: Double { seconds * (isCalibrated ? 1.25 : 2) }

    package init(plan: RunPlan, shape: ModelShape, load: TrainingLoad, speed: TrainerSpeed, isCalibrated: Bool = false)
    {
        self.isCalibrated = isCalibrated
        let steps = plan.optimizerSteps(rows: load.rows, tokens: load.tokens)
        self.steps = steps
        let pass = plan.method.pass
        let targetShare = Double(load.targetTokens) / Double(max(1, load.tokens))
        let tokens = TimeEstimate.tokensPerPass(plan: plan, load: load)
        var step = StepWork(
            pass, shape, tokens: tokens, rowTokens: load.meanLength, targets: tokens * targetShare)
        // Computing activations again is a pass without targets.
        if plan.training.gradientCheckpointing {
            step = step + StepWork(.evaluation, shape, tokens: tokens, rowTokens: load.meanLength, targets: 0)
        }
        step = step * Double(plan.training.gradientAccumulationSteps)
        let counts = ParameterCounts(shape: shape, lora: plan.method.lora)
        step[.updates] = Double(plan.method.kind == .full ? counts.base : counts.adapter + counts.saved)

        let looks = plan.training.evalEvery.map { Double(steps / $0) } ?? 1
        let unseen = Double(load.validationTokens)
        let passesPerLook = unseen / max(1, tokens)
        var look = StepWork(
            .evaluation, shape, tokens: unseen, rowTokens: load.meanLength, targets: unseen * targetShare)
        look[.layers] *= passesPerLook

        let training = speed.seconds(for: step) * Double(steps)
        seconds = training + speed.seconds(for: look) * looks
        let total = tokens * Double(plan.training.gradientAccumulationSteps * steps)
        tokensPerSecond = training > 0 ? total / training : 0
    }

    private static func tokensPerPass(plan: RunPlan, load: TrainingLoad) -> Double {
        switch plan.training.batching {
        case .rows(let rows): Double(min(rows, load.rows)) * load.meanLength
        case .packed(let tokens): min(Double(tokens), Double(load.tokens))
        }
    }
}

extension Method {
    fileprivate var pass: StepWork.Pass {
        guard kind != .full else { return .full }
        return lora.map { .adapter($0) } ?? .full
    }
}
