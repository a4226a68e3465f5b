internal import Datasets
package import FileStore
import Foundation
internal import ModelFiles
internal import Plan
internal import Tensors
internal import Transformer

extension Trainer {
    var stopsEarly: Bool { plan.training.earlyStoppingPatience != nil }

    var hasStoppedImproving: Bool { plan.training.earlyStoppingPatience.map { state.looksSinceBest >= $0 } ?? false }

    /// One look at the validation rows; whether their loss is the lowest so far. Without such rows there is nothing to see.
    func evaluate() throws -> Bool {
        guard let mean = try validationLoss() else { return false }
        var eval = EvalMetrics(globalStep: GlobalStep(state.globalStep), loss: mean, perplexity: exp(mean))
        eval.score = try score?(learner.model)
        try look(at: eval)
        let look = TrainingState.Best(globalStep: state.globalStep, loss: mean, score: eval.score)
        guard state.best.map(look.isBetter(than:)) ?? mean.isFinite else {
            state.looksSinceBest += 1
            return false
        }
        state.best = look
        state.looksSinceBest = 0
        return true
    }

    /// The mean over all target tokens. As TRL counts, the mean over rows of the mean over the tokens of their batch, which
    /// is 0 where nothing is learnt. Nil without a target.
    private func validationLoss() throws -> Double? {
        guard plan.compat == .trl else {
            let losses = try validationBatches().map { try learner.model.evaluateLoss($0) }
            let count = losses.reduce(0) { $0 + $1.count }
            return count > 0 ? losses.joined().reduce(0) { $0 + Double($1) } / Double(count) : nil
        }
        guard validation.contains(where: { $0.targetCount > 0 }) else { return nil }
        var sum = 0.0, weight = 0
        for batch in ValidationBatch.all(of: validation, plan) {
            let losses = try learner.model.evaluateLoss(PackedBatch(batch.rows, of: validation, sharing: nil))
            sum += losses.reduce(0) { $0 + Double($1) } / Double(max(1, losses.count)) * Double(batch.weight)
            weight += batch.weight
        }
        return sum / Double(max(1, weight))
    }

    /// Whole rows in order, as many at once as a training batch has: more would use memory that training never touches.
    private func validationBatches() -> [PackedBatch] {
        var mostRows = Int.max
        if case .rows(let rows) = plan.training.batching { mostRows = rows }
        var batches: [PackedBatch] = []
        var batch = PackedBatch(inputIDs: [], positions: [], targets: [], segments: []), rows = 0
        for row in validation {
            if rows == mostRows || batch.tokenCount + row.count > learner.model.maxBatchTokens {
                batches.append(batch)
                batch = PackedBatch(inputIDs: [], positions: [], targets: [], segments: [])
                rows = 0
            }
            batch.append(ids: row.inputIDs, labels: row.labels)
            rows += 1
        }
        return batches + [batch]
    }

    /// With early stopping the result is the weights of the best look, not of the last step.
    func returnToBest() throws {
        guard stopsEarly, let best = state.best, best.globalStep != state.globalStep else { return }
        do {
            try readWeights(of: Checkpoint(path: run.checkpoint(GlobalStep(best.globalStep)), store: store))
        } catch CheckpointError.damaged(let path, let file) {
            return try say(
                .warning(
                    id: "best_lost",
                    text:
                        "\(path)/\(file) is damaged: the result has the weights of the last step, \(state.globalStep), "
                        + "not of the best"))
        }
        try say(
            .warning(
                id: "kept_best",
                text: "the result has the weights of step \(best.globalStep), where the "
                    + (best.score == nil ? "validation loss was lowest" : "validation score was best")))
    }

    /// The adapter folder, or the folder of the tuned model, with the tokenizer it was trained with.
    func writeResult() throws {
        switch learner.model.trainable {
        case .adapter(var settings):
            settings.targetModules = base.shape.adapted(by: settings).map(\.module)
            try store.publishFolder(run.adapter) { (temporary) throws in
                try AdapterFolder.write(
                    to: temporary, settings: settings, baseModel: plan.model.name,
                    fingerprint: identity.must["model"], weights: learner.model.outgoingTensors(), store: store)
                try ModelFolder.copyTokenizer(from: base.path, to: temporary, store)
                try writeTrainingTemplate(to: temporary)
            }
        case .full, .none:
            let stops = try base.stopIDs(store: store)
            try store.publishFolder(run.model) { (temporary) throws in
                try ModelFolder.write(
                    to: temporary, shape: base.shape,
                    tokens: .init(bos: base.config.bosID, eos: stops, pad: base.config.padID),
                    weights: learner.model.outgoingTensors(), config: base.config, copying: base.path, store: store)
                try writeTrainingTemplate(to: temporary)
            }
        }
    }

    /// For whoever trains further with another program: the template by which the targets were found, where the model's own
    /// marks none.
    private func writeTrainingTemplate(to folder: String) throws {
        guard let template = data.trainingTemplate else { return }
        try store.write(template, to: folder + "/" + RunFolder.trainingTemplateName)
    }

    var weightsName: String {
        switch learner.model.trainable {
        case .adapter: AdapterFolder.weightsName
        case .full, .none: ModelFolder.weightsName
        }
    }

    /// Weights, moments and state of a checkpoint.
    func load(_ checkpoint: Checkpoint) throws {
        try readWeights(of: checkpoint)
        let moments = try SafetensorsFile(path: checkpoint.path + "/" + Checkpoint.optimizerName)
        for slot in learner.optimizer.slots {
            let shape = slot.parameter.shape
            try moments.tensor(Optimizer.firstMoment(of: slot.parameter), shape: shape).copyFloats(to: slot.firstMoment)
            try moments.tensor(Optimizer.secondMoment(of: slot.parameter), shape: shape).copyFloats(
                to: slot.secondMoment)
        }
        state = checkpoint.state
        learner.globalStep = checkpoint.state.globalStep
    }

    private func readWeights(of checkpoint: Checkpoint) throws {
        let weights = try SafetensorsFile(path: checkpoint.path + "/" + weightsName)
        for parameter in learner.model.parameters {
            try weights.tensor(parameter.name, shape: parameter.shape).copyFloats(to: parameter.values)
        }
        learner.model.adapterChanged()
    }
}

extension Optimizer {
    /// Both moments of every parameter, for a checkpoint. Valid as long as the optimizer lives.
    var outgoingMoments: [OutgoingTensor] {
        slots.flatMap { slot in
            [
                OutgoingTensor(
                    name: Self.firstMoment(of: slot.parameter), shape: slot.parameter.shape,
                    values: UnsafePointer(slot.firstMoment)),
                OutgoingTensor(
                    name: Self.secondMoment(of: slot.parameter), shape: slot.parameter.shape,
                    values: UnsafePointer(slot.secondMoment)),
            ]
        }
    }

    static func firstMoment(of parameter: Parameter) -> String { parameter.name + ".first_moment" }
    static func secondMoment(of parameter: Parameter) -> String { parameter.name + ".second_moment" }
}

extension RunPlan {
    /// Settings that may change between two sittings of one run: where it looks, saves and computes, not what it computes.
    private static let changeable: Set<String> = [
        "training.threads", "training.memory_limit", "training.eval_every", "training.save_every",
        "training.save_total_limit", "training.early_stopping_patience",
    ]

    /// Of every setting that decides the trained values.
    package var fingerprintOfTraining: Fingerprint {
        let deciding = fields.filter { field in
            (field.key == "compat" || field.key.hasPrefix("method.") || field.key.hasPrefix("training."))
                && !Self.changeable.contains(field.key)
        }
        return Fingerprint(of: deciding.map { "\($0.key): \($0.value.plainText)\n" }.joined())
    }
}
