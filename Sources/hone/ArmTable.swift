import Evaluation

/// Arms beside each other, for a terminal.
struct ArmTable {
    let result: EvaluationResult

    var text: String {
        let primary = result.metrics.primary
        let names = result.arms.map { $0.arm.name + ($0.arm.detail.map { " (\($0))" } ?? "") }
        let width = max(26, (names.map(\.count).max() ?? 0) + 2)
        var lines = [
            cell("arm", width) + number(primary.rawValue, 15) + number("95 % interval", 17) + number("rows", 7)
                + number("prompt tokens", 15) + number("s/request", 11) + number("USD/1,000", 11) + "  model"
        ]
        for (arm, name) in zip(result.arms, names) {
            let figure = arm.figures[primary]
            lines.append(
                cell(name, width) + number(figure.map { spelled($0.value, primary) } ?? "–", 15)
                    + number(figure.map { "\(spelled($0.low, primary)) – \(spelled($0.high, primary))" } ?? "", 17)
                    + number(figure.map { String($0.n) } ?? "", 7)
                    + number(arm.usage.promptTokens.map { fixed($0, 0) } ?? "–", 15)
                    + number(arm.usage.secondsPerItem.map { $0 < 0.0005 ? "<0.001" : fixed($0, 3) } ?? "–", 11)
                    + number(arm.usage.costPerThousand.map(cost) ?? "–", 11)
                    + "  " + arm.arm.model + (arm.arm.isPracticeModel ? " (practice)" : ""))
        }
        lines += notes
        for skipped in result.skipped { lines.append(cell(skipped.kind.rawValue, width) + "  not run: " + why(skipped.reason)) }
        return (lines + [""] + conclusions).joined(separator: "\n")
    }

    /// What the columns do not say.
    private var notes: [String] {
        var notes: [String] = []
        if let folds = result.folded.first?.folds {
            let others = result.arms.filter { $0.folds == nil }.map(\.arm.name)
            notes.append(
                "every row asked once in \(folds) folds, with examples from the other folds only"
                    + (others.isEmpty ? "" : "; held-out rows alone: " + others.joined(separator: ", ")))
        }
        for arm in result.arms {
            if let seconds = arm.usage.preparationSeconds {
                notes.append("\(arm.arm.name) was trained in \(seconds < 0.01 ? "less than 0.01" : fixed(seconds, 2)) s before it answered")
            }
        }
        if result.arms.contains(where: { $0.usage.costBasis == .machineTime }) {
            notes.append("USD/1,000 without prices of tokens is time at an hour's price of this machine (`hone rules why arm_settings#machine_hour`)")
        }
        return notes.map { "  " + $0 }
    }

    private var conclusions: [String] {
        let primary = result.metrics.primary
        return (result.curve.map { [CurveWords(curve: $0).text] } ?? []) + result.comparisons.filter { $0.metric == primary }.map { comparison in
            let difference = comparison.difference
            let verdict =
                comparison.pValue < 0.05 && difference.excludes(0)
                ? "" : "; could be chance" + (comparison.rowsToSettle.map { ": about \(grouped($0)) rows would settle it" } ?? "")
            return "\(comparison.arm) against \(comparison.baseline): \(points(difference.value)) points "
                + "(\(points(difference.low)) to \(points(difference.high)), p = \(probability(comparison.pValue))\(verdict))"
        }
    }

    private func why(_ reason: ArmSuite.Skip) -> String {
        switch reason {
        case .budget(let needs, let left): "would take about \(duration(needs)), \(duration(left)) are left"
        case .notNeeded(let winner): "\(winner) already reaches the target and costs less"
        case .notApplicable: "nothing to draw on for this data"
        }
    }

    private func cost(_ dollars: Double) -> String {
        dollars > 0 && dollars < 0.005 ? "<0.01" : fixed(dollars, 2)
    }

    private func probability(_ p: Double) -> String { p < 0.001 ? "<0.001" : fixed(p, 3) }
    private func points(_ share: Double) -> String { (share > 0 ? "+" : "") + fixed(share * 100, 1) }

    private func spelled(_ value: Double, _ metric: Metric) -> String {
        metric.scale == .ratio ? fixed(value, 3) : fixed(value * 100, 1)
    }

    private func cell(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func number(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
