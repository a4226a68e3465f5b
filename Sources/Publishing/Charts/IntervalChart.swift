/// Measured shares with their 95 % intervals, one group of lines per question: is the difference larger than the doubt?
struct IntervalChart {
    struct Group {
        let name: String
        /// What the numbers are made of, in small print below the name.
        let note: String
        let marks: [Mark]
    }

    struct Mark {
        let arm: String
        let value: Double
        let low: Double
        let high: Double
        let isAfter: Bool
    }

    let title: String
    let summary: String
    let groups: [Group]
    /// A value that counts as success, where somebody named one.
    var target: Double?
    /// Whether every group shows the metric the target is about, or only the first.
    var isOneMetric = false
    var labelWidth = 250.0

    private let valueWidth = 150.0
    private let lineHeight = 24.0
    private let top = 74.0

    func canvas() -> SVGCanvas {
        let lines = groups.reduce(0) { $0 + $1.marks.count }
        let height = top + Double(lines) * lineHeight + Double(groups.count) * 16 + 40
        var canvas = SVGCanvas(height: height, title: title, summary: summary)
        let plot = Plot(left: labelWidth, right: canvas.width - valueWidth)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        drawLegend(&canvas)
        drawAxis(&canvas, plot, bottom: height - 40)
        var y = top
        for group in groups {
            y = draw(group, &canvas, plot, from: y)
        }
        return canvas
    }

    private func drawLegend(_ canvas: inout SVGCanvas) {
        var x = 16.0
        var seen: [String] = []
        for mark in groups.flatMap(\.marks) where !seen.contains(mark.arm) {
            seen.append(mark.arm)
            canvas.dot(x: x + 6, y: 49, radius: 4.5, colour: mark.isAfter ? .after : .before, isHollow: !mark.isAfter)
            canvas.text(mark.arm, x: x + 18, y: 53.5, size: 12.5, colour: .muted)
            x += 18 + Double(mark.arm.count) * 7.1 + 24
        }
        canvas.text("line: 95 % interval", x: x, y: 53.5, size: 12.5, colour: .muted)
    }

    private func drawAxis(_ canvas: inout SVGCanvas, _ plot: Plot, bottom: Double) {
        for tick in stride(from: 0.0, through: 1.0, by: 0.25) {
            let x = plot.x(tick)
            canvas.line(x, top - 8, x, bottom, colour: .grid)
            canvas.text(
                Figure.percent(tick, digits: 0), x: x, y: bottom + 20, size: 12, anchor: .middle, colour: .muted)
        }
        if let target, (0...1).contains(target), let asked = groups.first {
            // The target was set for the first metric; others are not measured by it.
            let end = isOneMetric ? bottom : top + Double(asked.marks.count) * lineHeight + 4
            canvas.line(plot.x(target), top - 8, plot.x(target), end, colour: .good, width: 1.5, isDashed: true)
            canvas.text(
                "target \(Figure.percent(target, digits: 0))", x: plot.x(target) - 5, y: top - 13, size: 12,
                anchor: .end,
                colour: .good)
        }
    }

    private func draw(_ group: Group, _ canvas: inout SVGCanvas, _ plot: Plot, from start: Double) -> Double {
        let height = Double(group.marks.count) * lineHeight
        let middle = start + height / 2
        canvas.text(group.name, x: 16, y: middle + (group.note.isEmpty ? 4.5 : -2), weight: .strong)
        canvas.text(group.note, x: 16, y: middle + 15, size: 12, colour: .muted)
        var y = start + lineHeight / 2
        for mark in group.marks {
            let colour: Colour = mark.isAfter ? .after : .before
            let low = plot.x(mark.low), high = plot.x(mark.high)
            canvas.line(low, y, high, y, colour: colour, width: 2.5)
            for end in [low, high] { canvas.line(end, y - 4, end, y + 4, colour: colour, width: 2) }
            canvas.dot(x: plot.x(mark.value), y: y, radius: 5, colour: colour, isHollow: !mark.isAfter)
            canvas.text(
                Figure.percent(mark.value), x: plot.right + 74, y: y + 4.5, size: 13, anchor: .end,
                colour: mark.isAfter ? .text : .muted, weight: mark.isAfter ? .strong : .regular)
            canvas.text(
                "\(Figure.fixed(mark.low * 100, digits: 0))–\(Figure.fixed(mark.high * 100, digits: 0))",
                x: canvas.width - 16, y: y + 4.5, size: 12, anchor: .end, colour: .muted)
            y += lineHeight
        }
        return start + height + 16
    }

    private struct Plot {
        let left: Double
        let right: Double

        func x(_ share: Double) -> Double { left + (right - left) * min(1, max(0, share)) }
    }
}
