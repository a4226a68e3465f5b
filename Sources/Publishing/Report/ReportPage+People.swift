import Evaluation

extension ReportPage {
    /// What people said who judged the answers, and what a pilot came to.
    struct PeoplePart {
        let panel: Panel?
        let pilot: Pilot?

        struct Panel {
            let rows: String
            let raters: String
            let rubric: String
            let arm: String
            let baseline: String?
            let axes: [Axis]
            let people: [Person]
            let preference: String?
            let isSynthetic: Bool
        }

        struct Axis {
            let name: String
            let mean: String
            let baseline: String?
            let low: String
            let alpha: String
            let kappa: String
        }

        struct Person {
            let name: String
            let severity: String
            let equal: String
            let near: String
        }

        struct Pilot {
            let requests: String
            let accuracy: String
            let unsafe: String
            let satisfaction: String
            let isSynthetic: Bool
        }
    }
}

extension ReportPage.PeoplePart {
    init?(_ input: ReportInput, _ words: Words) {
        guard input.panel != nil || input.pilot != nil else { return nil }
        panel = input.panel.map { Panel($0, input.evaluation, words) }
        pilot = input.pilot.map {
            Pilot(
                requests: Figure.count($0.requests), accuracy: Self.share($0.accuracy), unsafe: Self.share($0.unsafe),
                satisfaction: Self.mean($0.satisfaction), isSynthetic: $0.isSynthetic)
        }
    }

    fileprivate static func share(_ interval: Interval) -> String {
        "\(Figure.percent(interval.value)) (\(Figure.fixed(interval.low * 100, digits: 1))–"
            + "\(Figure.fixed(interval.high * 100, digits: 1)))"
    }

    fileprivate static func mean(_ interval: Interval) -> String {
        "\(Figure.fixed(interval.value, digits: 2)) (\(Figure.fixed(interval.low, digits: 2))–"
            + "\(Figure.fixed(interval.high, digits: 2)))"
    }
}

extension ReportPage.PeoplePart.Panel {
    fileprivate init(_ panel: PanelResult, _ evaluation: EvaluationResult?, _ words: Words) {
        func name(_ arm: String) -> String {
            evaluation?.arm(named: arm).map { words.name(.arms, $0.arm) } ?? arm
        }
        rows = Figure.count(panel.rows)
        raters = Figure.count(panel.raters.count)
        rubric = panel.rubric.axes.map { $0.title.lowercased() }.joined(separator: ", ")
        arm = panel.arms.first.map(name) ?? ""
        baseline = panel.arms.count > 1 ? name(panel.arms[1]) : nil
        axes = panel.axes.map { axis in
            let title = panel.rubric.axes.first { $0.id == axis.id }?.title ?? axis.id
            return .init(
                name: title, mean: axis.arms.first.map { ReportPage.PeoplePart.mean($0.mean) } ?? "–",
                baseline: axis.arms.count > 1 ? ReportPage.PeoplePart.mean(axis.arms[1].mean) : nil,
                low: axis.arms.first.map { ReportPage.PeoplePart.share($0.low) } ?? "–",
                alpha: Self.alpha(axis.agreement),
                kappa: axis.kappas.first.map { low in
                    let high = axis.kappas.last?.value ?? low.value
                    return "\(Figure.fixed(low.value, digits: 2)) to \(Figure.fixed(high, digits: 2))"
                } ?? "undefined")
        }
        people = panel.raters.map { rater in
            .init(
                name: rater.name.isEmpty ? "rater \(rater.number)" : rater.name,
                severity: rater.severity.map {
                    "\(Figure.signed($0.value, digits: 2)) (\(Figure.signed($0.low, digits: 2)) to \(Figure.signed($0.high, digits: 2)))"
                } ?? "–", equal: "\(rater.repeatedEqual) of \(rater.repeats)",
                near: "\(rater.repeatedNear) of \(rater.repeats)")
        }
        preference = panel.preference.map {
            "won \(Figure.count($0.wins)), tied \(Figure.count($0.ties)), lost \(Figure.count($0.losses)) "
                + "(sign test, \(Figure.probability($0.pValue)))"
        }
        isSynthetic = panel.isSynthetic
    }

    private static func alpha(_ agreement: PanelResult.Agreement) -> String {
        guard let alpha = agreement.alpha else { return "undefined: no variation" }
        let ends = agreement.low.flatMap { low in
            agreement.high.map { " (\(Figure.fixed(low, digits: 2))–\(Figure.fixed($0, digits: 2)))" }
        }
        return Figure.fixed(alpha, digits: 2) + (ends ?? "")
    }
}
