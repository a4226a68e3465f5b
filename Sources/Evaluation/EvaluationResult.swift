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
    package var items: Int { arms.map(\.items.count).max() ?? 0 }

    package func arm(named name: String) -> ArmResult? { arms.first { $0.arm.name == name } }
    package func arm(of kind: Arm.Kind) -> ArmResult? { arms.first { $0.arm.kind == kind } }

    package func comparison(_ metric: Metric, of arm: String, against baseline: String) -> Comparison? {
        comparisons.first { $0.metric == metric && $0.arm == arm && $0.baseline == baseline }
    }

    /// Arms with every trained one compared to every other on each metric that can be compared.
    package init(
        split: String, metrics: MetricSet, decoding: Decoding, arms: [ArmResult], probe: ProbeResult? = nil,
        bootstrap: Bootstrap = .init()
    ) {
        let comparable = metrics.all.filter { $0.direction != .descriptive }
        var comparisons: [Comparison] = []
        for arm in arms where arm.arm.kind.isTrained {
            for baseline in arms where !baseline.arm.kind.isTrained {
                comparisons += comparable.compactMap {
                    Comparison($0, of: arm, against: baseline, bootstrap: bootstrap)
                }
            }
        }
        self.init(
            split: split, metrics: metrics, decoding: decoding, arms: arms, comparisons: comparisons, probe: probe)
    }
}
