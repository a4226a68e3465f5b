/// Every arm on the same held-out items, with everything a reviewer needs to recompute the figures.
package struct EvaluationResult: Sendable, Hashable {
    /// The part of the data the items come from: `test`, `validation`.
    package var split: String
    package var metrics: MetricSet
    package var decoding: Decoding
    package var arms: [ArmResult]
    package var comparisons: [Comparison]
    /// General knowledge before and after; nil where it was not asked.
    package var probe: ProbeResult?
    /// The same arms on the rows their owner marked `real`; empty where none or all are.
    package var real: [ArmResult] = []
    /// Arms that were wanted and have no figures.
    package var skipped: [SkippedArm] = []
    /// The smallest difference these rows were said to be able to show before anything was computed.
    package var detectableBefore: Double?
    /// What training on parts of the rows scored, where probes were trained.
    package var curve: LearningCurve?
    /// How often the tuned model could be led astray; nil where it was not tried.
    package var safety: SafetyResult?
    /// Whether training rows can be told or drawn out; nil where it was not tried.
    package var memorisation: MemorisationProbe?
    /// The same arms on the held-out rows without a near copy among the training rows; empty where all or none are such.
    package var clean: [ArmResult] = [] {
        didSet { cleanItems = clean.first?.items.count ?? cleanItems }
    }
    /// Rows of that part; the items themselves are those of the arms.
    package internal(set) var cleanItems = 0

    package init(
        split: String, metrics: MetricSet, decoding: Decoding, arms: [ArmResult], comparisons: [Comparison],
        probe: ProbeResult? = nil
    ) {
        self.split = split
        self.metrics = metrics
        self.decoding = decoding
        self.arms = arms
        self.comparisons = comparisons
        self.probe = probe
    }

    /// How text was generated, alike for every arm: other settings give other scores.
    package struct Decoding: Sendable, Hashable {
        package var maxNewTokens: Int
        package var batchSize: Int
        /// `greedy` is the only way scores are made; sampling would add noise to every comparison.
        package var sampling: String

        package init(maxNewTokens: Int, batchSize: Int, sampling: String = "greedy") {
            self.maxNewTokens = maxNewTokens
            self.batchSize = batchSize
            self.sampling = sampling
        }
    }
}

extension EvaluationResult {
    /// Rows of the split. Arms measured in folds answered more.
    package var items: Int {
        arms.filter { $0.folds == nil }.map(\.items.count).max() ?? arms.map(\.items.count).max() ?? 0
    }
    /// Arms that answered every row of the data, part by part.
    package var folded: [ArmResult] { arms.filter { $0.folds != nil } }

    package func arm(named name: String) -> ArmResult? { arms.first { $0.arm.name == name } }
    package func arm(of kind: Arm.Kind) -> ArmResult? { arms.first { $0.arm.kind == kind } }

    /// The arm with the best value of a metric; of equal ones the first.
    package static func best(of arms: [ArmResult], _ metric: Metric) -> ArmResult? {
        var best: (arm: ArmResult, value: Double)?
        for arm in arms {
            guard let figure = arm.figures[metric] else { continue }
            let value = metric.direction == .lowerIsBetter ? -figure.value : figure.value
            if value > best?.value ?? -.infinity { best = (arm, value) }
        }
        return best?.arm
    }

    package func comparison(_ metric: Metric, of arm: String, against baseline: String) -> Comparison? {
        comparisons.first { $0.metric == metric && $0.arm == arm && $0.baseline == baseline }
    }

    /// Arms with every trained one compared to the base on each metric that can be compared, and the best of those that
    /// train nothing compared to every other arm on the primary metric.
    package init(
        split: String, metrics: MetricSet, decoding: Decoding, arms: [ArmResult], probe: ProbeResult? = nil,
        bootstrap: Bootstrap = .init()
    ) {
        let comparable = metrics.all.filter { $0.direction != .descriptive }
        var comparisons: [Comparison] = []
        let probes = arms.filter { $0.arm.kind == .probe }, finished = arms.filter { $0.arm.kind.isTrained && $0.arm.kind != .probe }
        // Probes make a curve; where nothing else was trained, the one on all rows stands for a fine-tune.
        for arm in finished.isEmpty ? Array(probes.suffix(1)) : finished {
            for baseline in arms where !baseline.arm.kind.isTrained {
                let isMain = baseline.arm.kind == .base
                comparisons += (isMain ? comparable : [metrics.primary]).compactMap {
                    Comparison($0, of: arm, against: baseline, bootstrap: bootstrap)
                }
            }
        }
        if let best = Self.best(of: arms.filter { !$0.arm.kind.isTrained }, metrics.primary) {
            for other in arms where !other.arm.kind.isTrained && other.arm.name != best.arm.name {
                comparisons += [Comparison(metrics.primary, of: best, against: other, bootstrap: bootstrap)]
                    .compactMap(\.self)
            }
        }
        self.init(
            split: split, metrics: metrics, decoding: decoding, arms: arms, comparisons: comparisons, probe: probe)
    }
}
