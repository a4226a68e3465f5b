import Plan

extension ReportPage {
    /// Every setting with whoever set it.
    struct SettingsPart {
        let chosen: [Setting]
        let defaults: [Fact]

        struct Setting {
            let key: String
            let value: String
            let by: String
            let why: String
        }

        init(_ plan: RunPlan) {
            let fields = plan.fields.filter { $0.value != .nothing }
            chosen = fields.compactMap { field in
                plan.origins[field.key].map { origin in
                    switch origin {
                    case .rule(let id, let why): Setting(key: field.key, value: text(field.value), by: id, why: why)
                    case .you(let was):
                        Setting(
                            key: field.key, value: text(field.value), by: "you", why: was.map { "before: \($0)" } ?? "")
                    }
                }
            }
            defaults = fields.filter { plan.origins[$0.key] == nil }.map { Fact(name: $0.key, value: text($0.value)) }
        }
    }

    /// How training went.
    struct TrainingPart {
        let steps: String
        let epochs: String
        let firstLoss: String
        let lastLoss: String
        let bestValidation: String?
        let bestStep: String?
        let tokensPerSecond: String
        let tokens: String
        let trainableParameters: String?
        let instructionSet: String?
        let ended: String?
        let rows: [Row]
        let warnings: [Warning]

        struct Row {
            let step: String
            let training: String
            let validation: String
            let perplexity: String
        }

        struct Warning {
            let id: String
            let text: String
        }
    }

    /// What was predicted before the run next to what happened.
    struct Prediction {
        let name: String
        let predicted: String
        let actual: String
        let error: String

        static func all(_ input: ReportInput) -> [Prediction] {
            guard let check = input.check, let finish = input.events.finish else { return [] }
            var rows: [Prediction] = []
            if let p50 = check.p50Bytes {
                let upper = check.p95Bytes.map { " (95 of 100 runs: at most \(Figure.bytes($0)))" } ?? ""
                rows.append(
                    Prediction(
                        name: "Peak memory", predicted: Figure.bytes(p50) + upper,
                        actual: Figure.bytes(finish.peakRSS.bytes),
                        error: error(Double(p50), Double(finish.peakRSS.bytes))))
            }
            if let hours = check.hours {
                rows.append(
                    Prediction(
                        name: "Training time", predicted: Figure.duration(hours * 3600),
                        actual: Figure.duration(finish.seconds), error: error(hours * 3600, finish.seconds)))
            }
            return rows
        }

        private static func error(_ predicted: Double, _ actual: Double) -> String {
            actual > 0 ? Figure.signed((predicted / actual - 1) * 100, digits: 0) + " %" : "–"
        }
    }
}

extension ReportPage.TrainingPart {
    /// Nil where nothing was trained.
    init?(_ log: EventLog) {
        let steps = log.steps, evals = log.evals
        guard let first = steps.first, let last = steps.last else { return nil }
        self.steps = Figure.count(last.globalStep.number)
        epochs = Figure.plain(last.epoch)
        firstLoss = Figure.fixed(first.loss, digits: 3)
        lastLoss = Figure.fixed(last.loss, digits: 3)
        let best = evals.min { $0.loss < $1.loss }
        bestValidation = best.map { Figure.fixed($0.loss, digits: 3) }
        bestStep = best.map { Figure.count($0.globalStep.number) }
        let total = steps.reduce(0) { $0 + $1.tokens.tokens }
        tokens = Figure.count(total)
        let seconds = steps.reduce(0.0) {
            $0 + ($1.tokensPerSecond > 0 ? Double($1.tokens.tokens) / $1.tokensPerSecond : 0)
        }
        tokensPerSecond = seconds > 0 ? Figure.count(Int((Double(total) / seconds).rounded())) : "–"
        trainableParameters = log.start.map { Figure.count($0.trainableParameters) }
        instructionSet = log.start?.instructionSet
        ended = log.finish.map {
            $0.reason == .completed ? "all steps done" : $0.reason.rawValue.replacing("_", with: " ")
        }
        rows = Self.rows(steps, evals)
        warnings = log.warnings.map { Warning(id: $0.id, text: $0.text) }
    }

    private static let rowsShown = 12

    /// The chart as a table: every look at the validation rows, or evenly spaced steps where there was none.
    private static func rows(_ steps: [StepMetrics], _ evals: [EvalMetrics]) -> [Row] {
        if evals.isEmpty {
            let gap = max(1, (steps.count + rowsShown - 1) / rowsShown)
            return steps.indices.filter { $0 % gap == 0 || $0 == steps.count - 1 }.map { place in
                Row(
                    step: Figure.count(steps[place].globalStep.number),
                    training: Figure.fixed(steps[place].loss, digits: 3),
                    validation: "–", perplexity: "–")
            }
        }
        let losses = Dictionary(steps.map { ($0.globalStep, $0.loss) }) { _, later in later }
        return evals.map { eval in
            Row(
                step: Figure.count(eval.globalStep.number),
                training: losses[eval.globalStep].map { Figure.fixed($0, digits: 3) } ?? "–",
                validation: Figure.fixed(eval.loss, digits: 3), perplexity: Figure.plain(eval.perplexity))
        }
    }
}

private func text(_ value: PlanValue) -> String {
    switch value {
    case .text(let text): text
    case .whole(let number): String(number)
    case .number(let number): number.description
    case .flag(let flag): flag ? "yes" : "no"
    case .list(let parts): parts.joined(separator: ", ")
    case .nothing: ""
    }
}
