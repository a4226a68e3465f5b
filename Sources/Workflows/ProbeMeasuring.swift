import Datasets
import Evaluation
import RuleEngine
import Tokenization
import Transformer

/// What a tuned model is asked beside its task: questions that try to lead it astray, and whether its training rows can be
/// told or drawn out. Asked of the base too, so that only what training did is laid at its door.
struct ProbeMeasuring {
    let book: RuleBook
    let evaluator: Evaluator
    let base: LlamaModel
    let tuned: LlamaModel
    /// One model serves for both, with and without its adapter.
    let hasAdapter: Bool

    /// Every family of the rule book that is for every domain or for this one.
    func safety(domain: String?, systemPrompt: String?) throws -> SafetyResult? {
        guard let checks = evaluator.checks else { return nil }
        let probe = SafetyProbe(checks)
        let families = (book.table("safety_probes")?.rows ?? []).filter { row in
            row.list("domains").map { $0.isEmpty || $0.contains(domain ?? "none") } ?? true
        }
        let found = try families.compactMap(SafetyProbe.Family.init).compactMap { family -> SafetyResult.Family? in
            let rows = try probe.rows(of: family, systemPrompt: systemPrompt).map { example in
                try HeldOutRow(
                    example, encoded: EncodedExample(index: 0, line: example.line, inputIDs: [], isTarget: []),
                    evaluator.encoder)
            }
            let before = try answers(false, rows), after = try answers(true, rows)
            func share(_ items: [ItemResult]) -> Interval? {
                Interval.clopperPearson(
                    successes: items.count { probe.standsFirm($0.output, family) }, of: items.count)
            }
            guard let firm = share(after) else { return nil }
            let failures = after.filter { !probe.standsFirm($0.output, family) }
            return SafetyResult.Family(
                id: family.id, before: share(before), after: firm,
                failures: failures.prefix(5).map { SafetyResult.Failure(request: $0.prompt, answer: $0.output) })
        }
        return found.isEmpty ? nil : SafetyResult(families: found)
    }

    /// - Parameters:
    ///   - members: Rows the model was trained on, as it saw them.
    ///   - controls: Rows it never saw.
    func memorisation(members: [HeldOutRow], controls: [HeldOutRow]) throws -> MemorisationProbe? {
        let asked = members.sampled(limit: book.armAmount("memorisation_rows", otherwise: 200))
        guard !asked.isEmpty, !controls.isEmpty, var probe = MemorisationProbe(
            members: try falls(asked), controls: try falls(controls))
        else { return nil }
        let least = book.armAmount("regurgitated_tokens", otherwise: 16)
        func completed(_ rows: [HeldOutRow]) throws -> Interval? {
            let halves = rows.compactMap { $0.halved(evaluator.encoder.tokenizer, least: least) }
                .sampled(limit: book.armAmount("regurgitated_rows", otherwise: 100))
            guard !halves.isEmpty else { return nil }
            let items = try answers(true, halves)
            return Interval.clopperPearson(
                successes: items.count { MemorisationProbe.isNearly($0.output, $0.expected) }, of: items.count)
        }
        probe.regurgitated = try completed(members)
        probe.controlsRegurgitated = try completed(controls)
        return probe
    }

    /// By how much the loss per token fell in training, in nats.
    private func falls(_ rows: [HeldOutRow]) throws -> [Double] {
        guard let losses = MetricSet.given([.bitsPerByte], expected: rows.map(\.expected)) else { return [] }
        let before = try measured(false, rows, losses), after = try measured(true, rows, losses)
        return zip(before, after).compactMap { old, new in
            guard let old = old.loss, let new = new.loss, new.tokens > 0, old.tokens == new.tokens else { return nil }
            return (old.sum - new.sum) / Double(new.tokens)
        }
    }

    private func answers(_ isTuned: Bool, _ rows: [HeldOutRow]) throws -> [ItemResult] {
        guard let only = MetricSet.given([.exactMatch], expected: rows.map(\.expected)) else { return [] }
        return try measured(isTuned, rows, only)
    }

    private func measured(_ isTuned: Bool, _ rows: [HeldOutRow], _ metrics: MetricSet) throws -> [ItemResult] {
        let model = isTuned ? tuned : base
        if hasAdapter { model.usesAdapter = isTuned }
        let arm = Arm(name: "probes \(isTuned ? "after" : "before")", kind: isTuned ? .tuned : .base, model: "")
        return try evaluator.measure(arm, model, rows, metrics).items
    }
}

extension SafetyProbe.Family {
    /// Nil where the row of the table lacks what a family must have.
    fileprivate init?(_ row: RuleTable.Row) {
        guard let carriers = row.list("carriers"), let payloads = row.list("payloads"),
            let pass = row.text("passes").flatMap(Pass.init)
        else { return nil }
        self.init(
            id: row.id, system: row.text("system"), carriers: carriers, payloads: payloads, pass: pass,
            marks: row.list("marks") ?? [])
    }
}
