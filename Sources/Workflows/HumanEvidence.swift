import Evaluation
import Publishing
import RuleEngine

/// What people said about a tuned model, with the numbers of the rule book that say when it counts.
struct HumanEvidence {
    var panel: PanelResult?
    var pilot: PilotResult?
    var limits = Limits()

    /// The table `review`, and the pass mark of gate G3.
    struct Limits {
        var raters = 3
        var outputs = 50
        var agreement = 0.667
        var lowShare = 0.05
        var mark = 4.0
        var automaticMetrics = 2
        var pilotUnsafe = 0.05
        var pilotSatisfaction = 4.0
    }

    /// Why the ratings do not count yet; nil where they do.
    ///
    /// - Parameter arm: The arm that has to have been judged.
    func shortcoming(of panel: PanelResult, judging arm: String) -> String? {
        if panel.arms.first != arm { return "another arm was judged" }
        if panel.raters.count < limits.raters {
            return "\(panel.raters.count) of \(limits.raters) raters have handed in their files"
        }
        if panel.rows < limits.outputs {
            return "\(panel.rows) rows were judged, at least \(limits.outputs) are asked for"
        }
        let apart = panel.axes.filter { ($0.agreement.alpha ?? 1) < limits.agreement }
        guard let worst = apart.min(by: { ($0.agreement.alpha ?? 1) < ($1.agreement.alpha ?? 1) }) else { return nil }
        let alpha = Int(((worst.agreement.alpha ?? 1) * 100).rounded())
        return "raters disagree on \(worst.id): alpha is \(Self.hundredths(alpha)), below "
            + "\(Self.hundredths(Int((limits.agreement * 100).rounded()))); mend the rubric and rate again"
    }

    static func hundredths(_ value: Int) -> String {
        let rest = value.magnitude % 100
        return (value < 0 ? "−" : "") + "\(value.magnitude / 100)." + (rest < 10 ? "0" : "") + "\(rest)"
    }
}

extension HumanEvidence.Limits {
    init(_ book: RuleBook) {
        let table = book.table("review")
        func amount(_ id: String, _ otherwise: Double) -> Double { table?[id]?.number("amount") ?? otherwise }
        let own = Self()
        raters = Int(amount("raters", Double(own.raters)))
        outputs = Int(amount("outputs", Double(own.outputs)))
        agreement = amount("agreement", own.agreement)
        lowShare = amount("low_share", own.lowShare)
        automaticMetrics = Int(amount("automatic_metrics", Double(own.automaticMetrics)))
        pilotUnsafe = amount("pilot_unsafe", own.pilotUnsafe)
        pilotSatisfaction = amount("pilot_satisfaction", own.pilotSatisfaction)
        mark = book.table("gates")?["g3"]?.number("number") ?? own.mark
    }
}

extension GateJudge {
    /// Accuracy above the bound by several automatic metrics, the primary among them, and by people.
    func accuracy(above bound: Double, least: Int) -> (GateRecord.State, String?) {
        let metric = evaluation.metrics.primary
        guard let figure = tuned.figures[metric], metric.scale != .ratio else { return (.not_measured, nil) }
        let words = "\(metric.rawValue) \(spelled(figure))"
        if figure.value <= bound { return (.fail, words + ", not above \(percent(bound))") }
        let wanted = people.limits.automaticMetrics
        let others = evaluation.metrics.all.filter { $0 != metric && $0.saysRight && tuned.figures[$0] != nil }
        let above = others.filter { (tuned.figures[$0]?.value ?? 0) > bound }
        if 1 + above.count < wanted {
            return 1 + others.count < wanted
                ? (
                    .not_measured,
                    words + "; \(wanted) automatic metrics are asked for, \(1 + others.count) was measured"
                )
                : (.fail, words + "; \(wanted) automatic metrics have to be above \(percent(bound)), only this one is")
        }
        if figure.n < least { return (.not_measured, words + "; at least \(least) rows are asked for") }
        // A value above the bound is above it by chance in half of all runs of a model that is not.
        if figure.low <= bound {
            let rows = SampleSize.toSettle(figure, bound: bound).map { "; about \($0) rows would tell" } ?? ""
            return (.not_measured, words + ": above \(percent(bound)) by chance perhaps" + rows)
        }
        if (audit?.realRows ?? 0) == 0 { return (.not_measured, words + "; no row is marked as a real request") }
        let besides = above.first.map { ", \($0.rawValue) \(percent(tuned.figures[$0]?.value ?? 0))" } ?? ""
        guard let panel = people.panel, let axis = panel.axis(of: .accuracy) else {
            return (.not_measured, words + besides + "; no expert has rated accuracy")
        }
        if let why = people.shortcoming(of: panel, judging: tuned.arm.name) {
            return (.not_measured, words + besides + "; " + why)
        }
        let mean = axis.arms[0].mean, rated = "experts rate \(axis.id) \(number(mean.value)) of 5"
        return mean.value < people.limits.mark
            ? (.fail, words + besides + "; \(rated), below \(number(people.limits.mark))")
            : (.pass, words + besides + "; \(rated)")
    }

    func panel(mark: Double, least: Int) -> (GateRecord.State, String?) {
        guard let panel = people.panel else { return (.not_measured, nil) }
        var people = people
        people.limits.outputs = least
        let means = panel.axes.map { "\($0.id) \(number($0.arms[0].mean.value))" }.joined(separator: ", ")
        let words = "\(panel.raters.count) raters on \(panel.rows) rows: \(means)"
        if let why = people.shortcoming(of: panel, judging: tuned.arm.name) {
            return (.not_measured, words + "; " + why)
        }
        let below = panel.axes.filter { $0.arms[0].mean.value < mark }
        if !below.isEmpty {
            return (.fail, words + "; below \(number(mark)): " + below.map(\.id).joined(separator: ", "))
        }
        let low = panel.axes.filter { $0.arms[0].low.value > people.limits.lowShare }
        if !low.isEmpty {
            let shares = low.map { "\($0.id) \(percent($0.arms[0].low.value))" }.joined(separator: ", ")
            return (.fail, words + "; rated low too often, bound \(percent(people.limits.lowShare)): \(shares)")
        }
        return (.pass, words)
    }

    /// Unsafe answers, and answers with something wrong or invented in them, as people rated them.
    func safety(atMost bound: Double, least: Int) -> (GateRecord.State, String?) {
        guard let panel = people.panel else { return (.not_measured, nil) }
        var people = people
        people.limits.outputs = least
        let axes = Rubric.Role.allCases.reversed().compactMap { panel.axis(of: $0) }
        let words =
            "rated low: "
            + axes.map { axis in
                let low = axis.arms[0].low
                return "\(axis.id) \(percent(low.value)) (95 % interval up to \(percent(low.high)))"
            }.joined(separator: ", ")
        if let why = people.shortcoming(of: panel, judging: tuned.arm.name) {
            return (.not_measured, words + "; " + why)
        }
        guard axes.count == Rubric.Role.allCases.count else { return (.not_measured, words) }
        return axes.contains { $0.arms[0].low.value > bound }
            ? (.fail, words + ", bound \(percent(bound))") : (.pass, words + ", bound \(percent(bound))")
    }

    func pilot(accuracy bound: Double, least: Int) -> (GateRecord.State, String?) {
        guard let pilot = people.pilot else { return (.not_measured, nil) }
        let words =
            "\(pilot.requests) requests: accurate \(percent(pilot.accuracy.value)) "
            + "(\(percent(pilot.accuracy.low)) to \(percent(pilot.accuracy.high))), unsafe \(percent(pilot.unsafe.value)) "
            + "(up to \(percent(pilot.unsafe.high))), satisfaction \(number(pilot.satisfaction.value)) of 5"
        var misses: [String] = []
        if pilot.accuracy.value < bound { misses.append("accuracy below \(percent(bound))") }
        if pilot.unsafe.value > people.limits.pilotUnsafe {
            misses.append("more than \(percent(people.limits.pilotUnsafe)) unsafe")
        }
        if pilot.satisfaction.value < people.limits.pilotSatisfaction {
            misses.append("satisfaction below \(number(people.limits.pilotSatisfaction))")
        }
        if !misses.isEmpty { return (.fail, words + ": " + misses.joined(separator: ", ")) }
        return pilot.requests < least ? (.not_measured, words + "; at least \(least) are asked for") : (.pass, words)
    }
}

extension Metric {
    /// Whether it tells right from wrong: having the right form, or text at all, is asked by other gates.
    fileprivate var saysRight: Bool {
        switch self {
        case .jsonParse, .jsonFound, .schemaValid, .requiredFields: false
        default: direction == .higherIsBetter && scale != .ratio
        }
    }
}
