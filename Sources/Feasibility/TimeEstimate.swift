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

    /// `rate`: floating-point operations per second that matrix products reach here, by all threads of the plan.
    package init(plan: RunPlan, shape: ModelShape, load: TrainingLoad, rate: Double, isCalibrated: Bool = false) {
        self.isCalibrated = isCalibrated
        let steps = plan.optimizerSteps(rows: load.rows, tokens: load.tokens)
        let stepTokens = TimeEstimate.tokensPerStep(plan: plan, load: load)
        let total = stepTokens * Double(steps)
        let perToken = TimeEstimate.operations(plan: plan, shape: shape, load: load)
        let forward = TimeEstimate.forwardOperations(shape: shape, load: load)
        let looks = plan.training.evalEvery.map { Double(steps / $0) } ?? 1
        let seconds =
            (total * perToken + looks * Double(load.validationTokens) * forward) / (rate * TimeEstimate.matrixShare)
        self.steps = steps
        self.seconds = seconds
        tokensPerSecond = seconds > 0 ? total / seconds : 0
    }

    /// Operations per trained token: forward, and backward through the frozen weights (inputs' gradients only) or, in
    /// full training, through both factors of every product.
    static func operations(plan: RunPlan, shape: ModelShape, load: TrainingLoad) -> Double {
        let counts = ParameterCounts(shape: shape, lora: plan.method.lora)
        let backward = plan.method.kind == .full ? 2.0 : 1.0
        return forwardOperations(shape: shape, load: load) * (1 + backward) + 6 * Double(counts.adapter)
    }

    private static func forwardOperations(shape: ModelShape, load: TrainingLoad) -> Double {
        let counts = ParameterCounts(shape: shape, lora: nil)
        let attention = 2 * load.meanLength * Double(shape.attentionHeadCount * shape.headSize * shape.layerCount)
        let targetShare = Double(load.targetTokens) / Double(max(1, load.tokens))
        let head = 2 * targetShare * Double(shape.vocabularySize * shape.hiddenSize)
        return 2 * Double(counts.blocks) + attention + head
    }

    private static func tokensPerStep(plan: RunPlan, load: TrainingLoad) -> Double {
        let perMicroBatch: Double =
            switch plan.training.batching {
            case .rows(let rows): Double(min(rows, load.rows)) * load.meanLength
            case .packed(let tokens): min(Double(tokens), Double(load.tokens))
            }
        return perMicroBatch * Double(plan.training.gradientAccumulationSteps)
    }

    /// The part of a step that is spent in matrix products; the rest is norms, attention, loss and waiting.
    private static let matrixShare = 0.6
}
