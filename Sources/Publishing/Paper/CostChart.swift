import Advisor

/// What a request costs each way: a bar to the lower end, a paler one on to the upper end.
struct CostChart {
    private let costs: CostComparison

    init(_ costs: CostComparison) { self.costs = costs }

    func canvas() -> SVGCanvas {
        let title = "What one request costs (USD)"
        let summary = costs.lines.map { "\($0.way.title): \($0.perRequest.spelled(digits: 5))" }.joined(separator: ". ") + "."
        var canvas = SVGCanvas(height: Double(48 + 36 * costs.lines.count), title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        let left = 270.0, width = canvas.width - left - 190
        let highest = costs.lines.map(\.perRequest.high).max() ?? 0
        for (index, line) in costs.lines.enumerated() {
            let y = 46 + 36 * Double(index)
            let colour: Colour = line.way == .tuned_own || line.way == .tuned_hosted ? .after : .before
            canvas.text(line.way.title, x: left - 12, y: y + 17, anchor: .end)
            guard highest > 0 else { continue }
            let low = width * line.perRequest.low / highest, high = width * line.perRequest.high / highest
            canvas.rectangle(x: left, y: y, width: max(1, high), height: 24, colour: colour, radius: 3, opacity: 0.35)
            canvas.rectangle(x: left, y: y, width: max(1, low), height: 24, colour: colour, radius: 3)
            canvas.text(line.perRequest.spelled(digits: 5), x: left + max(1, high) + 10, y: y + 17)
        }
        return canvas
    }
}
