import Advisor
package import Datasets
package import Evaluation
package import Feasibility
package import FileStore
package import FoundationEssentials
import JSONText
package import Plan
import Publishing
package import Registry
package import RuleEngine

/// The record of a run: its folder, with `manifest.json` as the root that names every file.
package struct RunRecord: Sendable {
    package let run: RunFolder
    package private(set) var manifest: RunManifest
    private let store: FileStore

    package init(_ run: RunFolder, manifest: RunManifest, store: FileStore) {
        self.run = run
        self.manifest = manifest
        self.store = store
    }

    /// What was said, decided and found in the data.
    ///
    /// - Parameter ruleOptions: Options that make the next command decide by the same rules.
    package mutating func write(
        _ decided: Deciding.DecidedCase, answers: String, sources: SourceBook, ruleOptions: String
    ) throws {
        let decision = decided.decision
        try store.write(answers, to: run.answers)
        let next =
            decision.verdict.trains ? "hone report \(run.path)" : "hone advise --answers \(run.answers)\(ruleOptions)"
        try store.write(decision.json(sources, next: next).text(.pretty) + "\n", to: run.decision)
        if let profile = decided.profile { try store.write(profile.json.text(.pretty) + "\n", to: run.audit) }
        try trace(decision, answers: answers)
        manifest.verdict = decision.verdict.rawValue
        manifest.fingerprints["rules"] = decision.ruleBook
        try save()
    }

    /// Who said what and what was decided, for the trail.
    private func trace(_ decision: Decision, answers: String) throws {
        let trail = AuditTrail(run, store: store), time = manifest.createdAt
        try trail.append(.answers, ["sha256": JSONValue(Fingerprint(of: answers).hex)], at: time)
        for override in decision.overrides {
            try trail.append(.override, ["text": JSONValue(override.text)], at: time)
        }
        let data: JSONValue = [
            "verdict": JSONValue(decision.verdict.rawValue), "confidence": JSONValue(decision.confidence.rawValue),
            "decided_by": JSONValue(decision.decidedBy.map { JSONValue($0) }),
            "rule_book": JSONValue(decision.ruleBook),
        ]
        try trail.append(.decision, data, at: time)
    }

    /// What both gates saw: the rows as the plan trains them, and what the plan needs here.
    package mutating func write(_ audited: DatasetProfile, _ check: PlanCheck, at time: Date) throws {
        try store.write(audited.json.text(.pretty) + "\n", to: run.audit)
        try store.write(check.json.text(.pretty) + "\n", to: run.check)
        try AuditTrail.recordChecks(of: run, plan: check.plan, profile: audited, check: check, at: time, store: store)
        try save()
    }

    /// The measured end: scores for the list of runs, seconds per station, every file by its SHA-256.
    package mutating func finish(_ result: EvaluationResult, seconds: [String: Double]) throws {
        manifest.status = .evaluated
        manifest.seconds.merge(seconds) { $1 }
        // What came out of training, so that the report can be tied to it.
        for path in [run.adapter + "/adapter_model.safetensors", run.model + "/model.safetensors"]
        where store.isFile(path) {
            manifest.files[String(path.dropFirst(run.path.count + 1))] = try store.fingerprint(ofFile: path).hex
        }
        manifest.scores = result.arms.flatMap { arm in
            // The metric a run is judged by comes first: a list of runs shows that one.
            let primary = result.metrics.primary
            return arm.figures.sorted {
                ($0.key == primary ? 0 : 1, $0.key.rawValue) < ($1.key == primary ? 0 : 1, $1.key.rawValue)
            }.map { metric, figure in
                RunManifest.Score(
                    arm: arm.arm.name, metric: metric.rawValue, value: figure.value, low: figure.low, high: figure.high,
                    count: figure.n)
            }
        }
        try save()
    }

    /// Writes the manifest, with every file of the run by its SHA-256.
    mutating func save() throws {
        var paths = [
            run.answers, run.decision, run.audit, run.plan, run.check, run.events, run.trail, run.evalSummary,
            run.exportCheck, run.reviewPlan, run.panel, run.pilotRequests, run.pilot,
        ]
        if store.isFolder(run.review) {
            paths += try store.list(run.review).filter { $0.hasPrefix("ratings-") && $0.hasSuffix(".json") }
                .map { run.review + "/" + $0 }
        }
        if store.isFolder(run.eval) {
            paths += try store.list(run.eval).filter { $0.hasSuffix(".items.jsonl") }.map { run.eval + "/" + $0 }
        }
        // What is ready for use is no part of the report's own text, so nothing else would notice a change.
        paths += Deliverables.fileNames.map { run.report + "/" + $0 }
        // Ratings of a review that was made anew are gone for good.
        manifest.files = manifest.files.filter { !$0.key.hasPrefix("review/") }
        for path in paths where store.isFile(path) {
            let name = String(path.dropFirst(run.path.count + 1))
            manifest.files[name] = try store.fingerprint(ofFile: path).hex
        }
        try store.write(manifest.json.text(.pretty) + "\n", to: run.manifest)
    }
}
