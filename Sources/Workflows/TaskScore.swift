import Datasets
import Evaluation
import ModelFiles
import Plan
import Transformer

/// The task metric that early stopping goes by, asked of the model in training on the validation rows.
struct TaskScore {
    private let evaluator: Evaluator
    private let metrics: MetricSet
    private let rows: [HeldOutRow]

    /// Nil where the plan stops by the validation loss.
    init?(_ prepared: PreparedRun) throws {
        let plan = prepared.plan
        guard let metric = try TaskScore.metric(of: plan) else { return nil }
        rows = try [HeldOutRow](prepared.encoded.validation, of: prepared.dataset, prepared.encoder)
        metrics = MetricSet.given([metric], expected: rows.map(\.expected)) ?? .generalKnowledge
        evaluator = Evaluator(
            encoder: prepared.encoder, stopIDs: Set(try prepared.model.stopIDs().map(Int32.init)),
            settings: plan.evaluation)
    }

    /// The metric a plan stops by; nil for the validation loss.
    static func metric(of plan: RunPlan) throws(EvaluationError) -> Metric? {
        let name = plan.training.earlyStoppingMetric
        guard name != TrainingSettings().earlyStoppingMetric else { return nil }
        guard let metric = Metric(rawValue: name), metric.direction == .higherIsBetter else {
            throw .notForStopping(
                name, known: Metric.allCases.filter { $0.direction == .higherIsBetter }.map(\.rawValue))
        }
        return metric
    }

    func score(_ model: LlamaModel) throws -> Double {
        guard !rows.isEmpty, let metric = metrics.all.first else { return 0 }
        let arm = Arm(name: "validation", kind: .tuned, model: "in training", isPracticeModel: false)
        return try evaluator.measure(arm, model, rows, metrics).figures[metric]?.value ?? 0
    }
}
