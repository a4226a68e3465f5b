import FileStore
import Plan
import Testing
import Training

@Suite("A training run")
struct TrainerTests {
    @Test("20 steps are 10, a stop, a resume and 10 more, bit for bit", arguments: [MethodKind.lora, .full])
    func resumeIsExact(kind: MethodKind) throws {
        let fixture = try TrainingFixture { plan in if kind == .full { plan.method = .full } }
        var straightSteps: [StepMetrics] = []
        let straight = try fixture.trainer("straight") { if case .step(let step) = $0 { straightSteps.append(step) } }
            .train()
        #expect(straight.reason == .completed)
        #expect(straight.globalStep == 20)

        var taken = 0
        let stopped = try fixture.trainer("resumed") { if case .step = $0 { taken += 1 } }.train { taken == 10 }
        #expect(stopped.reason == .stopped)
        #expect(stopped.globalStep == 10)

        var laterSteps: [StepMetrics] = []
        let trainer = try fixture.trainer("resumed") { if case .step(let step) = $0 { laterSteps.append(step) } }
        try trainer.resume()
        #expect(try trainer.train().globalStep == 20)
        #expect(laterSteps.map(\.loss) == straightSteps.suffix(10).map(\.loss))
        #expect(laterSteps.map(\.gradNorm) == straightSteps.suffix(10).map(\.gradNorm))
        #expect(laterSteps.map(\.learningRate) == straightSteps.suffix(10).map(\.learningRate))
        let results = ["straight", "resumed"].map { name in
            kind == .full
                ? fixture.run(name).model + "/model.safetensors"
                : fixture.run(name).adapter + "/adapter_model.safetensors"
        }
        #expect(try FileStore().fingerprint(ofFile: results[0]) == FileStore().fingerprint(ofFile: results[1]))
    }

    @Test("training learns, evaluates and reports in order")
    func events() throws {
        let fixture = try TrainingFixture { plan in
            plan.training.duration = .epochs(10)
            plan.training.evalEvery = 6
            plan.training.batching = .packed(tokens: 32)
        }
        var events: [RunEvent] = []
        let finish = try fixture.trainer("run") { events.append($0) }.train()
        guard case .started(let start)? = events.first, case .finished? = events.last else {
            Issue.record("no start or no end")
            return
        }
        #expect(start.totalSteps == finish.globalStep.number)
        #expect(start.trainExamples == 23)
        let losses = events.compactMap { if case .step(let step) = $0 { step.loss } else { nil } }
        let evals = events.compactMap { if case .eval(let eval) = $0 { eval } else { nil } }
        #expect(losses.count == start.totalSteps)
        let early = losses.prefix(5).reduce(0, +), late = losses.suffix(5).reduce(0, +)
        #expect(late < early * 0.8, "\(losses)")
        #expect(evals.last?.globalStep == finish.globalStep)
        let (first, last) = (try #require(evals.first), try #require(evals.last))
        #expect(last.loss < first.loss)
    }

    @Test("only so many checkpoints are kept, the newest always")
    func pruning() throws {
        let fixture = try TrainingFixture { plan in
            plan.training.saveEvery = 3
            plan.training.saveTotalLimit = 2
        }
        _ = try fixture.trainer("run").train()
        #expect(try FileStore().list(fixture.run("run").checkpoints) == ["step-000018", "step-000020"])
    }

    @Test("a damaged checkpoint is reported and an earlier one used")
    func damagedCheckpoint() throws {
        let fixture = try TrainingFixture { plan in plan.training.saveEvery = 5 }
        var taken = 0
        _ = try fixture.trainer("run") { if case .step = $0 { taken += 1 } }.train { taken == 12 }
        let path = fixture.run("run").checkpoint(12) + "/optimizer.safetensors"
        var bytes = try FileStore().read(path)
        bytes[bytes.count - 1] ^= 1
        try FileStore().write(bytes, to: path)
        var warnings: [String] = [], start: RunStart?
        let trainer = try fixture.trainer("run") { event in
            if case .warning(let id, _) = event { warnings.append(id) }
            if case .started(let started) = event { start = started }
        }
        try trainer.resume()
        _ = try trainer.train()
        #expect(warnings == ["checkpoint_damaged"])
        #expect(start?.resumedFrom == 10)
        _ = try fixture.trainer("straight").train()
        #expect(try fixture.adapter("run") == fixture.adapter("straight"))
    }

    @Test("a checkpoint of other settings is refused, by name")
    func otherRun() throws {
        let fixture = try TrainingFixture()
        var taken = 0
        _ = try fixture.trainer("run") { if case .step = $0 { taken += 1 } }.train { taken == 4 }
        fixture.plan.training.learningRate = 0.02
        let trainer = try fixture.trainer("run")
        let error = #expect(throws: CheckpointError.self) { try trainer.resume() }
        guard case .otherRun(_, "settings", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a run without checkpoints cannot be resumed")
    func nothingToResume() throws {
        let fixture = try TrainingFixture()
        #expect(throws: CheckpointError.none(path: fixture.run("run").checkpoints)) {
            try fixture.trainer("run").resume()
        }
    }

    @Test("where every checkpoint is damaged, each is reported and training starts again")
    func allDamaged() throws {
        let fixture = try TrainingFixture { plan in plan.training.saveEvery = 5 }
        _ = try fixture.trainer("straight").train()
        var taken = 0
        _ = try fixture.trainer("run") { if case .step = $0 { taken += 1 } }.train { taken == 12 }
        for step in [5, 10, 12] {
            try FileStore().remove(fixture.run("run").checkpoint(GlobalStep(step)) + "/state.json")
        }
        var warnings: [String] = [], start: RunStart?
        let trainer = try fixture.trainer("run") { event in
            if case .warning(let id, _) = event { warnings.append(id) }
            if case .started(let started) = event { start = started }
        }
        try trainer.resume()
        _ = try trainer.train()
        #expect(warnings == ["checkpoint_damaged", "checkpoint_damaged", "checkpoint_damaged", "started_again"])
        #expect(start?.resumedFrom == nil)
        #expect(try fixture.adapter("run") == fixture.adapter("straight"))
    }

    @Test("early stopping keeps the weights with the lowest validation loss")
    func earlyStopping() throws {
        let fixture = try TrainingFixture { plan in
            plan.training.duration = .steps(400)
            plan.training.learningRate = 0.05
            plan.training.schedule = .constant
            plan.training.evalEvery = 5
            plan.training.saveEvery = nil
            plan.training.earlyStoppingPatience = 3
            plan.training.saveTotalLimit = 1
        }
        var evals: [EvalMetrics] = [], warnings: [String] = []
        let finish = try fixture.trainer("run") { event in
            if case .eval(let eval) = event { evals.append(eval) }
            if case .warning(let id, _) = event { warnings.append(id) }
        }.train()
        let best = try #require(evals.min { $0.loss < $1.loss })
        #expect(finish.reason == .earlyStopping)
        #expect(finish.globalStep.number == best.globalStep.number + 15)
        #expect(warnings == ["kept_best"])
        let kept = fixture.run("run").checkpoint(best.globalStep) + "/adapter_model.safetensors"
        #expect(try fixture.adapter("run") == FileStore().fingerprint(ofFile: kept))
    }

    @Test("stopping by a task metric keeps the weights with the best score, whatever the loss says")
    func stoppingByScore() throws {
        let fixture = try TrainingFixture { plan in
            plan.training.evalEvery = 2
            plan.training.earlyStoppingPatience = 2
            plan.training.earlyStoppingMetric = "exact_match"
        }
        var scores = [0.5, 0.75, 0.25, 0.25].makeIterator(), evals: [EvalMetrics] = []
        let trainer = try Trainer(
            fixture.approved(), base: fixture.base, data: fixture.data, run: fixture.run("score"),
            score: { _ in scores.next() ?? 0 }
        ) { event in if case .eval(let eval) = event { evals.append(eval) } }
        let finish = try trainer.train()
        #expect(finish.reason == .earlyStopping && finish.globalStep.number == 8)
        #expect(evals.map(\.score) == [0.5, 0.75, 0.25, 0.25])
        let kept = try FileStore().list(fixture.run("score").checkpoints)
        #expect(kept.contains("step-000004"))
    }

    @Test("a learning rate that destroys the weights ends with a named error and keeps earlier checkpoints")
    func divergence() throws {
        let fixture = try TrainingFixture { plan in
            plan.method = .full
            plan.training.learningRate = 1e30
            plan.training.saveEvery = 1
        }
        #expect(throws: LearningError.self) { _ = try fixture.trainer("run").train() }
        #expect(!(try FileStore().list(fixture.run("run").checkpoints)).isEmpty)
    }
}
