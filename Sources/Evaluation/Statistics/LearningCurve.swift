import Glibc

/// Errors that fall as a power of the rows trained on: error = scale · rows^(−slope), fitted by least squares in logarithms.
///
/// This is the form learning curves of text models are found to have (Hestness et al. 2017) while they are far from the
/// error no data removes. It assumes that error can fall to zero, so what it promises is an upper bound.
package struct PowerLaw: Sendable, Hashable {
    package let scale: Double
    package let slope: Double

    package init(scale: Double, slope: Double) {
        self.scale = scale
        self.slope = slope
    }

    /// Nil without two sizes; errors must be above zero.
    package init?(_ points: [(rows: Double, error: Double)]) {
        let logs = points.map { (log($0.rows), log($0.error)) }
        let n = Double(logs.count)
        let meanX = logs.reduce(0) { $0 + $1.0 } / max(n, 1), meanY = logs.reduce(0) { $0 + $1.1 } / max(n, 1)
        let spread = logs.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
        guard points.count > 1, spread > 0, logs.allSatisfy({ $0.0.isFinite && $0.1.isFinite }) else { return nil }
        let fall = logs.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
        self.init(scale: exp(meanY - fall * meanX), slope: -fall)
    }

    package func error(rows: Double) -> Double { scale * pow(rows, -slope) }

    /// Infinite where the error does not fall.
    package func rows(forError error: Double) -> Double {
        slope > 0 ? pow(scale / error, 1 / slope) : .infinity
    }
}

/// Scores of one way of training on growing parts of the same rows, and what more rows would bring if it went on so.
package struct LearningCurve: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        /// Training rows.
        package var rows: Int
        package var score: Interval

        package init(rows: Int, score: Interval) {
            self.rows = rows
            self.score = score
        }
    }

    /// What the curve says about more rows.
    package struct Forecast: Sendable, Hashable {
        package var rows: Int
        package var score: Interval

        package init(rows: Int, score: Interval) {
            self.rows = rows
            self.score = score
        }
    }

    /// Rows at which a score would be reached, all rows together. Nil ends lie beyond a hundred times the rows there are.
    package struct Need: Sendable, Hashable {
        package var target: Double
        package var rows: Int?
        package var low: Int?
        package var high: Int?

        package init(target: Double, rows: Int?, low: Int?, high: Int?) {
            self.target = target
            self.rows = rows
            self.low = low
            self.high = high
        }
    }

    package var metric: Metric
    package var points: [Point]
    /// How fast the error falls: 0.5 halves it with four times the rows. Its interval comes from drawing the held-out rows
    /// anew; one training per size says nothing about the chance of training.
    package var slope: Interval
    /// At twice the rows; nil where the slope could as well be zero: then nothing is promised.
    package var forecast: Forecast?
    package var need: Need?

    package init(metric: Metric, points: [Point], slope: Interval, forecast: Forecast? = nil, need: Need? = nil) {
        self.metric = metric
        self.points = points
        self.slope = slope
        self.forecast = forecast
        self.need = need
    }

    /// True where the score still rises with all rows beyond doubt, false where it falls so, nil where these held-out rows
    /// cannot tell.
    package var isRising: Bool? { slope.low > 0 ? true : slope.high < 0 ? false : nil }
}

extension LearningCurve {
    /// - Parameters:
    ///   - arms: Trained on so many rows, each asked the same held-out rows.
    ///   - target: The score that counts as success.
    /// - Returns: Nil with fewer than three sizes, and for a metric that is no share of right answers.
    package init?(
        _ metric: Metric, of arms: [(rows: Int, result: ArmResult)], target: Double?, bootstrap: Bootstrap = .init()
    ) {
        let arms = arms.sorted { $0.rows < $1.rows }
        guard arms.count > 2, metric.scale == .proportion || metric.scale == .mean, metric.direction == .higherIsBetter,
            let largest = arms.last?.rows
        else { return nil }
        let points = arms.compactMap { arm in arm.result.figures[metric].map { Point(rows: arm.rows, score: $0) } }
        let draws = SharedItems(metric, arms.map(\.result))
        guard points.count == arms.count, draws.count > 0 else { return nil }
        // An error of nothing has no logarithm: it counts as half a row.
        let least = 0.5 / Double(draws.items)
        func law(_ errors: [Double]) -> PowerLaw? {
            PowerLaw(zip(arms, errors).map { (Double($0.rows), max($1, least)) })
        }
        guard let fitted = law(draws.errors()) else { return nil }
        var generator = ResamplingGenerator(seed: bootstrap.seed)
        let laws = (0..<bootstrap.rounds / 5).compactMap { _ in law(draws.errors(drawnBy: &generator)) }
        func interval(_ value: Double, _ each: (PowerLaw) -> Double) -> Interval {
            let ends = Bootstrap.percentileEnds(laws.map(each))
            return Interval(
                value: value, low: ends.low, high: ends.high, n: draws.items,
                clusters: draws.count < draws.items ? draws.count : nil, method: .bootstrap)
        }
        self.init(metric: metric, points: points, slope: interval(fitted.slope, \.slope))
        guard slope.low > 0 else { return }
        let twice = largest * 2
        func score(_ law: PowerLaw) -> Double { max(0, 1 - law.error(rows: Double(twice))) }
        forecast = Forecast(rows: twice, score: interval(score(fitted), score))
        guard let target, target < 1, let reached = points.last?.score.value, reached < target else { return }
        // Beyond a hundred times the rows a straight line through three points says nothing.
        let beyond = Double(largest) * 100
        let needs = laws.map { min(beyond, $0.rows(forError: 1 - target)) }
        let ends = Bootstrap.percentileEnds(needs)
        func whole(_ rows: Double) -> Int? { rows < beyond ? Int(rows.rounded(.up)) : nil }
        need = Need(
            target: target, rows: whole(fitted.rows(forError: 1 - target)), low: whole(ends.low), high: whole(ends.high))
    }

    /// Rows beyond those there are until the target would be reached.
    package var moreRows: Int? {
        guard let rows = need?.rows, let largest = points.last?.rows else { return nil }
        return max(0, rows - largest)
    }
}

/// Errors of several arms on the rows all of them answered, added up per independent group.
private struct SharedItems {
    /// By arm, then by group.
    private var sums: [[Double]]
    private var sizes: [Double] = []
    private(set) var items = 0
    var count: Int { sizes.count }

    init(_ metric: Metric, _ arms: [ArmResult]) {
        let scores = arms.map { arm in
            Dictionary(arm.items.compactMap { item in item.scores[metric].map { (item.row, $0) } }) { first, _ in first }
        }
        sums = Array(repeating: [], count: arms.count)
        var places: [String: Int] = [:]
        for item in arms.first?.items ?? [] {
            let each = scores.compactMap { $0[item.row] }
            guard each.count == arms.count else { continue }
            items += 1
            let place = item.group.flatMap { places[$0] } ?? sizes.count
            if place == sizes.count {
                sizes.append(0)
                for arm in sums.indices { sums[arm].append(0) }
                if let group = item.group { places[group] = place }
            }
            sizes[place] += 1
            for arm in sums.indices { sums[arm][place] += 1 - each[arm] }
        }
    }

    func errors() -> [Double] {
        let all = sizes.reduce(0, +)
        return sums.map { $0.reduce(0, +) / max(all, 1) }
    }

    /// The same groups for every arm: what one row is hard for is hard for all.
    func errors(drawnBy generator: inout ResamplingGenerator) -> [Double] {
        var totals = [Double](repeating: 0, count: sums.count), all = 0.0
        for _ in 0..<count {
            let place = generator.next(below: count)
            all += sizes[place]
            for arm in sums.indices { totals[arm] += sums[arm][place] }
        }
        return totals.map { $0 / max(all, 1) }
    }
}
