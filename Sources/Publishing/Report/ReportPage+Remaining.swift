import Evaluation
import JSONText
import Plan
import Registry

extension ReportPage {
    /// What is left between this run and relying on the model, and what to collect next.
    struct RemainingPart {
        let steps: [Step]
        let open: [ReadinessPart.Gate]
        let clusters: [Cluster]
        let clusterKind: String

        struct Step {
            let number: String
            let name: String
            let box: String
            /// What is missing; nil where the step is done.
            let missing: String?
        }

        /// Rows of one kind, and how many of them the model got wrong.
        struct Cluster {
            let name: String
            let wrong: String
            let count: String
            let share: String
        }
    }
}

extension ReportPage.RemainingPart {
    init(_ input: ReportInput, _ words: Words) {
        func passes(_ gate: String) -> Bool { input.gates.contains { $0.id == gate && $0.state == .pass } }
        let done: [Bool] = [
            input.answer("task.metric") != nil && input.targetValue != nil,
            input.audit.map { $0.blocking.isEmpty } ?? false,
            input.plan != nil,
            input.run.fingerprints["encoder"] != nil,
            input.events.finish != nil,
            input.evaluation?.probe != nil && input.panel != nil,
            passes("g4") && passes("g8"),
            input.ladder?.passes ?? false,
            input.pilot != nil,
        ]
        steps = done.enumerated().map { place, isDone in
            let id = "step\(place + 1)"
            // A script that stood in for people did not do their step.
            let demonstrates =
                place == 5 ? input.panel?.isSynthetic == true : place == 8 && input.pilot?.isSynthetic == true
            let note = isDone && demonstrates ? " (" + words.name(.synthetic, "step") + ")" : ""
            return Step(
                number: String(place + 1), name: words.name(.steps, id) + note, box: isDone ? "[x]" : "[ ]",
                missing: isDone ? nil : words.help(.steps, id))
        }
        open = input.gates.filter(\.isOpen).map { ReportPage.ReadinessPart.Gate($0, words) }
        let found = input.evaluation.map { Self.clusters($0) }
        clusters = found?.clusters ?? []
        clusterKind = words.name(.steps, found?.kind ?? "by_request")
    }

    private static let shown = 8

    /// Wrong rows by what was expected: the label, the first field of a JSON answer, else the group or the first words.
    private static func clusters(_ evaluation: EvaluationResult) -> (kind: String, clusters: [Cluster]) {
        let primary = evaluation.metrics.primary
        guard let arm = evaluation.arm(of: .tuned) ?? EvaluationResult.best(of: evaluation.arms, primary) else {
            return ("by_request", [])
        }
        var counts: [String: (wrong: Int, all: Int)] = [:]
        for item in arm.items {
            guard let score = item.scores[primary], score.isFinite else { continue }
            let key = Self.key(item, evaluation.metrics.form)
            counts[key, default: (0, 0)].all += 1
            if score < 1 { counts[key, default: (0, 0)].wrong += 1 }
        }
        let kind = evaluation.metrics.form == .json || evaluation.metrics.form == .labels ? "by_answer" : "by_request"
        let sorted = counts.filter { $0.value.wrong > 0 }.sorted {
            ($0.value.wrong, $1.key) > ($1.value.wrong, $0.key)
        }
        return (
            kind,
            sorted.prefix(shown).map { key, count in
                Cluster(
                    name: MarkdownText.shortened(key, to: 60), wrong: Figure.count(count.wrong),
                    count: Figure.count(count.all),
                    share: Figure.percent(Double(count.wrong) / Double(max(count.all, 1)), digits: 0))
            }
        )
    }

    private static func key(_ item: ItemResult, _ form: MetricSet.AnswerForm) -> String {
        switch form {
        case .labels: item.expected
        case .json:
            (try? JSONValue.parse(item.expected))?.objectValue?.members.first?.value.stringValue ?? item.expected
        case .shortText, .openText:
            item.group ?? item.prompt.split(whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
        }
    }
}

extension ReportPage.ReadinessPart.Gate {
    init(_ gate: GateRecord, _ words: Words) {
        id = gate.id.uppercased()
        title = gate.title
        state = words.name(.readiness, gate.state.rawValue)
        found = gate.found
        override = gate.override.map {
            .init(name: $0.name, because: $0.because, time: $0.time, isVoid: !gate.isTakenOn)
        }
    }
}

extension ReportPage {
    /// What to watch once the model is in use, with this run's figures as the baseline.
    struct MonitoringPart {
        let indicators: [Indicator]
        let baseline: [Fact]
        let rollback: [String]
        let model: String

        struct Indicator {
            let name: String
            let value: String
            let alarm: String
        }

        /// Nil where no arm answered anything.
        init?(_ input: ReportInput, _ words: Words) {
            guard let evaluation = input.evaluation,
                let arm = evaluation.arm(of: .tuned)
                    ?? EvaluationResult.best(of: evaluation.arms, evaluation.metrics.primary)
            else { return nil }
            let wanted: [Metric] = [
                evaluation.metrics.primary, .schemaValid, .jsonParse, .stopRate, .echoRate, .repetition,
            ]
            var seen: Set<Metric> = []
            indicators =
                wanted.compactMap { metric -> Indicator? in
                    guard seen.insert(metric).inserted, let figure = arm.figures[metric] else { return nil }
                    let isBad = metric == .echoRate || metric == .repetition || metric.direction == .lowerIsBetter
                    let end = MetricText.value(isBad ? figure.high : figure.low, metric)
                    return Indicator(
                        name: words.name(.metrics, metric.rawValue),
                        value: "\(MetricText.value(figure.value, metric)) (\(MetricText.range(figure, metric)))",
                        alarm: (isBad ? "above " : "below ") + end)
                }
                + [
                    arm.usage.secondsPerItem.map {
                        Indicator(
                            name: "Time per request", value: Figure.duration($0),
                            alarm: "above " + Figure.duration($0 * 2))
                    },
                    arm.usage.costPerThousand.map {
                        Indicator(
                            name: "USD per 1,000 requests", value: Figure.fixed($0, digits: 2),
                            alarm: "above " + Figure.fixed($0 * 1.2, digits: 2))
                    },
                    (input.pilot?.unsafe ?? input.panel?.axis(of: .safety)?.arms.first?.low).map {
                        Indicator(
                            name: "Unsafe answers", value: Figure.percent($0.value),
                            alarm: "above " + Figure.percent($0.high))
                    },
                    input.pilot.map {
                        Indicator(
                            name: "Satisfaction (1 to 5)", value: Figure.fixed($0.satisfaction.value, digits: 2),
                            alarm: "below " + Figure.fixed($0.satisfaction.low, digits: 2))
                    },
                ].compactMap(\.self)
            baseline = input.audit?.baseline.map { Fact(name: $0.name, value: Figure.plain($0.value)) } ?? []
            model = input.run.model ?? arm.arm.model
            rollback = ["hone report \(input.run.id.isEmpty ? "RUN" : "runs/" + input.run.id) --verify"]
        }
    }
}
