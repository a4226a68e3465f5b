/// How often one arm's answer is better than another's to the same row, worse, or equally good.
package struct WinRate: Sendable, Hashable {
    package var wins: Int
    package var ties: Int
    package var losses: Int
    /// Wins and half of the ties, as a share of the rows.
    package var share: Interval
    /// Two-sided sign test over the rows that are no ties; over groups of rows where rows belong to groups.
    package var pValue: Double

    package init(wins: Int, ties: Int, losses: Int, share: Interval, pValue: Double) {
        self.wins = wins
        self.ties = ties
        self.losses = losses
        self.share = share
        self.pValue = pValue
    }

    /// - Parameter outcomes: 1 for a win, 0.5 for a tie, 0 for a loss, with the group of the row. Nil without any.
    package init?(_ outcomes: [(group: String?, value: Double)], bootstrap: Bootstrap = .init()) {
        let sums = ClusterSums(outcomes.map { ($0.group, $0.value, 1) })
        guard let share = bootstrap.interval(sums) else { return nil }
        let wins = outcomes.count { $0.value > 0.5 }, losses = outcomes.count { $0.value < 0.5 }
        let ahead = zip(sums.numerators, sums.denominators).map { $0 - $1 / 2 }
        self.init(
            wins: wins, ties: outcomes.count - wins - losses, losses: losses, share: share,
            pValue: PairedTest.mcNemar(onlyFirst: ahead.count { $0 > 0 }, onlySecond: ahead.count { $0 < 0 }))
    }

    /// By a metric that is defined for a single row. A score has no order of presentation, so nothing can flip.
    package init?(_ metric: Metric, of arm: ArmResult, against baseline: ArmResult, bootstrap: Bootstrap = .init()) {
        let before = Dictionary(baseline.items.map { ($0.row, $0) }) { first, _ in first }
        let sign = metric.direction == .lowerIsBetter ? -1.0 : 1
        self.init(
            arm.items.compactMap { item in
                guard let now = item.scores[metric], let then = before[item.row]?.scores[metric] else { return nil }
                let gain = sign * (now - then)
                return (item.group, gain > 0 ? 1 : gain < 0 ? 0 : 0.5)
            }, bootstrap: bootstrap)
    }
}
