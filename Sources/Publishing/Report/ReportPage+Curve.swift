import Evaluation

extension ReportPage {
    /// What training on parts of the rows scored, and what more of them would bring.
    struct CurvePart {
        let metric: String
        let points: [Point]
        let slope: String
        let slopeInterval: String
        let isFalling: Bool
        let forecast: Point?
        let need: Need?

        struct Point {
            let rows: String
            let score: String
            let interval: String
        }

        struct Need {
            let target: String
            /// Beyond those there are; nil where no number of rows would do.
            let rows: String?
            let low: String
            let high: String
        }
    }
}

extension ReportPage.CurvePart {
    /// Nil without points.
    init?(_ curve: LearningCurve, _ words: Words) {
        guard let largest = curve.points.last?.rows else { return nil }
        let metric = curve.metric
        func point(_ rows: Int, _ score: Interval) -> Point {
            Point(
                rows: Figure.count(rows), score: MetricText.value(score.value, metric),
                interval: MetricText.range(score, metric))
        }
        self.metric = words.name(.metrics, metric.rawValue)
        points = curve.points.map { point($0.rows, $0.score) }
        slope = Figure.signed(-curve.slope.value, digits: 2)
        slopeInterval =
            "\(Figure.signed(-curve.slope.high, digits: 2)) to \(Figure.signed(-curve.slope.low, digits: 2))"
        isFalling = curve.isRising == false
        forecast = curve.forecast.map { point($0.rows, $0.score) }
        need = curve.need.map { need in
            func more(_ rows: Int?) -> String { rows.map { Figure.count(max(0, $0 - largest)) } ?? "beyond reach" }
            return Need(
                target: MetricText.value(need.target, metric), rows: curve.moreRows.map(Figure.count),
                low: more(need.low), high: more(need.high))
        }
    }
}
