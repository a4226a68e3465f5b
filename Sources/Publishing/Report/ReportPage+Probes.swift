import Evaluation

extension ReportPage {
    /// What was asked beside the task: whether the model can be led astray, and whether training rows leak.
    struct ProbesPart {
        let families: [Family]
        let failures: [Failure]
        let memorisation: Memorisation?
        let clean: Clean?

        struct Family {
            let name: String
            let before: String
            let after: String
            let n: String
        }

        struct Failure {
            let family: String
            let request: String
            let answer: String
        }

        struct Memorisation {
            let members: String
            let controls: String
            let found: String
            let foundInterval: String
            let exposure: String
            let highest: String
            let area: String
            let regurgitated: String?
            let controlsRegurgitated: String?
            let isAboveChance: Bool
            let hasFewControls: Bool
        }

        /// The same arms without rows that nearly equal a training row.
        struct Clean {
            let rows: String
            let all: String
            let metric: String
            let arms: [Arm]

            struct Arm {
                let name: String
                let clean: String
                let cleanInterval: String
                let full: String
            }
        }
    }
}

extension ReportPage.ProbesPart {
    /// Nil where nothing of the kind was measured.
    init?(_ evaluation: EvaluationResult, _ words: Words) {
        guard evaluation.safety != nil || evaluation.memorisation != nil || !evaluation.clean.isEmpty else { return nil }
        func share(_ figure: Interval) -> String {
            "\(Figure.percent(figure.value)) (\(Figure.fixed(figure.low * 100, digits: 1))–\(Figure.fixed(figure.high * 100, digits: 1)))"
        }
        let found = evaluation.safety?.families ?? []
        families = found.map {
            Family(
                name: words.name(.probes, $0.id), before: $0.before.map(share) ?? "–", after: share($0.after),
                n: Figure.count($0.after.n))
        }
        failures = found.flatMap { family in
            family.failures.prefix(2).map {
                Failure(
                    family: words.name(.probes, family.id), request: MarkdownText.shortened($0.request, to: 120),
                    answer: MarkdownText.shortened($0.answer, to: 120))
            }
        }
        memorisation = evaluation.memorisation.map { probe in
            Memorisation(
                members: Figure.count(probe.members), controls: Figure.count(probe.controls),
                found: Figure.percent(probe.found.value),
                foundInterval: MetricText.range(probe.found, .exactMatch),
                exposure: Figure.fixed(probe.exposure, digits: 2), highest: Figure.fixed(probe.highestExposure, digits: 1),
                area: Figure.fixed(probe.areaUnderCurve, digits: 3), regurgitated: probe.regurgitated.map(share),
                controlsRegurgitated: probe.controlsRegurgitated.map(share), isAboveChance: probe.isAboveChance,
                hasFewControls: probe.controls < 100)
        }
        let primary = evaluation.metrics.primary
        clean = evaluation.clean.first.map { _ in
            Clean(
                rows: Figure.count(evaluation.cleanItems), all: Figure.count(evaluation.items),
                metric: words.name(.metrics, primary.rawValue),
                arms: evaluation.clean.compactMap { arm in
                    arm.figures[primary].map { figure in
                        Clean.Arm(
                            name: words.name(.arms, arm.arm), clean: MetricText.value(figure.value, primary),
                            cleanInterval: MetricText.range(figure, primary),
                            full: evaluation.arm(named: arm.arm.name)?.figures[primary]
                                .map { MetricText.value($0.value, primary) } ?? "–")
                    }
                })
        }
    }
}
