package import Evaluation
package import FileStore
package import FoundationEssentials
import JSONText
import Launching
package import Plan
import Publishing
package import Registry
package import RuleEngine
import Tokenization

/// The end of the line: a trained run is measured, recorded and reported. `hone run` and `hone eval RUN` both end here.
package struct FinishingRun {
    package let installation: Installation
    package let now: @Sendable () -> Date
    private let store: FileStore

    package init(installation: Installation, now: @escaping @Sendable () -> Date, store: FileStore = FileStore()) {
        self.installation = installation
        self.now = now
        self.store = store
    }

    /// - Parameters:
    ///   - trainSeconds: How long training took, where it was part of this sitting.
    ///   - arms: The cheaper options to measure beside the tuned model; `book` says what they try.
    ///   - answers: What another engine's model answered; hone's own decoder is not asked then.
    ///   - reconsider: Told what was measured, before the report is written.
    /// - Returns: The path of the report.
    package func finish(
        _ run: RunFolder, prepared: PreparedRun, trainSeconds: Double? = nil, reportFolder: String? = nil,
        arms: ArmWishes = .none, book: RuleBook? = nil, question: ArmMeasuring.Question? = nil,
        answers: GivenAnswers? = nil,
        reconsider: (EvaluationResult, inout RunRecord) throws -> Void = { _, _ in },
        progress: @escaping (_ arm: Arm, _ done: Int, _ of: Int) -> Void
    ) throws -> String {
        let began = now()
        let manifest = try RunManifest.read(run, store: store)
        if let trained = manifest.fingerprints["encoder"], trained != prepared.encoder.fingerprint {
            throw TemplateChanged(model: prepared.location.path)
        }
        let measuring = Measuring(prepared, in: installation, progress: progress)
        var asked = question ?? ArmMeasuring.Question()
        asked.taskKind = try asked.taskKind ?? answeredTaskKind(run)
        let result = try measuring.measure(run, arms: arms, book: book, answers: answers, asked)
        try result.write(to: run, store)
        var seconds = ["evaluate": now().timeIntervalSince(began)]
        if let trainSeconds { seconds["train"] = trainSeconds }
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.finish(result, seconds: seconds)
        try reconsider(result, &record)
        let report = try writeReport(of: run, to: reportFolder)
        try RunIndex(path: FileStore.folder(of: run.path) + "/" + RunShelf.indexName).record(record.manifest)
        return report
    }

    /// Makes the report from the run folder alone, as `hone report` does.
    package func writeReport(of run: RunFolder, to reportFolder: String?) throws -> String {
        let place = reportFolder ?? run.report
        let book = try RuleBook.load(RuleFolder(path: installation.rules, store: store))
        _ = try Readiness(book: book, store: store).judge(run, at: now().formatted(.iso8601))
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        try Report(try ReportInput(folder: run, store), templates).write(to: place, store)
        return place + "/report.md"
    }

    /// What the decision of this run took the task to be, where there was one.
    private func answeredTaskKind(_ run: RunFolder) throws -> String? {
        guard store.isFile(run.decision) else { return nil }
        return try JSONValue.parse(try store.readText(run.decision))["facts"]?["task.kind"]?["value"]?.stringValue
    }
}

/// Tokenizer or chat template are not those the run was trained with, so its answers would not be measured.
package struct TemplateChanged: Error, Sendable, Hashable {
    package let model: String
}

/// A run folder whose training reached its end.
package struct TrainedRun {
    package let plan: RunPlan
    package let manifest: RunManifest

    package init(_ run: RunFolder, store: FileStore) throws {
        try run.requireRecord(store)
        plan = try RunPlan(yaml: try store.readText(run.plan), file: run.plan)
        manifest = try RunManifest.read(run, store: store)
        let result = plan.method.kind == .full ? run.model : run.adapter
        guard store.isFolder(result) else {
            throw LaunchError.notARunFolder(
                path: run.path, missing: FileStore.lastName(of: result) + "/: training has not finished")
        }
    }
}
