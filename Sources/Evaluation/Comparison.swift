import Glibc

/// Two arms on the same rows: how much better, how sure, and on which rows.
package struct Comparison: Sendable, Hashable {
    package enum Test: String, Sendable, Hashable {
        case mcNemar = "mcnemar_exact"
        case permutation = "paired_permutation"
    }

    package var metric: Metric
    /// The arm that is asked about, and the one it has to beat.
    package var arm: String
    package var baseline: String
    /// `arm` minus `baseline`, in the metric's own unit, over the rows both have.
    package var difference: Interval
    package var pValue: Double
    package var test: Test
    /// Rows by outcome, for metrics that are right or wrong per row.
    package var outcomes: Outcomes?
    /// The smallest difference this many rows could have shown, given how often the arms disagree; nil where they never
    /// do.
    package var detectable: Double?
    /// Rows on which the answer was better, worse, or equally good, by this metric.
    package var winRate: WinRate?

    package struct Outcomes: Sendable, Hashable {
        /// Wrong before, right now; right before, wrong now; right in both; wrong in both.
        package var fixed: Int
        package var broken: Int
        package var bothRight: Int
        package var bothWrong: Int

        package init(fixed: Int, broken: Int, bothRight: Int, bothWrong: Int) {
            self.fixed = fixed
            self.broken = broken
            self.bothRight = bothRight
            self.bothWrong = bothWrong
        }
    }

    package init(
        metric: Metric, arm: String, baseline: String, difference: Interval, pValue: Double, test: Test,
        outcomes: Outcomes? = nil, detectable: Double? = nil
    ) {
        self.metric = metric
        self.arm = arm
        self.baseline = baseline
        self.difference = difference
        self.pValue = pValue
        self.test = test
        self.outcomes = outcomes
        self.detectable = detectable
    }
}

extension Comparison {
    /// Rows after which a difference of this size would no longer look like chance. Nil where there is none to be seen, and
    /// where interval and test already disagree about these.
    package var rowsToSettle: Int? {
        SampleSize.toSettle(difference, bound: 0).flatMap { $0 > difference.n ? $0 : nil }
    }
}

extension Comparison {
    /// Nil where the metric has no per-item value or the arms share no row.
    package init?(_ metric: Metric, of arm: ArmResult, against baseline: ArmResult, bootstrap: Bootstrap = .init()) {
        let pairs = Self.pairs(metric, arm, baseline)
        let sums = ClusterSums(pairs.map { ($0.group, $0.now - $0.before, $0.weight) })
        guard let difference = bootstrap.interval(sums) else { return nil }
        let outcomes = metric.scale == .proportion ? Outcomes(pairs) : nil
        let isIndependent = !sums.isGrouped
        self.init(
            metric: metric, arm: arm.arm.name, baseline: baseline.arm.name, difference: difference,
            pValue: 1, test: .permutation, outcomes: outcomes)
        if let outcomes, isIndependent {
            test = .mcNemar
            pValue = PairedTest.mcNemar(onlyFirst: outcomes.fixed, onlySecond: outcomes.broken)
        } else {
            // Signs are flipped per group, because its rows move together.
            pValue = PairedTest.permutation(differences: sums.numerators, seed: bootstrap.seed)
        }
        winRate = metric.scale == .mean ? WinRate(metric, of: arm, against: baseline, bootstrap: bootstrap) : nil
        detectable = outcomes.flatMap { outcomes in
            let rows = outcomes.fixed + outcomes.broken + outcomes.bothRight + outcomes.bothWrong
            return DetectableEffect.paired(
                rows: rows, discordantShare: Double(outcomes.fixed + outcomes.broken) / Double(max(rows, 1)))
        }
    }

    fileprivate struct Pair {
        let group: String?
        let now: Double
        let before: Double
        let weight: Double
    }

    private static func pairs(_ metric: Metric, _ arm: ArmResult, _ baseline: ArmResult) -> [Pair] {
        let before = Dictionary(baseline.items.map { ($0.row, $0) }) { first, _ in first }
        return arm.items.compactMap { item in
            guard let other = before[item.row], let now = value(metric, item), let then = value(metric, other),
                now.weight == then.weight
            else { return nil }
            return Pair(group: item.group ?? other.group, now: now.sum, before: then.sum, weight: now.weight)
        }
    }

    private static func value(_ metric: Metric, _ item: ItemResult) -> (sum: Double, weight: Double)? {
        switch metric.scale {
        case .proportion, .mean: item.scores[metric].map { ($0, 1) }
        case .ratio where metric == .bitsPerByte: item.loss.map { ($0.sum / log(2), Double($0.bytes)) }
        case .corpus, .ratio: nil
        }
    }
}

extension Comparison.Outcomes {
    fileprivate init(_ pairs: [Comparison.Pair]) {
        self.init(fixed: 0, broken: 0, bothRight: 0, bothWrong: 0)
        for pair in pairs {
            switch (pair.before == 1, pair.now == 1) {
            case (false, true): fixed += 1
            case (true, false): broken += 1
            case (true, true): bothRight += 1
            case (false, false): bothWrong += 1
            }
        }
    }
}
