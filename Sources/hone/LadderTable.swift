import Evaluation

/// Shipped forms beside each other, for a terminal.
struct LadderTable {
    let ladder: ShippingLadder
    let page: Page

    var text: String {
        let all = [ladder.base, ladder.reference] + ladder.rungs
        let width = max(12, (all.map(\.name.count).max() ?? 0) + 2)
        var lines = [
            cell("", width) + number("same tokens", 12) + number("same answers", 14)
                + number(ladder.metric.rawValue, 16)
                + number("95 % interval", 15) + number("stops", 9) + number("change kept", 13)
        ]
        for rung in all {
            let isRung = rung.form != "base" && rung.form != "reference"
            lines.append(
                cell(rung.name, width)
                    + number(rung.form == "base" ? "–" : rung.agreement.map { fixed($0 * 100, 2) + " %" } ?? "–", 12)
                    + number("\(rung.equalAnswers)/\(ladder.rows)", 14)
                    + number(rung.score.map { spelled($0.value) } ?? "–", 16)
                    + number(rung.score.map { "\(spelled($0.low)) – \(spelled($0.high))" } ?? "", 15)
                    + number(rung.stopRate.map { fixed($0 * 100, 1) + " %" } ?? "–", 9)
                    + number(rung.keptChange.map { fixed($0 * 100, 1) + " %" } ?? "–", 13)
                    + (isRung ? (rung.failures.isEmpty ? "  ✓" : "  ✗") : ""))
        }
        let problems = ladder.rungs.flatMap { rung in
            (rung.findings.map(\.words) + rung.failures.compactMap(\.words)).map { rung.name + ": " + $0 }
        }
        if !problems.isEmpty { lines.append("") }
        for problem in problems { lines += page.item("✗", problem, indent: 0) }
        return lines.joined(separator: "\n")
    }

    private func spelled(_ value: Double) -> String {
        ladder.metric.scale == .ratio ? fixed(value, 3) : fixed(value * 100, 1)
    }

    private func cell(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func number(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
