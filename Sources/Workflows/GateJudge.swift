import Evaluation
import Publishing
import RuleEngine

/// One run before the gates: each looks at what was recorded and never at what was hoped.
struct GateJudge {
    let evaluation: EvaluationResult
    let tuned: ArmResult
    let audit: AuditRecord?
    var people = HumanEvidence()

    /// Proven on the metric the verdict rests on.
    var isBetterThanBase: Bool { gain(over: .base).map { $0.low > 0 } ?? false }

    func record(_ row: RuleTable.Row) -> GateRecord {
        let bound = row.number("number") ?? 0, least = Int(row.number("least") ?? 0)
        let (state, found) = judged(row.id, bound: bound, least: least)
        return GateRecord(
            id: row.id, title: row.text("title") ?? row.id, state: state,
            found: found ?? row.text("missing").map { "needs " + $0 } ?? "")
    }

    /// Without words where nothing at all was found: then the gate says what it needs.
    private func judged(_ id: String, bound: Double, least: Int) -> (GateRecord.State, String?) {
        switch id {
        case "g0": data(bound)
        case "g1": accuracy(above: bound, least: least)
        case "g2": perplexity(below: bound)
        case "g3": panel(mark: bound, least: least)
        case "g4": supported(atMost: bound, least: least)
        case "g5": better(than: bound)
        case "g6": memory(margin: bound, least: least)
        case "g7": structure(bound)
        case "g8": memorisation(least: least)
        case "g9": pilot(accuracy: bound, least: least)
        case "g10": provenance()
        default: (.not_measured, nil)
        }
    }

    private func data(_ bound: Double) -> (GateRecord.State, String?) {
        guard let audit else { return (.not_measured, nil) }
        let names = audit.blocking.joined(separator: ", ")
        return Double(audit.blocking.count) <= bound
            ? (.pass, "\(audit.kept) of \(audit.read) rows are usable, and no finding stops training")
            : (.fail, "findings that stop training: \(names)")
    }

    private func perplexity(below bound: Double) -> (GateRecord.State, String?) {
        guard let figure = tuned.figures[.perplexity] else { return (.not_measured, nil) }
        let words = "perplexity \(number(figure.value)), bound \(number(bound))"
        return (figure.value < bound ? .pass : .fail, words)
    }

    private func better(than bound: Double) -> (GateRecord.State, String?) {
        guard let overBase = gain(over: .base) else { return (.not_measured, nil) }
        let gains =
            [("the base model", overBase)]
            + [gain(over: .fewShot)].compactMap { $0 }.map {
                ("examples in the prompt", $0)
            }
        let words = gains.map { "against \($0.0) \(points($0.1))" }.joined(separator: ", ")
        if gains.contains(where: { $0.1.high < bound }) { return (.fail, words) }
        if gains.contains(where: { $0.1.low <= bound }) { return (.not_measured, words + ": this could be chance") }
        return gains.count > 1 ? (.pass, words) : (.not_measured, words + "; examples in its prompt were not measured")
    }

    private func memory(margin: Double, least: Int) -> (GateRecord.State, String?) {
        guard let change = evaluation.probe?.comparison?.difference else { return (.not_measured, nil) }
        let words = "general questions \(points(change)) on \(change.n)"
        if change.high < -margin { return (.fail, words) }
        if change.n < least { return (.not_measured, words + "; at least \(least) are asked for") }
        if change.low < -margin { return (.not_measured, words + ": more than the margin may be lost") }
        return (.not_measured, words + "; loss on general text was not measured")
    }

    private func structure(_ bound: Double) -> (GateRecord.State, String?) {
        guard evaluation.metrics.form == .json else { return (.does_not_apply, "answers have no structure to parse") }
        guard let figure = tuned.figures[.jsonParse] else { return (.not_measured, nil) }
        return (figure.value >= bound ? .pass : .fail, "\(spelled(figure)) parse, bound \(percent(bound))")
    }

    private func provenance() -> (GateRecord.State, String?) {
        guard let audit, audit.reviewedRows > 0 else { return (.not_measured, nil) }
        let words = "\(audit.reviewedRows) of \(audit.kept) rows name a reviewer"
        guard let sourced = audit.sourcedRows else { return (.not_measured, words + "; origins were not counted") }
        let isComplete = audit.reviewedRows >= audit.kept && sourced >= audit.kept
        return (isComplete ? .pass : .fail, words + ", \(sourced) say where they came from")
    }

    /// Tuned minus another arm on the primary metric, so that more is better.
    private func gain(over kind: Arm.Kind) -> Interval? {
        let metric = evaluation.metrics.primary
        guard let baseline = evaluation.arm(of: kind),
            let gain = evaluation.comparison(metric, of: tuned.arm.name, against: baseline.arm.name)?.difference
        else { return nil }
        guard metric.direction == .lowerIsBetter else { return gain }
        return Interval(
            value: -gain.value, low: -gain.high, high: -gain.low, n: gain.n, clusters: gain.clusters,
            method: gain.method)
    }

    // MARK: words

    func spelled(_ figure: Interval) -> String {
        "\(percent(figure.value)) (95 % interval \(percent(figure.low)) to \(percent(figure.high)), \(figure.n) rows)"
    }

    private func points(_ change: Interval) -> String {
        func signed(_ value: Double) -> String { (value < 0 ? "−" : "+") + number(abs(value) * 100) }
        return "\(signed(change.value)) points (\(signed(change.low)) to \(signed(change.high)))"
    }

    func percent(_ share: Double) -> String { number(share * 100) + " %" }

    /// One decimal.
    func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        let tenths = Int((abs(value) * 10).rounded())
        return (value < 0 && tenths > 0 ? "−" : "") + "\(tenths / 10).\(tenths % 10)"
    }
}
