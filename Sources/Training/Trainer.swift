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
    /// Nil watches nothing and waits for nothing.
    let limits: TrainingLimits?
    let memory: MemoryGuard?
    var lastMemoryLook: ContinuousClock.Instant?
    var memoryReached: MemoryGuard.Reached?
    private var watch: TrainingWatch?
    var hasWarnedOfMasked = false
    let learner: Learner
    let order: TrainingOrder
    /// Nil where every row is computed on its own.
    private let prefixes: SharedPrefixes?
    let identity: RunIdentity
    var state = TrainingState()
    var resumedFrom: GlobalStep?
    var lastCheckpoint: Int?
    /// Spent waiting for room on the disk.
    var secondsPaused = 0.0
    var shouldStop: () -> Bool = { false }

    /// Reads the base model and gives a new adapter its start.
    ///
    /// - Parameters:
    ///   - data: The rows, encoded by the tokenizer in `base`.
    ///   - score: The task metric, where the plan stops early by one; without it the validation loss counts.
    ///   - limits: When to warn, to wait for room on the disk, and to stop for want of memory.
    ///   - earlier: What the event log of this run holds already.
    /// - Throws: `ModelFileError`.
    package init(
        _ approved: ApprovedPlan, base: ModelFolder, data: EncodedDataset, run: RunFolder,
        store: FileStore = FileStore(), score: Score? = nil, limits: TrainingLimits? = nil,
        earlier: EventLog = EventLog(), report: @escaping Report
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
        self.limits = limits
        let warmupSteps = settings.warmup.steps(of: order.totalSteps)
        watch = limits.map { TrainingWatch($0, warmupSteps: warmupSteps, earlier: earlier) }
        memory = limits.map {
            MemoryGuard(limit: settings.memoryLimit, reserve: ByteCount(mebibytes: $0.memoryReserve))
        }
        (self.plan, self.base, self.data, self.run, self.store, self.report) = (plan, base, data, run, store, report)
        checkpoints = CheckpointFolder(run: run, store: store)
    }

    /// Optimizer steps to the end of the plan, evaluations and checkpoints between them, the result after them.
    ///
    /// - Parameter shouldStop: Asked after every step; true saves a checkpoint and returns.
    package func train(shouldStop: @escaping () -> Bool = { false }) throws -> RunFinish {
        self.shouldStop = shouldStop
        do {
            return try trainToTheEnd()
        } catch is StoppedWhileWaiting {
            // What came after the last checkpoint is trained again, to the same values.
            state.globalStep = lastCheckpoint ?? 0
            let finish = ending(.stopped)
            try? report(.finished(finish))
            return finish
        }
    }

    private func trainToTheEnd() throws -> RunFinish {
        let clock = ContinuousClock(), secondsBefore = state.seconds, start = clock.now
        try withRoom(for: "the folder of the checkpoints") { try store.createFolder(run.checkpoints) }
        try checkpoints.removePartial()
        if lastCheckpoint != nil { try prune() }
        var epoch = order.epoch(after: state.globalStep)
        try say(.started(runStart(epoch)))
        for warning in warnings { try say(warning) }
        while state.globalStep < order.totalSteps && !hasStoppedImproving {
            let stepStart = clock.now
            let step = state.globalStep - epoch.firstStep, rows = epoch.steps[step]
            let outcome: Learner.Outcome
            do {
                outcome = try learner.step(
                    batches(rows), dropoutKeys: dropoutKeys(rows.count), mayGoOn: hasMemory)
            } catch let error as LearningError {
                throw diagnosed(error, in: rows)
            } catch is StepGivenUp {
                return try stopForMemory()
            }
            // Tokens of the rows, whether they were computed for each or once for several.
            let tokens = rows.joined().reduce(0) { $0 + self.rows[$1].count }
            state.globalStep += 1
            state.tokens += tokens
            state.seconds = secondsBefore + (clock.now - start).inSeconds - secondsPaused
            let metrics = metrics(outcome, tokens: tokens, epoch: epoch, seconds: (clock.now - stepStart).inSeconds)
            try say(.step(metrics))
            for warning in watch?.look(at: metrics) ?? [] { try say(warning) }
            try warnOfMasked(outcome, in: rows)
            if step + 1 == epoch.steps.count { epoch = order.epoch(after: state.globalStep) }

            let isLast = state.globalStep == order.totalSteps
            var improved = false
            if isLast || isDue(plan.training.evalEvery) { improved = try evaluate() }
            let isStopping = !isLast && shouldStop()
            if isLast || isStopping || improved && stopsEarly || isDue(plan.training.saveEvery) || isAskedToSave {
                try saveCheckpoint()
            }
            if isStopping { return try finish(.stopped) }
        }
        let reason: RunFinish.Reason = state.globalStep < order.totalSteps ? .earlyStopping : .completed
        try returnToBest()
        try withRoom(for: "the result") { try writeResult() }
        return try finish(reason)
    }

    /// Goes back to the newest checkpoint that is whole and belongs to this plan and data; to the start where none of them
    /// is whole, since the same steps lead to the same values.
    ///
    /// - Throws: `CheckpointError` when there is no checkpoint at all, or one of another run.
    package func resume() throws {
        var damaged = 0
        let found = try checkpoints.newest { error in
            guard case .damaged(let path, let file) = error else { throw error }
            damaged += 1
            try report(
                .warning(id: "checkpoint_damaged", text: "\(path)/\(file) is damaged; going on from an earlier one"))
        }
        guard let checkpoint = found else {
            guard damaged > 0 else { throw CheckpointError.none(path: run.checkpoints) }
            try report(.warning(id: "started_again", text: "no checkpoint is whole: training starts again at step 1"))
            return try checkpoints.removeAll(after: 0)
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
        if lastCheckpoint != state.globalStep {
            let path = run.checkpoint(GlobalStep(state.globalStep))
            try withRoom(for: "the checkpoint of step \(state.globalStep)") {
                try Checkpoint.write(
                    state, identity, to: path, weightsName: weightsName, weights: learner.model.outgoingTensors(),
                    moments: learner.optimizer.outgoingMoments, store: store)
            }
            lastCheckpoint = state.globalStep
            try say(.checkpoint(path: path, globalStep: GlobalStep(state.globalStep)))
            try prune()
        }
        // Gone when what it asked for is there.
        try store.remove(run.saveNow)
    }

    private func prune() throws {
        try checkpoints.prune(limit: plan.training.saveTotalLimit, keeping: stopsEarly ? state.best?.globalStep : nil)
    }

    private var isAskedToSave: Bool { store.exists(run.saveNow) }

    /// A line in the event log, which may have to wait for room like everything else.
    func say(_ event: RunEvent) throws { try withRoom(for: "the event log") { try report(event) } }

    func look(at eval: EvalMetrics) throws {
        try say(.eval(eval))
        for warning in watch?.look(at: eval) ?? [] { try say(warning) }
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

    private func isDue(_ interval: Int?) -> Bool { interval.map { $0 > 0 && state.globalStep % $0 == 0 } ?? false }

    func finish(_ reason: RunFinish.Reason) throws -> RunFinish {
        try say(.finished(ending(reason)))
        return ending(reason)
    }

    private func ending(_ reason: RunFinish.Reason) -> RunFinish {
        RunFinish(
            reason: reason, globalStep: GlobalStep(state.globalStep), seconds: state.seconds, peakRSS: peakMemory)
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
