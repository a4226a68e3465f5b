package import Datasets
package import Feasibility
package import FileStore
package import ModelFiles
package import Plan
internal import Randomness
internal import Tensors
package import Transformer

/// Trains one approved plan in one run folder, from its start or from its newest checkpoint.
///
/// Synchronous and alone with its thread team; everything it has to say goes through `report`. What it leaves is the
/// adapter (or the tuned model) and the checkpoints. An error leaves earlier checkpoints as they were.
package final class Trainer {
    package typealias Report = (RunEvent) throws -> Void
    /// Asks the model the validation rows and returns the task metric the plan stops by; higher is better.
    package typealias Score = (LlamaModel) throws -> Double

    let plan: RunPlan
    let base: ModelFolder
    let data: EncodedDataset
    /// What micro-batches are made of, and what the validation loss is taken from.
    let rows: [EncodedExample], validation: [EncodedExample]
    let run: RunFolder
    let checkpoints: CheckpointFolder
    let store: FileStore
    let report: Report
    let score: Score?
    let learner: Learner
    let order: TrainingOrder
    /// Nil where every row is computed on its own.
    private let prefixes: SharedPrefixes?
    let identity: RunIdentity
    var state = TrainingState()
    private var resumedFrom: GlobalStep?
    private var lastCheckpoint: Int?

    /// Reads the base model and gives a new adapter its start.
    ///
    /// - Parameters:
    ///   - data: The rows, encoded by the tokenizer in `base`.
    ///   - score: The task metric, where the plan stops early by one; without it the validation loss counts.
    /// - Throws: `ModelFileError`.
    package init(
        _ approved: ApprovedPlan, base: ModelFolder, data: EncodedDataset, run: RunFolder,
        store: FileStore = FileStore(), score: Score? = nil,
        report: @escaping Report
    ) throws {
        let plan = approved.plan, settings = plan.training
        (rows, validation) = (data.train.joined(by: plan), data.validation.joined(by: plan))
        let longest = max(1, (rows + validation).map(\.count).max() ?? 0)
        let largestID = Int((rows + validation).lazy.compactMap { $0.inputIDs.max() }.max() ?? 0)
        guard largestID < base.shape.vocabularySize else {
            throw ModelFileError.tokenizerTooLarge(
                path: base.path, largestID: largestID, vocabulary: base.shape.vocabularySize)
        }
        prefixes = settings.sharePrefixes ? SharedPrefixes(rows) : nil
        let team = ThreadTeam(threads: settings.threads)
        let start = try plan.method.initAdapter.map { try AdapterFolder(path: $0, shape: base.shape, store: store) }
        let lora = try plan.method.lora?.continuing(start)
        try lora?.requireTrainable(
            on: base, settings.precision, path: start.map { $0.path + "/" + AdapterFolder.configName })
        let model = try LlamaModel(
            folder: base, trainable: lora.map { .adapter($0) } ?? .full,
            precision: settings.precision, quantization: plan.method.quantization,
            recomputes: settings.gradientCheckpointing, team: team,
            maxBatchTokens: plan.largestMicroBatch(longestRow: longest))
        if let start {
            try model.loadAdapter(from: start)
        } else {
            model.startAdapter(seed: settings.seed)
        }
        model.neftuneAlpha = settings.neftuneAlpha
        order = TrainingOrder(
            lengths: rows.map(\.count), stages: rows.map(\.stage.rawValue), prefixes: prefixes,
            settings: settings, compat: plan.compat)
        learner = Learner(
            model: model,
            optimizer: Optimizer(
                parameters: model.parameters,
                adam: AdamW(beta1: settings.adamBeta1, beta2: settings.adamBeta2, epsilon: settings.adamEpsilon),
                weightDecay: settings.weightDecay, team: team),
            schedule: LearningRateSchedule(
                peak: settings.learningRate, kind: settings.schedule,
                warmupSteps: settings.warmup.steps(of: order.totalSteps), totalSteps: order.totalSteps),
            maxGradNorm: settings.maxGradNorm)
        identity = RunIdentity(
            must: [
                "data": data.fingerprint.hex, "model": try base.fingerprint(store: store).hex,
                "total_steps": String(order.totalSteps),
                "settings": plan.fingerprintOfTraining.hex,
            ],
            should: [
                "threads": String(team.count), "instruction_set": Kernels.instructionSet,
                "blas_core": MatrixProduct.coreName,
            ])
        self.score = score
        (self.plan, self.base, self.data, self.run, self.store, self.report) = (plan, base, data, run, store, report)
        checkpoints = CheckpointFolder(run: run, store: store)
    }

    /// Optimizer steps to the end of the plan, evaluations and checkpoints between them, the result after them.
    ///
    /// - Parameter shouldStop: Asked after every step; true saves a checkpoint and returns.
    package func train(shouldStop: () -> Bool = { false }) throws -> RunFinish {
        let clock = ContinuousClock(), secondsBefore = state.seconds, start = clock.now
        try store.createFolder(run.checkpoints)
        try checkpoints.removePartial()
        var epoch = order.epoch(after: state.globalStep)
        try report(.started(runStart(epoch)))
        for warning in warnings { try report(warning) }
        while state.globalStep < order.totalSteps && !hasStoppedImproving {
            let stepStart = clock.now
            let step = state.globalStep - epoch.firstStep
            let outcome = try learner.step(
                batches(epoch.steps[step]), dropoutKeys: dropoutKeys(epoch.steps[step].count))
            // Tokens of the rows, whether they were computed for each or once for several.
            let tokens = epoch.steps[step].joined().reduce(0) { $0 + rows[$1].count }
            state.globalStep += 1
            state.tokens += tokens
            state.seconds = secondsBefore + (clock.now - start).inSeconds
            try report(
                .step(metrics(outcome, tokens: tokens, epoch: epoch, seconds: (clock.now - stepStart).inSeconds)))
            if step + 1 == epoch.steps.count { epoch = order.epoch(after: state.globalStep) }

            let isLast = state.globalStep == order.totalSteps
            var improved = false
            if isLast || isDue(plan.training.evalEvery) { improved = try evaluate() }
            let isStopping = !isLast && shouldStop()
            if isLast || isStopping || improved && stopsEarly || isDue(plan.training.saveEvery) { try saveCheckpoint() }
            if isStopping { return try finish(.stopped) }
        }
        let reason: RunFinish.Reason = state.globalStep < order.totalSteps ? .earlyStopping : .completed
        try returnToBest()
        try writeResult()
        return try finish(reason)
    }

    /// Goes back to the newest checkpoint that is whole and belongs to this plan and data.
    ///
    /// - Throws: `CheckpointError` when there is none.
    package func resume() throws {
        let checkpoint = try checkpoints.newest { error in
            guard case .damaged(let path, let file) = error else { throw error }
            try report(
                .warning(id: "checkpoint_damaged", text: "\(path)/\(file) is damaged; going on from an earlier one"))
        }
        try checkpoint.require(identity)
        for (key, value) in identity.should.sorted(by: { $0.key < $1.key }) {
            let before = checkpoint.identity.should[key] ?? "nothing"
            guard before != value else { continue }
            try report(
                .warning(
                    id: "other_\(key)",
                    text: "\(key) was \(before) and is \(value) now: results differ in the last bits"))
        }
        try load(checkpoint)
        try checkpoints.removeAll(after: state.globalStep)
        resumedFrom = GlobalStep(state.globalStep)
        lastCheckpoint = state.globalStep
    }

    func saveCheckpoint() throws {
        guard lastCheckpoint != state.globalStep else { return }
        let path = run.checkpoint(GlobalStep(state.globalStep))
        try Checkpoint.write(
            state, identity, to: path, weightsName: weightsName, weights: learner.model.outgoingTensors(),
            moments: learner.optimizer.outgoingMoments, store: store)
        lastCheckpoint = state.globalStep
        try report(.checkpoint(path: path, globalStep: GlobalStep(state.globalStep)))
        try checkpoints.prune(limit: plan.training.saveTotalLimit, keeping: stopsEarly ? state.best?.globalStep : nil)
    }

    private func runStart(_ epoch: TrainingOrder.Epoch) -> RunStart {
        let mixed = data.generalMix?.rows ?? 0
        return RunStart(
            engine: .bundled, totalSteps: order.totalSteps, meanStepTokens: order.meanStepTokens(of: epoch),
            trainableParameters: learner.model.parameters.reduce(0) { $0 + $1.count },
            trainExamples: data.train.count - mixed, generalExamples: mixed, validationExamples: data.validation.count,
            threads: learner.model.team.count,
            instructionSet: Kernels.instructionSet, resumedFrom: resumedFrom)
    }

    /// What the plan asks for and this run cannot give.
    private var warnings: [RunEvent] {
        var warnings: [RunEvent] = []
        let settings = plan.training
        if data.validation.isEmpty, plan.training.evalEvery != nil || stopsEarly {
            warnings.append(
                .warning(
                    id: "no_validation_rows",
                    text: "there are no validation rows: no validation loss, no early stopping"))
        }
        if base.config.isTextPart {
            warnings.append(
                .warning(
                    id: "images_left_out",
                    text:
                        "the model reads images as well: only its language model is trained, and the result fits that alone"
                ))
        }
        if settings.curriculum != .none, Set(data.train.map(\.stage)).count < 2 {
            warnings.append(
                .warning(
                    id: "curriculum_without_stages",
                    text: "all rows belong to one stage, so the curriculum changes nothing"))
        }
        if data.plainPrompts > 0 {
            warnings.append(
                .warning(
                    id: "prompts_without_template",
                    text:
                        "\(data.plainPrompts) rows of prompt and completion are trained without the chat template, as "
                        + "TRL does; whoever asks the model must leave it out too"))
        }
        return warnings
    }

    private func batches(_ microBatches: [[Int]]) -> [PackedBatch] {
        microBatches.map { PackedBatch($0, of: rows, sharing: prefixes) }
    }

    /// One key for each micro-batch of the step to come; equal steps drop equal inputs, before and after a resume.
    private func dropoutKeys(_ count: Int) -> [UInt64] {
        (0..<count).map { microBatch in
            var generator = CounterGenerator(
                seed: plan.training.seed, place: .init(step: state.globalStep, row: microBatch, layer: 1))
            return generator.next()
        }
    }

    private func metrics(
        _ outcome: Learner.Outcome, tokens: Int, epoch: TrainingOrder.Epoch, seconds: Double
    ) -> StepMetrics {
        StepMetrics(
            globalStep: GlobalStep(state.globalStep), epoch: epoch.position(after: state.globalStep),
            loss: outcome.loss,
            learningRate: outcome.learningRate, gradNorm: outcome.gradNorm, tokens: TokenCount(tokens),
            targetTokens: TokenCount(outcome.targetTokens),
            tokensPerSecond: Double(tokens) / max(seconds, 1e-9),
            peakRSS: peakMemory)
    }

    private var peakMemory: ByteCount { MachineProfile.peakResidentMemory() ?? 0 }

    private func isDue(_ interval: Int?) -> Bool { interval.map { $0 > 0 && state.globalStep % $0 == 0 } ?? false }

    private func finish(_ reason: RunFinish.Reason) throws -> RunFinish {
        let finish = RunFinish(
            reason: reason, globalStep: GlobalStep(state.globalStep), seconds: state.seconds, peakRSS: peakMemory)
        try report(.finished(finish))
        return finish
    }
}

extension Swift.Duration {
    fileprivate var inSeconds: Double { self / .seconds(1) }
}

extension LoRASettings {
    /// An adapter that goes on from another has that one's ranks, alphas and layers; only its dropout is the plan's.
    fileprivate func continuing(_ start: AdapterFolder?) throws(ModelFileError) -> LoRASettings {
        guard let start else { return self }
        var settings = start.settings
        settings.dropout = dropout
        for (key, found, wanted) in [("r", Double(settings.rank), Double(rank)), ("lora_alpha", settings.alpha, alpha)]
        where found != wanted {
            throw .wrongValue(
                path: start.path + "/" + AdapterFolder.configName, key: key, found: "\(found)",
                expected: "\(wanted), as the plan has it")
        }
        return settings
    }

    /// Throws for what hone computes with but does not train.
    ///
    /// - Parameter path: Of the adapter's config, where one is gone on from.
    fileprivate func requireTrainable(
        on base: ModelFolder, _ precision: Precision, path: String?
    ) throws(ModelFileError) {
        let path = path ?? base.config.path
        if useDoRA, dropout > 0 {
            throw .unsupported(
                path: path, key: "use_dora", found: "true, with dropout", supported: ["dropout 0, with use_dora"])
        }
        guard !modulesToSave.isEmpty else { return }
        let saved = base.shape.tensorsSaved(by: self).map(\.name)
        func refusal(_ found: String, _ supported: String) -> ModelFileError {
            .unsupported(path: path, key: "modules_to_save", found: found, supported: [supported])
        }
        if let matrix = saved.first(where: { $0.contains("_proj.") }) {
            throw refusal(matrix, "embed_tokens, lm_head and norms, for training")
        }
        for name in modulesToSave where !saved.contains(where: { $0.hasSuffix(name + ".weight") }) {
            throw refusal("\(name), which this model has not", "modules of the model")
        }
        let tied = modulesToSave.first { ["embed_tokens", "lm_head"].contains($0) }
        if base.shape.tiedEmbeddings, let name = tied {
            throw refusal("\(name) of a model with tied embeddings", "other modules, or untied embeddings")
        }
        guard precision == .fp32 else { throw refusal("training in \(precision.rawValue)", "training.precision: fp32") }
    }
}
