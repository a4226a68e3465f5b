/// What an engine reports while it runs: one per line of `events.jsonl`.
///
/// The bundled trainer and the TRL script speak the same events; progress, registry, charts and report read nothing else.
package enum RunEvent: Sendable, Hashable {
    case started(RunStart)
    case step(StepMetrics)
    case eval(EvalMetrics)
    case checkpoint(path: String, globalStep: GlobalStep)
    case warning(id: String, text: String)
    case finished(RunFinish)
    case failed(error: String, hint: String?)
}

/// What is about to be trained.
package struct RunStart: Sendable, Hashable {
    package var engine: EngineKind
    package var totalSteps: Int
    /// Tokens of a step on average, from which the time left is told; nil where an engine does not say.
    package var meanStepTokens: Double?
    package var trainableParameters: Int
    package var trainExamples: Int
    /// General conversations mixed in beside the examples.
    package var generalExamples: Int
    package var validationExamples: Int
    package var threads: Int
    /// The instruction set the kernels chose, e.g. `avx512_bf16`.
    package var instructionSet: String
    /// The step training continues from; nil for a fresh start.
    package var resumedFrom: GlobalStep?

    package init(
        engine: EngineKind, totalSteps: Int, meanStepTokens: Double? = nil, trainableParameters: Int, trainExamples: Int,
        generalExamples: Int = 0, validationExamples: Int, threads: Int, instructionSet: String, resumedFrom: GlobalStep? = nil
    ) {
        self.engine = engine
        self.totalSteps = totalSteps
        self.meanStepTokens = meanStepTokens
        self.trainableParameters = trainableParameters
        self.trainExamples = trainExamples
        self.generalExamples = generalExamples
        self.validationExamples = validationExamples
        self.threads = threads
        self.instructionSet = instructionSet
        self.resumedFrom = resumedFrom
    }
}

/// One optimizer step.
package struct StepMetrics: Sendable, Hashable {
    package var globalStep: GlobalStep
    package var epoch: Double
    /// Mean loss per target token of the whole step, in nats.
    package var loss: Double
    package var learningRate: Double
    /// Length of the gradient before clipping.
    package var gradNorm: Double
    /// Tokens and target tokens of this step.
    package var tokens: TokenCount
    package var targetTokens: TokenCount
    package var tokensPerSecond: Double
    package var peakRSS: ByteCount

    package init(
        globalStep: GlobalStep, epoch: Double, loss: Double, learningRate: Double, gradNorm: Double, tokens: TokenCount,
        targetTokens: TokenCount, tokensPerSecond: Double, peakRSS: ByteCount
    ) {
        self.globalStep = globalStep
        self.epoch = epoch
        self.loss = loss
        self.learningRate = learningRate
        self.gradNorm = gradNorm
        self.tokens = tokens
        self.targetTokens = targetTokens
        self.tokensPerSecond = tokensPerSecond
        self.peakRSS = peakRSS
    }
}

/// One look at the validation rows.
package struct EvalMetrics: Sendable, Hashable {
    package var globalStep: GlobalStep
    /// Mean loss per target token, in nats; perplexity is its exponential.
    package var loss: Double
    package var perplexity: Double
    /// The task metric on the validation rows, where early stopping goes by one.
    package var score: Double?

    package init(globalStep: GlobalStep, loss: Double, perplexity: Double) {
        self.globalStep = globalStep
        self.loss = loss
        self.perplexity = perplexity
    }
}

/// How training ended when nothing went wrong.
package struct RunFinish: Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case completed
        case earlyStopping = "early_stopping"
        /// Asked to save and stop; `hone train --resume` continues.
        case stopped
        /// Saved and stopped by itself, because there was no more memory to use; can be resumed.
        case memoryLimit = "memory_limit"

        /// Whether there is nothing left to train.
        package var isEnd: Bool { self == .completed || self == .earlyStopping }
    }

    package var reason: Reason
    package var globalStep: GlobalStep
    package var seconds: Double
    package var peakRSS: ByteCount

    package init(reason: Reason, globalStep: GlobalStep, seconds: Double, peakRSS: ByteCount) {
        self.reason = reason
        self.globalStep = globalStep
        self.seconds = seconds
        self.peakRSS = peakRSS
    }
}
