import Evaluation
import Glibc

/// Scores over the rows trained on, on a scale that doubles, with what twice the rows would bring at most.
struct LearningCurveChart {
    private let curve: LearningCurve
    private let metric: String
    private let fewest: Double
    private let most: Double

    private let left = 64.0
    private let right = 700.0
    private let top = 76.0
    private let bottom = 300.0

    /// Nil without three points.
    init?(_ curve: LearningCurve, _ words: Words) {
        guard curve.points.count > 2, let first = curve.points.first, let last = curve.points.last, first.rows < last.rows
        else { return nil }
        self.curve = curve
        metric = words.name(.metrics, curve.metric.rawValue)
        fewest = Double(first.rows)
        most = Double(curve.forecast?.rows ?? last.rows)
    }

    func canvas() -> SVGCanvas {
        let shown = curve.points.map { "\(Figure.count($0.rows)) rows \(Figure.percent($0.score.value))" }
        let promised = curve.forecast.map {
            ". At \(Figure.count($0.rows)) rows at most about \(Figure.percent($0.score.value))"
        }
        var canvas = SVGCanvas(
            height: 344, title: "Would more data help? (\(metric.lowercased()))",
            summary: shown.joined(separator: ", ") + (promised ?? ". No forecast is made") + ".")
        canvas.text("Would more data help? (\(metric.lowercased()))", x: 16, y: 28, size: 15, weight: .strong)
        drawLegend(&canvas)
        drawAxes(&canvas)
        drawForecast(&canvas)
        for point in curve.points { draw(point.rows, point.score, &canvas, isForecast: false) }
        return canvas
    }

    private func drawLegend(_ canvas: inout SVGCanvas) {
        canvas.dot(x: 22, y: 49, radius: 4.5, colour: .after)
        canvas.text("measured, with its 95 % interval", x: 34, y: 53.5, size: 12.5, colour: .muted)
        guard curve.forecast != nil else { return }
        canvas.dot(x: 272, y: 49, radius: 4.5, colour: .before, isHollow: true)
        canvas.text("forecast: the most that twice the rows would bring", x: 284, y: 53.5, size: 12.5, colour: .muted)
    }

    private func drawAxes(_ canvas: inout SVGCanvas) {
        for tick in stride(from: 0.0, through: 1.0, by: 0.25) {
            canvas.line(left, y(tick), right, y(tick), colour: .grid)
            canvas.text(
                Figure.percent(tick, digits: 0), x: left - 10, y: y(tick) + 4.5, size: 12, anchor: .end, colour: .muted)
        }
        for rows in curve.points.map(\.rows) + [curve.forecast?.rows].compactMap(\.self) {
            canvas.text(
                Figure.count(rows), x: x(Double(rows)), y: bottom + 20, size: 12, anchor: .middle, colour: .muted)
        }
        canvas.text("training rows", x: (left + right) / 2, y: bottom + 38, size: 12, anchor: .middle, colour: .muted)
        if let target = curve.need?.target {
            canvas.line(left, y(target), right, y(target), colour: .good, width: 1.5, isDashed: true)
            canvas.text(
                "target \(Figure.percent(target, digits: 0))", x: left + 6, y: y(target) - 6, size: 12, colour: .good)
        }
    }

    private func drawForecast(_ canvas: inout SVGCanvas) {
        guard let forecast = curve.forecast, let last = curve.points.last,
            let law = PowerLaw(curve.points.map { (Double($0.rows), max(1 - $0.score.value, 1e-6)) })
        else { return }
        let steps = (0...40).map { fewest * pow(most / fewest, Double($0) / 40) }
        canvas.polyline(
            steps.map { (x: x($0), y: y(1 - law.error(rows: $0))) }, colour: .before, width: 1.5, opacity: 0.8)
        for (from, to) in [(last.score.low, forecast.score.low), (last.score.high, forecast.score.high)] {
            canvas.line(
                x(Double(last.rows)), y(from), x(Double(forecast.rows)), y(to), colour: .before, width: 1, isDashed: true)
        }
        draw(forecast.rows, forecast.score, &canvas, isForecast: true)
    }

    private func draw(_ rows: Int, _ score: Interval, _ canvas: inout SVGCanvas, isForecast: Bool) {
        let colour: Colour = isForecast ? .before : .after, x = x(Double(rows))
        canvas.line(x, y(score.low), x, y(score.high), colour: colour, width: 2.5)
        for end in [score.low, score.high] { canvas.line(x - 4, y(end), x + 4, y(end), colour: colour, width: 2) }
        canvas.dot(x: x, y: y(score.value), radius: 5, colour: colour, isHollow: isForecast)
        canvas.text(
            Figure.percent(score.value), x: x + 10, y: y(score.value) + 4.5, size: 12.5,
            colour: isForecast ? .muted : .text)
    }

    /// Doubling the rows moves a point by the same width everywhere.
    private func x(_ rows: Double) -> Double { left + 20 + (right - left - 40) * log(rows / fewest) / log(most / fewest) }

    private func y(_ share: Double) -> Double { bottom - (bottom - top) * min(1, max(0, share)) }
}
