import Evaluation

extension ReportPage {
    /// Every way of solving the task that was measured, on the same held-out rows.
    struct ArmsPart {
        let metric: String
        let items: String
        let split: String
        let rows: [Row]
        let skipped: [Skipped]
        let comparisons: [Line]
        /// What was said before anything was computed: differences these rows can show, in points.
        let detectable: String?
        let hasCosts: Bool
        /// Costs rest on time, not on prices of tokens.
        let isTimePriced: Bool
        let folded: Folded?
        let prepared: [Prepared]

        /// Arms that answered every row.
        struct Folded {
            let folds: String
            let rows: String
            /// Those that answered held-out rows alone.
            let others: String?
        }

        struct Prepared {
            let name: String
            let seconds: String
        }

        struct Row {
            let name: String
            let detail: String?
            let score: String
            let interval: String
            let promptTokens: String
            let seconds: String
            let cost: String
            let model: String
            let isBest: Bool
        }

        struct Skipped {
            let name: String
            let why: String
        }

        struct Line {
            let better: String
            let other: String
            let change: String
            let interval: String
            let probability: String
            let isProven: Bool
            let rowsToSettle: String?
            /// `better on 40 rows, worse on 20, equal on 31`.
            let wins: String?
        }
    }
}

extension ReportPage.ArmsPart {
    /// Nil where nothing was measured beside a base model and a tuned one.
    init?(_ evaluation: EvaluationResult, _ words: Words) {
        guard evaluation.arms.contains(where: { $0.arm.kind != .base && $0.arm.kind != .tuned }) else { return nil }
        let primary = evaluation.metrics.primary
        metric = words.name(.metrics, primary.rawValue)
        items = Figure.count(evaluation.items)
        split = evaluation.split
        let best = EvaluationResult.best(of: evaluation.arms, primary)
        rows = evaluation.arms.map { Row($0, primary, isBest: $0.arm.name == best?.arm.name, words) }
        skipped = evaluation.skipped.map {
            Skipped(name: words.name(.arms, $0.kind.rawValue), why: Self.why($0.reason))
        }
        let names = Dictionary(
            evaluation.arms.map { ($0.arm.name, words.name(.arms, $0.arm)) }, uniquingKeysWith: { first, _ in first })
        comparisons = evaluation.comparisons.filter { $0.metric == primary }.map { Line($0, names) }
        detectable = evaluation.detectableBefore.map { Figure.fixed($0 * 100, digits: 0) }
        hasCosts = evaluation.arms.contains { $0.usage.costPerThousand != nil && !$0.arm.kind.isFloor }
        isTimePriced = evaluation.arms.contains { $0.usage.costBasis == .machineTime }
        folded = evaluation.folded.first.flatMap { first in
            let others = evaluation.arms.filter { $0.folds == nil }.map { words.name(.arms, $0.arm) }
            return first.folds.map {
                Folded(
                    folds: Figure.count($0), rows: Figure.count(first.items.count),
                    others: others.isEmpty ? nil : others.joined(separator: ", "))
            }
        }
        prepared = evaluation.arms.compactMap { arm in
            arm.usage.preparationSeconds.map {
                Prepared(
                    name: words.name(.arms, arm.arm), seconds: $0 < 0.05 ? "less than 0.1 s" : Figure.duration($0))
            }
        }
    }

    private static func why(_ reason: ArmSuite.Skip) -> String {
        switch reason {
        case .budget(let needs, let left):
            "it would have taken about \(Figure.duration(needs)), and \(Figure.duration(left)) were left"
        case .notNeeded(let winner): "`\(winner)` had reached the target and costs less"
        case .notApplicable: "there was nothing to draw on"
        }
    }
}

extension ReportPage.ArmsPart.Row {
    init(_ result: ArmResult, _ primary: Metric, isBest: Bool, _ words: Words) {
        let figure = result.figures[primary]
        name = words.name(.arms, result.arm)
        detail = result.arm.detail
        score = figure.map { MetricText.value($0.value, primary) } ?? "not measured"
        interval = figure.map { MetricText.range($0, primary) } ?? ""
        promptTokens = result.usage.promptTokens.map { Figure.fixed($0, digits: 0) } ?? "–"
        seconds = result.usage.secondsPerItem.map(Figure.duration) ?? "–"
        cost =
            result.usage.costPerThousand.map {
                $0 > 0 && $0 < 0.005 ? "below 0.01" : Figure.fixed($0, digits: 2)
            } ?? "–"
        model = result.arm.model + (result.arm.isPracticeModel ? " (practice)" : "")
        self.isBest = isBest
    }
}

extension ReportPage.ArmsPart.Line {
    init(_ comparison: Comparison, _ names: [String: String]) {
        better = names[comparison.arm] ?? comparison.arm
        other = names[comparison.baseline] ?? comparison.baseline
        change = MetricText.difference(comparison.difference.value, comparison.metric)
        interval = MetricText.differenceRange(comparison.difference, comparison.metric)
        probability = Figure.probability(comparison.pValue)
        isProven = comparison.difference.excludes(0) && comparison.pValue < 0.05
        wins = comparison.winRate.map {
            "better on \(Figure.count($0.wins)) rows, worse on \(Figure.count($0.losses)), equal on \(Figure.count($0.ties))"
        }
        rowsToSettle = isProven ? nil : comparison.rowsToSettle.map(Figure.count)
    }
}

extension Words {
    /// Arms that were brought along keep the name they were given.
    func name(_ section: Section, _ arm: Arm) -> String {
        switch arm.kind {
        case .outputs, .endpoint: "\(arm.name): \(name(section, arm.kind.rawValue).lowercased())"
        default: name(section, arm.kind.rawValue)
        }
    }
}
