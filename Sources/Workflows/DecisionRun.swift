import Datasets
package import Evaluation
package import FileStore
package import FoundationEssentials
import Launching
package import Plan
import Publishing
import Registry
package import RuleEngine

/// A decision kept as a run folder: nothing was trained, and what was measured, decided and can be used at once lies there.
package struct DecisionRun {
    package let installation: Installation
    package let book: RuleBook
    package let honeVersion: String
    package let command: String
    /// Options that make the next command decide by the same rules.
    package let ruleOptions: String
    package let now: @Sendable () -> Date
    private let store: FileStore

    package init(
        installation: Installation, book: RuleBook, honeVersion: String, command: String,
        ruleOptions: String, now: @escaping @Sendable () -> Date, store: FileStore = FileStore()
    ) {
        self.installation = installation
        self.book = book
        self.honeVersion = honeVersion
        self.command = command
        self.ruleOptions = ruleOptions
        self.now = now
        self.store = store
    }

    /// - Parameters:
    ///   - answers: The answer file as it was read.
    ///   - documents: Files that hold the facts, for the guide to retrieval.
    ///   - measured: What the cheaper options scored, and the seconds that took.
    package func record(
        _ decided: Deciding.DecidedCase, answers: String, name: String, documents: [String], output: String,
        reportFolder: String?, measured: (result: EvaluationResult, seconds: Double)? = nil
    ) throws -> (run: RunFolder, report: String) {
        let run = try RunFolder.create(in: output, name: name, at: now(), store: store)
        var record = RunRecord(run, manifest: manifest(of: run, measured?.result), store: store)
        try record.write(decided, answers: answers, sources: book.sources, ruleOptions: ruleOptions)
        if let measured {
            try measured.result.write(to: run, store)
            try record.finish(measured.result, seconds: ["measure": measured.seconds])
        }
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        let input = try ReportInput(folder: run, store)
        if let decision = input.decision {
            let sources = try documents.map {
                Deliverables.SourceDocument(name: FileStore.lastName(of: $0), byteCount: try store.size(ofFile: $0))
            }
            let deliverables = try Deliverables(
                for: decision, answers: input.answers, examples: decided.dataset?.examples ?? [],
                shown: promptExamples(for: decision.verdict), documents: sources, templates)
            try store.createFolder(run.report)
            for file in deliverables.files { try store.write(file.text, to: run.report + "/" + file.file) }
        }
        let report = try FinishingRun(installation: installation, now: now).writeReport(of: run, to: reportFolder)
        try RunIndex(path: output + "/" + RunShelf.indexName).record(record.manifest)
        return (run, report)
    }

    /// Figures alone, without a decision.
    package func record(
        _ result: EvaluationResult, name: String, output: String, seconds: Double
    ) throws -> RunFolder {
        let run = try RunFolder.create(in: output, name: name, at: now(), store: store)
        var record = RunRecord(run, manifest: manifest(of: run, result), store: store)
        try result.write(to: run, store)
        try record.finish(result, seconds: ["measure": seconds])
        try RunIndex(path: output + "/" + RunShelf.indexName).record(record.manifest)
        return run
    }

    private func manifest(of run: RunFolder, _ result: EvaluationResult?) -> RunManifest {
        var manifest = RunManifest(
            id: run.id, createdAt: now().formatted(.iso8601), honeVersion: honeVersion, status: .decided)
        manifest.command = command
        if let asked = result?.arms.first(where: { $0.arm.kind == .base || $0.arm.isPracticeModel }) {
            manifest.model = asked.arm.model
            manifest.isPracticeModel = asked.arm.isPracticeModel
        }
        return manifest
    }

    private func promptExamples(for verdict: String) -> Int {
        let table = book.table("prompt_examples")
        return (table?[verdict] ?? table?["otherwise"])?.number("examples").map { Int($0) } ?? 0
    }
}
