import Evaluation
package import FileStore
import JSONText
package import Plan
package import Publishing
import Registry
package import RuleEngine

/// Judges a tuned model by the gates of the rule book, from the records of its run.
package struct Readiness {
    package enum Verdict: String, Sendable, Hashable { case ready, promising, not_ready, inconclusive }

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
        guard let evaluation = input.evaluation, let tuned = evaluation.arm(of: .tuned) else {
            try record.save()
            return nil
        }
        let judge = GateJudge(evaluation: evaluation, tuned: tuned, audit: input.audit)
        let gates = (book.table("gates")?.rows ?? []).map(judge.record)
        let verdict = Self.verdict(gates, isBetter: judge.isBetterThanBase)
        // Judging again by the same rules changes nothing.
        if gates != input.gates || verdict.rawValue != input.readiness {
            var summary = try JSONValue.parse(try store.readText(run.evalSummary)).objectValue ?? JSONObject()
            summary["gates"] = .object(JSONObject(gates.map { ($0.id, $0.json) }))
            summary["verdict"] = JSONValue(verdict.rawValue)
            try store.write(JSONValue.object(summary).text(.pretty) + "\n", to: run.evalSummary)
            let states = JSONObject(gates.map { ($0.id, JSONValue($0.state.rawValue)) })
            try AuditTrail(run, store: store).append(
                .gates, ["verdict": JSONValue(verdict.rawValue), "gates": .object(states)], at: time)
        }
        try record.save()
        return (gates, verdict)
    }

    /// What was not measured is never passed, and one failed gate means not ready.
    package static func verdict(_ gates: [GateRecord], isBetter: Bool) -> Verdict {
        if gates.contains(where: { $0.state == .fail }) { return .not_ready }
        if !gates.isEmpty && gates.allSatisfy({ $0.state == .pass || $0.state == .does_not_apply }) { return .ready }
        return isBetter ? .promising : .inconclusive
    }
}
