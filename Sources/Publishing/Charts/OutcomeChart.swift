/// What changed row by row: right in both, fixed, broken, wrong in both. Two averages can hide this.
struct OutcomeChart {
    struct Part {
        let name: String
        let count: Int
        let colour: Colour
    }

    let title: String
    let summary: String
    let parts: [Part]

    func canvas() -> SVGCanvas {
        var canvas = SVGCanvas(height: 128, title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        let total = parts.reduce(0) { $0 + $1.count }
        let left = 16.0, width = canvas.width - 32
        var x = left
        for part in parts where total > 0 && part.count > 0 {
            let share = Double(part.count) / Double(total)
            canvas.rectangle(x: x, y: 44, width: max(1, width * share - 2), height: 30, colour: part.colour, radius: 3)
            if share > 0.06 {
                canvas.text(
                    Figure.count(part.count), x: x + width * share / 2 - 1, y: 64, size: 13, anchor: .middle,
                    colour: part.colour == .neutral ? .text : .page, weight: .strong)
            }
            x += width * share
        }
        x = left
        for part in parts {
            let label = "\(part.name): \(Figure.count(part.count))"
            canvas.rectangle(x: x, y: 91, width: 12, height: 12, colour: part.colour, radius: 2)
            canvas.text(label, x: x + 18, y: 101.5, size: 13)
            x += 18 + Double(label.count) * 7.2 + 22
        }
        return canvas
    }
}
