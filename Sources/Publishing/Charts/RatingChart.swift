/// How often raters gave 1 to 5, per axis and arm, as bars of equal length: a mean hides whether anybody was appalled.
struct RatingChart {
    struct Bar {
        let axis: String
        let arm: String
        /// How often 1, 2, 3, 4 and 5 were given.
        let counts: [Int]
        let mean: String
    }

    let title: String
    let summary: String
    let bars: [Bar]

    private static let colours: [(Colour, Double)] = [
        (.bad, 1), (.bad, 0.5), (.neutral, 1), (.after, 0.5), (.after, 1),
    ]

    func canvas() -> SVGCanvas {
        let left = 250.0, right = 100.0, top = 74.0, line = 26.0
        let axes = Set(bars.map(\.axis)).count
        var canvas = SVGCanvas(
            height: top + Double(bars.count) * line + Double(axes) * 10 + 12, title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        var x = 16.0
        for (place, part) in Self.colours.enumerated() {
            canvas.rectangle(x: x, y: 43, width: 12, height: 12, colour: part.0, radius: 2, opacity: part.1)
            canvas.text(
                ["1 (worst)", "2", "3", "4", "5 (best)"][place], x: x + 18, y: 53.5, size: 12.5, colour: .muted)
            x += place == 0 ? 92 : 46
        }
        let width = canvas.width - left - right
        var y = top, axis = ""
        for bar in bars {
            if bar.axis != axis {
                if !axis.isEmpty { y += 10 }
                axis = bar.axis
                canvas.text(bar.axis, x: 16, y: y + 13, size: 13, weight: .strong)
            }
            canvas.text(bar.arm, x: 120, y: y + 13, size: 12.5, colour: .muted)
            let total = Double(bar.counts.reduce(0, +))
            var start = left
            for (place, count) in bar.counts.enumerated() where count > 0 && total > 0 {
                let length = width * Double(count) / total
                let colour = Self.colours[min(place, Self.colours.count - 1)]
                canvas.rectangle(
                    x: start, y: y, width: max(1, length - 1.5), height: 18, colour: colour.0, radius: 2,
                    opacity: colour.1)
                start += length
            }
            canvas.text("mean \(bar.mean)", x: canvas.width - right + 10, y: y + 13, size: 12.5, weight: .strong)
            y += line
        }
        return canvas
    }
}
