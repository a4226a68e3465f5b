/// Where the rows went: read, dropped, kept, and the parts the kept ones were divided into.
struct RowFlowChart {
    struct Bar {
        let name: String
        let count: Int
        let colour: Colour
        /// Rows that stand left of this bar, so that parts continue each other.
        let offset: Int
    }

    let title: String
    let summary: String
    let bars: [Bar]

    func canvas() -> SVGCanvas {
        let lineHeight = 30.0
        var canvas = SVGCanvas(height: 52 + Double(bars.count) * lineHeight + 12, title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        let left = 230.0, right = canvas.width - 90
        let most = max(1, bars.map { $0.offset + $0.count }.max() ?? 1)
        func x(_ rows: Int) -> Double { left + (right - left) * Double(rows) / Double(most) }
        for (place, bar) in bars.enumerated() {
            let y = 48 + Double(place) * lineHeight
            canvas.text(bar.name, x: 16, y: y + 16.5, size: 13)
            canvas.rectangle(x: left, y: y, width: right - left, height: 22, colour: .panel, radius: 3)
            let width = x(bar.offset + bar.count) - x(bar.offset)
            if bar.count > 0 {
                canvas.rectangle(
                    x: x(bar.offset), y: y, width: max(2, width), height: 22, colour: bar.colour, radius: 3)
            }
            canvas.text(
                Figure.count(bar.count), x: canvas.width - 16, y: y + 16.5, size: 13, anchor: .end, weight: .strong)
        }
        return canvas
    }
}
