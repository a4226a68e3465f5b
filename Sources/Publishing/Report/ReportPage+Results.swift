import Evaluation

extension ReportPage {
    /// The measured part: what the executive reads first and the reviewer recomputes.
    struct Results {
        let items: String
        let groups: String?
        let split: String
        let before: String
        let after: String
        let lead: Lead?
        /// At most four lines for the first screen, every metric in the full table.
        let headline: [Row]
        let table: [Row]
        /// The first metrics again on the rows that were marked as real requests, and how many those are.
        let real: [Row]
        let realItems: String
        let outcomes: OutcomeCounts?
        let general: [Row]
        let generalBroken: [Broken]
        let generalBrokenMore: String?
        let arms: [ArmLine]
        /// Points two arms have to differ by to be told apart on this many rows, if they disagree on a fifth of them.
        let resolution: String?
        let decoding: String
        let form: String
        let areMetricsGiven: Bool

        /// The comparison the verdict rests on, in words.
        struct Lead {
            let metric: String
            let before: String
            let after: String
            let change: String
            let interval: String
            let probability: String
            let test: String
            let outcome: String
            let isProven: Bool
            /// What this many rows could have shown, in points.
            let detectable: String?
        }

        struct Row {
            let name: String
            let help: String
            let before: String
            let beforeInterval: String
            let after: String
            let afterInterval: String
            let change: String
            let changeInterval: String
            let n: String
        }

        struct OutcomeCounts {
            let fixed: String
            let broken: String
            let bothRight: String
            let bothWrong: String
            let metric: String
        }

        struct Broken {
            let question: String
            let expected: String
            let before: String
            let after: String
        }

        struct ArmLine {
            let name: String
            let model: String
            let promptTokens: String
            let outputTokens: String
            let secondsPerItem: String
        }
    }
}

extension ReportPage.Results {
    /// Nil where nothing was answered by any arm, and where there is no before and after but a field of arms.
    init?(_ evaluation: EvaluationResult, _ words: Words) {
        guard let before = evaluation.arm(of: .base) ?? evaluation.arms.first else { return nil }
        let tuned = evaluation.arm(of: .tuned) ?? evaluation.arms.last { $0.arm.kind.isTrained }
        guard tuned != nil || evaluation.arms.count == 1 else { return nil }
        let after = tuned ?? before
        let primary = evaluation.metrics.primary
        let name = words.name(.metrics, primary.rawValue)
        items = Figure.count(evaluation.items)
        groups = after.figures[primary]?.clusters.map(Figure.count)
        split = evaluation.split
        self.before = words.name(.arms, before.arm.kind.rawValue)
        self.after = words.name(.arms, after.arm.kind.rawValue)
        let comparison = evaluation.comparison(primary, of: after.arm.name, against: before.arm.name)
        lead = comparison.flatMap { Lead($0, before, after, name: name) }
        func rows(_ metrics: [Metric]) -> [Row] {
            metrics.compactMap { metric in
                Row(
                    metric, before, after, evaluation.comparison(metric, of: after.arm.name, against: before.arm.name),
                    name: words.name(.metrics, metric.rawValue), help: words.help(.metrics, metric.rawValue))
            }
        }
        table = rows(evaluation.metrics.all)
        general = evaluation.probe.flatMap { Self.generalRow($0, words) }.map { [$0] } ?? []
        headline = rows(evaluation.metrics.headline) + general
        let slice = evaluation.real
        realItems = Figure.count(slice.first?.figures[primary]?.n ?? 0)
        real = evaluation.metrics.headline.compactMap { metric in
            guard let old = slice.first(where: { $0.arm.name == before.arm.name }),
                let new = slice.first(where: { $0.arm.name == after.arm.name })
            else { return nil }
            return Row(
                metric, old, new, nil, name: words.name(.metrics, metric.rawValue),
                help: words.help(.metrics, metric.rawValue))
        }
        outcomes = comparison?.outcomes.map { outcomes in
            OutcomeCounts(
                fixed: Figure.count(outcomes.fixed), broken: Figure.count(outcomes.broken),
                bothRight: Figure.count(outcomes.bothRight), bothWrong: Figure.count(outcomes.bothWrong), metric: name)
        }
        let broken = evaluation.probe.map(Self.brokenAnswers) ?? []
        generalBroken = Array(broken.prefix(Self.brokenShown))
        generalBrokenMore = broken.count > Self.brokenShown ? Figure.count(broken.count - Self.brokenShown) : nil
        arms = evaluation.arms.map { ArmLine($0, words) }
        resolution = DetectableEffect.paired(
            rows: after.figures[primary]?.clusters ?? after.items.count, discordantShare: 0.2
        ).map { Figure.fixed($0 * 100, digits: 0) }
        decoding =
            "\(evaluation.decoding.sampling), at most \(evaluation.decoding.maxNewTokens) new tokens, "
            + "batches of \(evaluation.decoding.batchSize)"
        form = words.name(.answerForms, evaluation.metrics.form.rawValue)
        areMetricsGiven = evaluation.metrics.isGiven
    }

    private static let brokenShown = 12

    private static func generalRow(_ probe: ProbeResult, _ words: Words) -> Row? {
        guard let before = probe.arms.first, let after = probe.arms.last else { return nil }
        return Row(
            ProbeResult.metric, before, after, probe.comparison, name: words.name(.metrics, "general_knowledge"),
            help: words.help(.metrics, "general_knowledge"))
    }

    private static func brokenAnswers(_ probe: ProbeResult) -> [Broken] {
        guard probe.arms.count == 2, let before = probe.arms.first, let after = probe.arms.last else { return [] }
        let old = Dictionary(before.items.map { ($0.line, $0) }) { first, _ in first }
        return after.items.compactMap { item in
            guard let was = old[item.line], was.scores[ProbeResult.metric] == 1,
                item.scores[ProbeResult.metric] == 0
            else { return nil }
            return Broken(
                question: MarkdownText.shortened(item.prompt, to: 120),
                expected: MarkdownText.shortened(item.expected, to: 60),
                before: MarkdownText.shortened(was.output, to: 60), after: MarkdownText.shortened(item.output, to: 60))
        }
    }
}

extension ReportPage.Results.Lead {
    init?(_ comparison: Comparison, _ old: ArmResult, _ new: ArmResult, name: String) {
        guard let was = old.figures[comparison.metric], let now = new.figures[comparison.metric] else { return nil }
        let metric = comparison.metric, difference = comparison.difference
        self.metric = name
        before = MetricText.value(was.value, metric)
        after = MetricText.value(now.value, metric)
        change = MetricText.difference(difference.value, metric)
        interval = MetricText.differenceRange(difference, metric)
        probability = Figure.probability(comparison.pValue)
        test = comparison.test == .mcNemar ? "exact McNemar test" : "paired permutation test"
        let isBetter = metric.direction == .lowerIsBetter ? difference.value < 0 : difference.value > 0
        isProven = difference.excludes(0) && comparison.pValue < 0.05
        outcome = !isProven ? "not_proven" : isBetter ? "improved" : "worse"
        detectable = comparison.detectable.map { Figure.fixed($0 * 100, digits: 0) }
    }
}

extension ReportPage.Results.Row {
    init?(
        _ metric: Metric, _ old: ArmResult, _ new: ArmResult, _ comparison: Comparison?, name: String, help: String
    ) {
        guard let was = old.figures[metric], let now = new.figures[metric] else { return nil }
        self.name = name
        self.help = help
        before = MetricText.value(was.value, metric)
        beforeInterval = MetricText.range(was, metric)
        after = MetricText.value(now.value, metric)
        afterInterval = MetricText.range(now, metric)
        change =
            comparison.map { MetricText.difference($0.difference.value, metric) }
            ?? MetricText.difference(now.value - was.value, metric)
        changeInterval = comparison.map { MetricText.differenceRange($0.difference, metric) } ?? ""
        n = Figure.count(now.n)
    }
}

extension ReportPage.Results.ArmLine {
    init(_ result: ArmResult, _ words: Words) {
        name = words.name(.arms, result.arm.kind.rawValue)
        model = result.arm.model
        promptTokens = result.usage.promptTokens.map { Figure.fixed($0, digits: 0) } ?? "–"
        outputTokens = result.usage.outputTokens.map { Figure.fixed($0, digits: 0) } ?? "–"
        secondsPerItem = result.usage.secondsPerItem.map { Figure.duration($0) } ?? "–"
    }
}

/// A metric's value in the unit its readers expect.
enum MetricText {
    static func value(_ value: Double, _ metric: Metric) -> String {
        metric.scale == .ratio ? Figure.ratio(value) : Figure.percent(value)
    }

    static func range(_ interval: Interval, _ metric: Metric) -> String {
        if metric.scale == .ratio { return "\(Figure.ratio(interval.low))–\(Figure.ratio(interval.high))" }
        return "\(Figure.fixed(interval.low * 100, digits: 1))–\(Figure.fixed(interval.high * 100, digits: 1))"
    }

    static func difference(_ value: Double, _ metric: Metric) -> String {
        metric.scale == .ratio ? Figure.signed(value, digits: 2) : Figure.points(value)
    }

    static func differenceRange(_ interval: Interval, _ metric: Metric) -> String {
        let (low, high) =
            metric.scale == .ratio
            ? (Figure.signed(interval.low, digits: 2), Figure.signed(interval.high, digits: 2))
            : (Figure.signed(interval.low * 100, digits: 1), Figure.signed(interval.high * 100, digits: 1))
        return "\(low) to \(high)"
    }
}
