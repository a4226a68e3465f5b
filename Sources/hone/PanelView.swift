import Evaluation
import Publishing

/// What raters said, as a table for a terminal.
struct PanelView {
    private let panel: PanelResult

    init(_ panel: PanelResult) { self.panel = panel }

    var text: String {
        var rows = [
            ["axis (1 to 5)"] + panel.arms.map { "\($0) (95 % interval)" } + ["rated low", "alpha (95 % interval)"]
        ]
        rows += panel.axes.map { axis in
            [axis.id] + axis.arms.map { Self.span($0.mean) } + [
                axis.arms.first.map { fixed($0.low.value * 100, 1) + " %" } ?? "-", Self.alpha(axis.agreement),
            ]
        }
        var lines = Self.table(rows)
        lines.append("")
        lines += Self.table(
            [["rater", "severity (95 % interval)", "repeats equal", "at most 1 apart"]]
                + panel.raters.map { rater in
                    [
                        rater.name.isEmpty ? "\(rater.number)" : "\(rater.number) \(rater.name)",
                        rater.severity.map { Self.span($0, signed: true) } ?? "alone so far",
                        "\(rater.repeatedEqual) of \(rater.repeats)", "\(rater.repeatedNear) of \(rater.repeats)",
                    ]
                })
        if let preference = panel.preference, panel.arms.count == 2 {
            let p = preference.pValue < 0.0001 ? "p < 0.0001" : "p = " + fixed(preference.pValue, 4)
            lines += [
                "",
                "\(panel.arms[0]) against \(panel.arms[1]): \(preference.wins) rows won, \(preference.ties) tied, "
                    + "\(preference.losses) lost (sign test, \(p))",
            ]
        }
        if panel.isSynthetic { lines += ["", "synthetic: made by a script, no judgement of anybody"] }
        return lines.joined(separator: "\n")
    }

    private static func alpha(_ agreement: PanelResult.Agreement) -> String {
        guard let alpha = agreement.alpha else { return "undefined: no variation" }
        let ends = agreement.low.flatMap { low in agreement.high.map { " (\(fixed(low, 2)) to \(fixed($0, 2)))" } }
        return fixed(alpha, 2) + (ends ?? "")
    }

    private static func span(_ interval: Interval, signed: Bool = false) -> String {
        func number(_ value: Double) -> String { (signed && value > 0 ? "+" : "") + fixed(value, 2) }
        return "\(number(interval.value)) (\(number(interval.low)) to \(number(interval.high)))"
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (0..<rows[0].count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}

/// One gate for a terminal.
enum GateView {
    static func lines(_ gate: GateRecord) -> [String] {
        let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: false)
        var lines = page.item(gate.id.uppercased(), "\(word(gate.state)): \(gate.title)", gate.found)
        if let override = gate.override {
            let text = "taken on by \(override.name) when \(word(override.state)): \(override.because)"
            lines += page.wrap(gate.isTakenOn ? text : text + " (void: the gate is another one now)", indent: 4)
        }
        return lines
    }

    static func word(_ state: GateRecord.State) -> String { state.rawValue.replacing("_", with: " ").uppercased() }
}
