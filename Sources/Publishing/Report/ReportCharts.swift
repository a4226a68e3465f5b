import Evaluation
import Plan

/// The pictures of a report, each drawn once and written for light and dark pages.
struct ReportCharts {
    /// As the templates see a picture: two files and what they show.
    struct Picture {
        let light: String
        let dark: String
        /// Already escaped for an attribute.
        let alt: String
        let width: String
        let height: String

        init(_ canvas: SVGCanvas, light: String, dark: String) {
            self.light = light
            self.dark = dark
            alt = XMLText.escaped(canvas.summary)
            width = Figure.fixed(canvas.width, digits: 0)
            height = Figure.fixed(canvas.height, digits: 0)
        }
    }

    let results: Picture?
    let arms: Picture?
    let curve: Picture?
    let outcomes: Picture?
    let rows: Picture?
    let loss: Picture?
    let cost: Picture?
    let gates: Picture?
    let ratings: Picture?
    /// Every picture by the name of its light file, for pages that hold their pictures themselves.
    let canvases: [String: SVGCanvas]
    let files: [Report.File]

    init(_ input: ReportInput, _ words: Words) {
        var files: [Report.File] = [], canvases: [String: SVGCanvas] = [:]
        func written(_ canvas: SVGCanvas?, as name: String) -> Picture? {
            guard let canvas else { return nil }
            canvases["\(name).svg"] = canvas
            files.append(Report.File(name: "\(name).svg", text: canvas.document(.light)))
            files.append(Report.File(name: "\(name)-dark.svg", text: canvas.document(.dark)))
            return Picture(canvas, light: "\(name).svg", dark: "\(name)-dark.svg")
        }
        results = written(
            input.evaluation.flatMap { Self.resultsChart($0, target: input.targetValue, words) }, as: "results")
        arms = written(input.evaluation.flatMap { Self.armsChart($0, target: input.targetValue, words) }, as: "arms")
        curve = written(input.evaluation?.curve.flatMap { LearningCurveChart($0, words) }?.canvas(), as: "curve")
        outcomes = written(input.evaluation.flatMap { Self.outcomeChart($0, words) }, as: "outcomes")
        rows = written(input.audit.map { Self.rowChart($0, parts: input.parts) }, as: "rows")
        loss = written(Self.lossChart(input.events), as: "loss")
        cost = written(input.decision?.costs.map { CostChart($0).canvas() }, as: "cost")
        gates = written(Self.gateChart(input.gates, words), as: "gates")
        ratings = written(input.panel.map { Self.ratingChart($0, input.evaluation, words) }, as: "ratings")
        self.files = files
        self.canvases = canvases
    }

    /// Every arm a line of its own, on the metric the verdict rests on.
    private static func armsChart(_ evaluation: EvaluationResult, target: Double?, _ words: Words) -> SVGCanvas? {
        let primary = evaluation.metrics.primary
        guard primary.scale != .ratio, ReportPage.ArmsPart(evaluation, words) != nil else { return nil }
        let groups = evaluation.arms.compactMap { arm in
            arm.figures[primary].map { figure in
                IntervalChart.Group(
                    name: MarkdownText.shortened(words.name(.arms, arm.arm), to: 42), note: arm.arm.detail ?? "",
                    marks: [
                        IntervalChart.Mark(
                            arm: arm.arm.kind.isTrained ? "a model was trained" : "nothing is trained",
                            value: figure.value, low: figure.low, high: figure.high, isAfter: arm.arm.kind.isTrained)
                    ])
            }
        }
        guard !groups.isEmpty else { return nil }
        let shown = groups.map { "\($0.name) \(Figure.percent($0.marks[0].value))" }
        return IntervalChart(
            title:
                "Ways of solving it, on the same held-out rows (\(words.name(.metrics, primary.rawValue).lowercased()))",
            summary: shown.joined(separator: ", ") + ".", groups: groups, target: target,
            isOneMetric: true, labelWidth: 320
        ).canvas()
    }

    /// Metrics read as shares, before and after; general knowledge last.
    private static func resultsChart(_ evaluation: EvaluationResult, target: Double?, _ words: Words) -> SVGCanvas? {
        // A field of arms without a trained one has no before and after.
        guard evaluation.arms.count == 1 || evaluation.arms.contains(where: { $0.arm.kind.isTrained }) else {
            return nil
        }
        var groups = evaluation.metrics.headline.compactMap { metric in
            group(
                words.name(.metrics, metric.rawValue),
                evaluation.arms.filter { $0.arm.kind == .base || $0.arm.kind == .tuned }, metric, words,
                note: "\(Figure.count(evaluation.items)) held-out rows")
        }
        if let probe = evaluation.probe {
            let count = probe.arms.map(\.items.count).max() ?? 0
            let name = words.name(.metrics, "general_knowledge")
            groups += [group(name, probe.arms, ProbeResult.metric, words, note: "\(Figure.count(count)) questions")]
                .compactMap(\.self)
        }
        guard !groups.isEmpty else { return nil }
        let shown = groups.map { group in
            group.name + ": " + group.marks.map { "\($0.arm) \(Figure.percent($0.value))" }.joined(separator: ", ")
        }
        return IntervalChart(
            title: "Before and after, on rows the model never saw", summary: shown.joined(separator: ". ") + ".",
            groups: groups, target: target
        ).canvas()
    }

    private static func group(
        _ name: String, _ arms: [ArmResult], _ metric: Metric, _ words: Words, note: String
    ) -> IntervalChart.Group? {
        let marks = arms.compactMap { arm in
            arm.figures[metric].map {
                IntervalChart.Mark(
                    arm: words.name(.arms, arm.arm.kind.rawValue), value: $0.value, low: $0.low, high: $0.high,
                    isAfter: arm.arm.kind.isTrained)
            }
        }
        return marks.isEmpty ? nil : IntervalChart.Group(name: name, note: note, marks: marks)
    }

    private static func outcomeChart(_ evaluation: EvaluationResult, _ words: Words) -> SVGCanvas? {
        guard let tuned = evaluation.arm(of: .tuned)?.arm.name,
            let outcomes = evaluation.comparisons.first(where: {
                $0.metric == evaluation.metrics.primary && $0.arm == tuned
            })?.outcomes
        else { return nil }
        let parts = [
            OutcomeChart.Part(name: "right before and after", count: outcomes.bothRight, colour: .after),
            OutcomeChart.Part(name: "fixed", count: outcomes.fixed, colour: .good),
            OutcomeChart.Part(name: "broken", count: outcomes.broken, colour: .bad),
            OutcomeChart.Part(name: "wrong before and after", count: outcomes.bothWrong, colour: .neutral),
        ]
        let name = words.name(.metrics, evaluation.metrics.primary.rawValue)
        return OutcomeChart(
            title: "What changed, row by row (\(name.lowercased()))",
            summary: parts.map { "\($0.name): \($0.count)" }.joined(separator: ", ") + ".", parts: parts
        ).canvas()
    }

    private static func gateChart(_ gates: [GateRecord], _ words: Words) -> SVGCanvas? {
        guard !gates.isEmpty else { return nil }
        let shown = gates.map { "\($0.id.uppercased()) \(words.name(.readiness, $0.state.rawValue))" }
        return GateStripChart(
            title: "The gates", summary: shown.joined(separator: ", ") + ".",
            gates: gates.map { .init(id: $0.id.uppercased(), state: $0.state, isTakenOn: $0.isTakenOn) }
        ).canvas()
    }

    private static func ratingChart(
        _ panel: PanelResult, _ evaluation: EvaluationResult?, _ words: Words
    ) -> SVGCanvas {
        let bars = panel.axes.flatMap { axis in
            let title = panel.rubric.axes.first { $0.id == axis.id }?.title ?? axis.id
            return zip(panel.arms, axis.arms).map { name, arm in
                let kind = evaluation?.arm(named: name)?.arm.kind
                return RatingChart.Bar(
                    axis: MarkdownText.shortened(title, to: 14),
                    arm: kind == .tuned
                        ? "after (tuned)" : kind == .base ? "before (base)" : MarkdownText.shortened(name, to: 18),
                    counts: arm.counts, mean: Figure.fixed(arm.mean.value, digits: 1))
            }
        }
        let synthetic = panel.isSynthetic ? " (synthetic)" : ""
        return RatingChart(
            title: "What \(panel.raters.count) raters gave\(synthetic)",
            summary: bars.map { "\($0.axis), \($0.arm): mean \($0.mean) of 5" }.joined(separator: ". ") + ".",
            bars: bars
        ).canvas()
    }

    private static func rowChart(_ audit: AuditRecord, parts: [AuditRecord.Count]) -> SVGCanvas {
        var bars = [RowFlowChart.Bar(name: "rows read", count: audit.read, colour: .before, offset: 0)]
        var dropped = 0
        for reason in audit.dropped {
            dropped += reason.count
            let name = MarkdownText.shortened("dropped: \(reason.name.replacing("_", with: " "))", to: 30)
            bars.append(RowFlowChart.Bar(name: name, count: reason.count, colour: .bad, offset: audit.read - dropped))
        }
        bars.append(RowFlowChart.Bar(name: "rows kept", count: audit.kept, colour: .after, offset: 0))
        var offset = 0
        for part in parts {
            bars.append(RowFlowChart.Bar(name: part.name, count: part.count, colour: .good, offset: offset))
            offset += part.count
        }
        return RowFlowChart(
            title: "Where the rows went", summary: bars.map { "\($0.name): \($0.count)" }.joined(separator: ", ") + ".",
            bars: bars
        ).canvas()
    }

    private static func lossChart(_ log: EventLog) -> SVGCanvas? {
        let steps = log.steps, evals = log.evals
        guard let first = steps.first, let last = steps.last, steps.count > 1 else { return nil }
        var summary =
            "Training loss from \(Figure.fixed(first.loss, digits: 3)) at step \(first.globalStep.number) to "
            + "\(Figure.fixed(last.loss, digits: 3)) at step \(last.globalStep.number)."
        if let best = evals.min(by: { $0.loss < $1.loss }) {
            summary +=
                " Lowest validation loss \(Figure.fixed(best.loss, digits: 3)) at step \(best.globalStep.number)."
        }
        return LossChart(title: "Loss during training", summary: summary, steps: steps, evals: evals).canvas()
    }
}
