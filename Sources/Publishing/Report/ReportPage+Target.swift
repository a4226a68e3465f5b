import Evaluation

extension ReportPage {
    /// The value the team said counts as success, beside what was measured.
    struct Target {
        let metric: String
        let wanted: String
        let reached: String
        let interval: String
        let isMet: Bool
        /// The whole interval is on one side of the wanted value.
        let isSure: Bool
    }
}

extension ReportPage.Target {
    /// Nil where no target was named, or its metric was not measured.
    init?(_ input: ReportInput, _ words: Words) {
        guard let wanted = input.targetValue, let evaluation = input.evaluation,
            let metric = input.answer("task.metric").map(Metric.init) ?? evaluation.metrics.primary,
            let tuned = evaluation.arm(of: .tuned) ?? EvaluationResult.best(of: evaluation.arms, metric), let figure = tuned.figures[metric]
        else { return nil }
        self.metric = words.name(.metrics, metric.rawValue)
        self.wanted = MetricText.value(wanted, metric)
        reached = MetricText.value(figure.value, metric)
        interval = MetricText.range(figure, metric)
        let isLower = metric.direction == .lowerIsBetter
        isMet = isLower ? figure.value <= wanted : figure.value >= wanted
        isSure = figure.low >= wanted || figure.high < wanted
    }
}

extension ReportInput {
    func answer(_ fact: String) -> String? { answers.first { $0.fact == fact }?.value }

    /// A share may be written as a percentage: 85 is 0.85.
    var targetValue: Double? {
        guard let value = answer("task.target").flatMap(Double.init) else { return nil }
        let isRatio = answer("task.metric").flatMap(Metric.init)?.scale == .ratio
        return value > 1 && !isRatio ? value / 100 : value
    }
}
