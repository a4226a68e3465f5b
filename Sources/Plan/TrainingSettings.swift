/// Everything the trainer needs to know about one run, apart from model, method and data.
package struct TrainingSettings: Sendable, Hashable {
    /// Rows longer than this are cut, counted and listed; rows left without a target are dropped, counted and listed.
    package var maxLength = 1024
    /// Learn to write the requests too, not only the answers.
    package var lossOnPrompts = false
    package var batching = Batching.rows(8)
    /// How TRL joins rows; counts with `compat: trl` and packing only.
    package var packingStrategy = PackingStrategy.bfd
    package var gradientAccumulationSteps = 1
    package var duration = Duration.epochs(3)
    package var optimizer = OptimizerKind.adamw
    /// The peak of the schedule.
    package var learningRate = 2e-4
    package var adamBeta1 = 0.9
    package var adamBeta2 = 0.999
    package var adamEpsilon = 1e-8
    package var schedule = Schedule.linear
    package var warmup = Warmup.share(0.03)
    package var weightDecay = 0.0
    /// Gradients longer than this are scaled down to it; 0 switches clipping off.
    package var maxGradNorm = 1.0
    package var precision = Precision.fp32
    package var gradientCheckpointing = false
    package var sharePrefixes = false
    package var shuffle = true
    package var curriculum = Curriculum.none
    package var seed: Int = 42
    package var threads = 1
    package var memoryLimit: ByteCount?
    /// Optimizer steps between two looks at the validation rows; nil means at the end only.
    package var evalEvery: Int?
    /// Optimizer steps between two checkpoints; nil means at the end only.
    package var saveEvery: Int?
    /// Older checkpoints beyond this many are removed; nil keeps all of them.
    package var saveTotalLimit: Int?
    /// Evaluations without improvement before training stops; nil never stops early.
    package var earlyStoppingPatience: Int?
    /// `loss` (validation loss, lower is better) or the id of a task metric (higher is better).
    package var earlyStoppingMetric = "loss"
    package var neftuneAlpha: Double?

    package init() {}
}

/// What one pass through the model holds.
package enum Batching: Sendable, Hashable {
    /// A fixed number of rows (`packing: false`, `micro_batch`).
    case rows(Int)
    /// As many whole rows as fit this many tokens, isolated from each other (`packing: true`, `tokens_per_micro_batch`).
    case packed(tokens: Int)
}

/// How TRL joins rows to sequences of the maximum length (`packing_strategy`).
package enum PackingStrategy: String, Sendable, Hashable, CaseIterable {
    /// Best fit decreasing: whole rows, kept apart.
    case bfd
    /// One behind the other, cut wherever the length is reached; rows see what stands before them.
    case wrapped
}

/// How long training lasts.
package enum Duration: Sendable, Hashable {
    case epochs(Double)
    case steps(Int)
}

/// The rising part of the learning-rate schedule: a number of optimizer steps, or a share of all of them.
package enum Warmup: Sendable, Hashable {
    case steps(Int)
    case share(Double)

    /// Rounded up like Hugging Face's `warmup_ratio`.
    package func steps(of total: Int) -> Int {
        switch self {
        case .steps(let count): count
        case .share(let share): Int((share * Double(total)).rounded(.up))
        }
    }
}

package enum OptimizerKind: String, Sendable, Hashable, CaseIterable { case adamw }

/// What happens to the learning rate after warmup: falls to zero in a line, along half a cosine, or stays.
package enum Schedule: String, Sendable, Hashable, CaseIterable { case linear, cosine, constant }

/// The number format of products and saved activations.
package enum Precision: String, Sendable, Hashable, CaseIterable { case fp32, bf16, fp16 }

/// The order of the rows: as shuffled, or general rows first, then domain, then format-heavy ones.
package enum Curriculum: String, Sendable, Hashable, CaseIterable {
    case none
    case generalToFormat = "general_to_format"
}
