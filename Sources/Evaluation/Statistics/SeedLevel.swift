/// The same plan trained with several seeds, measured on the same rows: a figure that holds for the way of training and not
/// only for one run of it.
///
/// In each round of the bootstrap runs are drawn first, then rows, and the drawn rows are the same for every drawn run, because
/// a hard row is hard for all of them. With few runs the spread between them is itself known badly: three are the least.
package struct SeedLevel: Sendable, Hashable {
    /// One value per run, in the order of the runs.
    package let values: [Double]
    /// The mean over runs and rows.
    package let mean: Interval
    package var lowest: Double { values.min() ?? mean.value }
    package var highest: Double { values.max() ?? mean.value }

    /// - Parameter runs: One arm of each run. Only rows all of them answered count.
    /// - Returns: Nil for a metric without per-row values, and where the runs share no row.
    package init?(_ metric: Metric, _ runs: [ArmResult], bootstrap: Bootstrap = .init()) {
        guard let table = SharedScores(metric, [runs]) else { return nil }
        values = table.means[0]
        mean = table.interval(bootstrap) { $0[0] }
    }

    /// How much better the runs of one way of training are than those of another: both drawn anew, on the same rows.
    package static func difference(
        _ metric: Metric, of runs: [ArmResult], against others: [ArmResult], bootstrap: Bootstrap = .init()
    ) -> Interval? {
        SharedScores(metric, [runs, others])?.interval(bootstrap) { $0[0] - $0[1] }
    }
}

/// Scores by set of runs, run and group of rows.
private struct SharedScores {
    private var sums: [[[Double]]]
    private var sizes: [Double] = []
    private var items = 0

    init?(_ metric: Metric, _ sets: [[ArmResult]]) {
        guard metric.scale == .proportion || metric.scale == .mean, sets.allSatisfy({ !$0.isEmpty }) else { return nil }
        let scores = sets.map { runs in
            runs.map { run in
                Dictionary(run.items.compactMap { item in item.scores[metric].map { (item.row, $0) } }) { first, _ in first }
            }
        }
        sums = sets.map { $0.map { _ in [] } }
        var places: [String: Int] = [:]
        for item in sets[0][0].items where scores.allSatisfy({ $0.allSatisfy { $0[item.row] != nil } }) {
            items += 1
            let place = item.group.flatMap { places[$0] } ?? sizes.count
            if place == sizes.count {
                sizes.append(0)
                for set in sums.indices { for run in sums[set].indices { sums[set][run].append(0) } }
                if let group = item.group { places[group] = place }
            }
            sizes[place] += 1
            for set in sums.indices {
                for run in sums[set].indices { sums[set][run][place] += scores[set][run][item.row] ?? 0 }
            }
        }
        guard items > 0 else { return nil }
    }

    var means: [[Double]] { sums.map { $0.map { $0.reduce(0, +) / Double(items) } } }

    /// - Parameter figure: Of the mean of each set.
    func interval(_ bootstrap: Bootstrap, _ figure: ([Double]) -> Double) -> Interval {
        var generator = ResamplingGenerator(seed: bootstrap.seed)
        var times = [Double](repeating: 0, count: sizes.count)
        let rounds = (0..<bootstrap.rounds / 5).map { _ in
            for place in times.indices { times[place] = 0 }
            for _ in times.indices { times[generator.next(below: times.count)] += 1 }
            let all = zip(times, sizes).reduce(0) { $0 + $1.0 * $1.1 }
            let drawn = sums.map { runs in
                let totals = runs.indices.map { _ in
                    zip(times, runs[generator.next(below: runs.count)]).reduce(0) { $0 + $1.0 * $1.1 }
                }
                return totals.reduce(0, +) / Double(runs.count) / max(all, 1)
            }
            return figure(drawn)
        }
        let ends = Bootstrap.percentileEnds(rounds)
        return Interval(
            value: figure(means.map { $0.reduce(0, +) / Double($0.count) }), low: ends.low, high: ends.high, n: items,
            clusters: sizes.count < items ? sizes.count : nil, method: .bootstrap)
    }
}
