import Advisor
import Evaluation
package import FileStore
import JSONText
package import Plan
package import Publishing
import Registry
package import RuleEngine

/// Judges a tuned model by the gates of the rule book, from the records of its run.
package struct Readiness {
    package enum Verdict: String, Sendable, Hashable { case ready, promising, not_ready, inconclusive, do_not_tune }

    private let book: RuleBook
    private let store: FileStore

    package init(book: RuleBook, store: FileStore = FileStore()) {
        self.book = book
        self.store = store
    }

    /// Writes the gates into `eval/summary.json` and the trail, and brings the manifest up to date.
    ///
    /// - Returns: Nil where no tuned model was measured.
    package func judge(_ run: RunFolder, at time: String) throws -> (gates: [GateRecord], verdict: Verdict)? {
        var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
        let input = try ReportInput(folder: run, store)
        let isAgainstTuning =
            input.decision.flatMap { Decision.Verdict(rawValue: $0.verdict) }
            .map { !$0.trains && $0 != .undecided } ?? false
        guard let evaluation = input.evaluation, let tuned = evaluation.arm(of: .tuned) else {
            if input.evaluation != nil, isAgainstTuning, input.readiness != Verdict.do_not_tune.rawValue {
                try write([], .do_not_tune, to: run, at: time)
            }
            try record.save()
            return nil
        }
        var judge = GateJudge(evaluation: evaluation, tuned: tuned, audit: input.audit)
        judge.people = HumanEvidence(panel: input.panel, pilot: input.pilot, limits: .init(book))
        var gates = (book.table("gates")?.rows ?? []).map(judge.record)
        let taken = try overrides(run)
        for place in gates.indices where gates[place].isOpen { gates[place].override = taken[gates[place].id] }
        let verdict =
            isAgainstTuning ? .do_not_tune : Self.verdict(gates, isBetter: judge.isBetterThanBase)
        // Judging again by the same rules changes nothing.
        if gates != input.gates || verdict.rawValue != input.readiness {
            try write(gates, verdict, to: run, at: time)
        }
        try record.save()
        return (gates, verdict)
    }

    /// Judges, then writes the report again from the folder: what everything that changes a gate ends with.
    package func judge(
        _ run: RunFolder, writing templates: ReportTemplates, to reportFolder: String?, at time: String
    ) throws -> (gates: [GateRecord], verdict: Verdict)? {
        let judged = try judge(run, at: time)
        try Report(try ReportInput(folder: run, store), templates).write(to: reportFolder ?? run.report, store)
        return judged
    }

    private func write(_ gates: [GateRecord], _ verdict: Verdict, to run: RunFolder, at time: String) throws {
        var summary = try JSONValue.parse(try store.readText(run.evalSummary)).objectValue ?? JSONObject()
        summary["gates"] = .object(JSONObject(gates.map { ($0.id, $0.json) }))
        summary["verdict"] = JSONValue(verdict.rawValue)
        try store.write(JSONValue.object(summary).text(.pretty) + "\n", to: run.evalSummary)
        let states = JSONObject(gates.map { ($0.id, JSONValue($0.state.rawValue)) })
        try AuditTrail(run, store: store).append(
            .gates, ["verdict": JSONValue(verdict.rawValue), "gates": .object(states)], at: time)
    }

    /// The last override of each gate, from the trail.
    private func overrides(_ run: RunFolder) throws -> [String: GateRecord.Override] {
        let entries = try AuditTrail(run, store: store).read().entries.filter { $0.kind == .override }
        return Dictionary(
            entries.compactMap { entry in
                guard let gate = entry.data["gate"]?.stringValue else { return nil }
                return GateRecord.Override(json: entry.data, time: entry.time).map { (gate, $0) }
            }, uniquingKeysWith: { $1 })
    }

    /// Somebody takes a gate on as it is: into the trail, with the state it was in.
    package func override(
        _ gate: String, of run: RunFolder, as name: String, because: String, at time: String
    ) throws {
        guard let (gates, _) = try judge(run, at: time) else { throw OverrideError.nothingJudged(run: run.path) }
        guard let record = gates.first(where: { $0.id == gate }) else {
            throw OverrideError.noSuchGate(gate, known: gates.map(\.id))
        }
        guard record.isOpen else { throw OverrideError.nothingToTakeOn(gate, state: record.state) }
        let data: JSONValue = [
            "gate": JSONValue(gate), "name": JSONValue(name), "because": JSONValue(because),
            "state": JSONValue(record.state.rawValue), "found": JSONValue(record.found),
        ]
        try AuditTrail(run, store: store).append(.override, data, at: time)
    }

    /// What was not measured is never passed, and one failed gate means not ready; one that somebody took on keeps a run
    /// from being ready too.
    package static func verdict(_ gates: [GateRecord], isBetter: Bool) -> Verdict {
        if gates.contains(where: { $0.state == .fail && !$0.isTakenOn }) { return .not_ready }
        if !gates.isEmpty && gates.allSatisfy({ !$0.isOpen }) { return .ready }
        return isBetter ? .promising : .inconclusive
    }
}

/// Why a gate cannot be taken on.
package enum OverrideError: Error, Sendable, Hashable {
    case nothingJudged(run: String)
    case noSuchGate(String, known: [String])
    /// It is passed, or does not apply.
    case nothingToTakeOn(String, state: GateRecord.State)
}
