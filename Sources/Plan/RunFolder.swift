/// Where the files of one run lie. The folder is the record of the run; `manifest.json` is its root.
///
/// Names only: nothing here touches the disk, so every module can name the same files.
package struct RunFolder: Sendable, Hashable {
    /// Without a slash at its end.
    package let path: String

    package init(path: String) {
        var path = path
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// The last part of the path: `20261121-114501-task-api`.
    package var id: String { String(path.split(separator: "/").last ?? "") }

    package var answers: String { path + "/answers.yaml" }
    package var decision: String { path + "/decision.json" }
    package var plan: String { path + "/plan.yaml" }
    package var audit: String { path + "/audit.json" }
    /// What the feasibility check predicted, to stand beside what happened.
    package var check: String { path + "/check.json" }
    package var ledger: String { path + "/ledger.jsonl" }
    package var events: String { path + "/events.jsonl" }
    package var manifest: String { path + "/manifest.json" }
    package var trail: String { path + "/trail.jsonl" }
    /// What the engine printed beside its events; read only when it died without a word.
    package var engineLog: String { path + "/engine.log" }
    /// What an engine beside the bundled one is started from: its script, settings, rows and token contract.
    package var engine: String { path + "/engine" }
    /// Whoever makes this file asks for a checkpoint after the step that is being taken; it is gone when that is there.
    package var saveNow: String { path + "/save-now" }
    package var checkpoints: String { path + "/checkpoints" }
    package var adapter: String { path + "/adapter" }
    /// The tuned model of a run with `method.kind: full`, which has no adapter.
    package var model: String { path + "/model" }
    package var eval: String { path + "/eval" }
    package var evalSummary: String { path + "/eval/summary.json" }
    /// What every form the model is shipped in did with the held-out rows.
    package var exportCheck: String { path + "/eval/exports.json" }
    package var export: String { path + "/export" }
    /// What people judge: which answers on which pages, their files as they were handed in, and what they add up to.
    package var review: String { path + "/review" }
    package var reviewPlan: String { review + "/review.json" }
    package var panel: String { review + "/panel.json" }
    /// The requests of a pilot, as they were handed in, and what they add up to.
    package var pilotRequests: String { review + "/pilot.jsonl" }
    package var pilot: String { review + "/pilot.json" }
    package var report: String { path + "/report" }

    /// Beside the result of a model whose own chat template marks no answers: the same template with the answers marked.
    package static let trainingTemplateName = "training_chat_template.jinja"

    /// `checkpoints/step-000120`: zeros keep the folders in the order of the steps.
    package func checkpoint(_ step: GlobalStep) -> String {
        let digits = String(step.number)
        return checkpoints + "/step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// - Parameter rater: Counted from 1.
    package func ratings(rater: Int) -> String { review + "/ratings-\(rater).json" }

    package func evalItems(arm: String) -> String { eval + "/\(arm).items.jsonl" }
}
