/// The gates side by side, each with a sign and a word: what stands between the model and being relied on.
struct GateStripChart {
    struct Gate {
        let id: String
        let state: GateRecord.State
        let isTakenOn: Bool
    }

    let title: String
    let summary: String
    let gates: [Gate]

    func canvas() -> SVGCanvas {
        var canvas = SVGCanvas(height: 112, title: title, summary: summary)
        canvas.text(title, x: 16, y: 28, size: 15, weight: .strong)
        let width = (canvas.width - 32) / Double(max(gates.count, 1))
        for (place, gate) in gates.enumerated() {
            let x = 16 + Double(place) * width, middle = x + width / 2 - 2
            let (colour, sign, words) = Self.look(gate)
            canvas.rectangle(x: x, y: 42, width: width - 4, height: 34, colour: colour, radius: 4)
            canvas.text(
                "\(gate.id) \(sign)", x: middle, y: 64, size: 13, anchor: .middle,
                colour: colour == .neutral || colour == .panel ? .text : .page, weight: .strong)
            canvas.text(words, x: middle, y: 94, size: 12, anchor: .middle, colour: .muted)
        }
        return canvas
    }

    private static func look(_ gate: Gate) -> (Colour, String, String) {
        let (colour, sign, words): (Colour, String, String) =
            switch gate.state {
            case .pass: (.good, "✓", "pass")
            case .fail: (.bad, "✗", "fail")
            case .not_measured: (.neutral, "?", "open")
            case .does_not_apply: (.panel, "–", "n/a")
            }
        return (colour, sign, gate.isTakenOn ? "taken on" : words)
    }
}
