import Datasets
package import Evaluation
package import FileStore
import ModelFiles
package import Plan
import Tensors
import Transformer

/// The line from a trained run to what it was worth: base and tuned model on the same held-out rows.
package struct Measuring {
    private let prepared: PreparedRun
    private let installation: Installation
    private let progress: (_ arm: Arm, _ done: Int, _ of: Int) -> Void

    package init(
        _ prepared: PreparedRun, in installation: Installation,
        progress: @escaping (_ arm: Arm, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    ) {
        self.prepared = prepared
        self.installation = installation
        self.progress = progress
    }

    /// Asks the test rows, and the general-knowledge questions where the plan wants them, before and after training.
    package func measure(_ run: RunFolder, taskKind: String?) throws -> EvaluationResult {
        let plan = prepared.plan
        let rows = try [HeldOutRow](prepared.encoded.test, of: prepared.dataset, prepared.encoder)
        let questions = plan.evaluation.generalProbe
            ? try ProbeResult.questions(path: installation.models + "/base/probes/general.jsonl", prepared.encoder) : []
        var evaluator = Evaluator(
            encoder: prepared.encoder, stopIDs: Set(try prepared.model.stopIDs().map(Int32.init)), settings: plan.evaluation)
        evaluator.progress = progress
        let longest = (rows + questions).map(\.encoded.count).max() ?? 0
        let team = ThreadTeam(threads: plan.training.threads)

        func load(_ folder: ModelFolder, _ trainable: LlamaModel.Trainable) throws -> LlamaModel {
            try LlamaModel(folder: folder, trainable: trainable, team: team, maxBatchTokens: max(longest, 2048))
        }
        let name = plan.model.name, isPractice = prepared.location.isPractice, split = Split.Part.test.rawValue
        guard let lora = plan.method.lora else {
            return try evaluator.beforeAndAfter(
                load(prepared.model, .none), load(ModelFolder(path: run.model), .none), named: name,
                isPracticeModel: isPractice, rows: rows, questions: questions, split: split, taskKind: taskKind)
        }
        let model = try load(prepared.model, .adapter(lora))
        try model.loadAdapter(from: AdapterFolder(path: run.adapter, shape: prepared.model.shape))
        return try evaluator.beforeAndAfter(
            model, named: name, isPracticeModel: isPractice, rows: rows, questions: questions, split: split,
            taskKind: taskKind)
    }
}
