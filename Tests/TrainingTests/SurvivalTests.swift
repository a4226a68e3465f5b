import Datasets
import FileStore
import Foundation
import Plan
import Synchronization
import Testing
import Training

@Suite("A training run that meets trouble")
struct SurvivalTests {
    /// A store whose checkpoints find no room as long as `isFull` says so.
    private func store(isFull: @escaping @Sendable () -> Bool) -> FileStore {
        FileStore { operation, path in
            operation == .write && path.contains("/checkpoints/") && isFull() ? .tear(bytes: 5, errno: ENOSPC) : nil
        }
    }

    @Test("on a full disk training waits, says so, goes on when there is room, and loses nothing")
    func fullDisk() throws {
        let fixture = try TrainingFixture()
        _ = try fixture.trainer("straight").train()
        let tries = Mutex(0)
        let filling = store {
            tries.withLock { tries in
                tries += 1
                return tries <= 4
            }
        }
        var warnings: [String] = [], steps: [Int] = []
        let finish = try fixture.trainer("run", store: filling, limits: TrainingFixture.limits()) { event in
            if case .warning(let id, _) = event { warnings.append(id) }
            if case .step(let step) = event { steps.append(step.globalStep.number) }
        }.train()
        #expect(finish.reason == .completed)
        #expect(warnings == ["disk_full", "disk_has_room"])
        #expect(steps == Array(1...20))
        #expect(try fixture.adapter("run") == fixture.adapter("straight"))
    }

    @Test("a stop while waiting for room keeps the checkpoints there are, and the run goes on from them")
    func stoppedOnFullDisk() throws {
        let fixture = try TrainingFixture { $0.training.saveEvery = 5 }
        _ = try fixture.trainer("straight").train()
        let isFull = Mutex(false), isStopping = Mutex(false)
        var last: RunEvent?
        let filling = store { isFull.withLock { $0 } }
        let finish = try fixture.trainer("run", store: filling, limits: TrainingFixture.limits()) { event in
            last = event
            if case .checkpoint(_, let step) = event, step == 10 { isFull.withLock { $0 = true } }
            if case .warning("disk_full", _) = event { isStopping.withLock { $0 = true } }
        }.train { isStopping.withLock { $0 } }
        #expect(finish.reason == .stopped && finish.globalStep == 10)
        #expect(last == .finished(finish))
        #expect(try FileStore().list(fixture.run("run").checkpoints) == ["step-000005", "step-000010"])
        let trainer = try fixture.trainer("run")
        try trainer.resume()
        _ = try trainer.train()
        #expect(try fixture.adapter("run") == fixture.adapter("straight"))
    }

    @Test(
        "when memory reaches the plan's limit, training saves and stops; with more of it the run goes on to the same end"
    )
    func memoryLimit() throws {
        let fixture = try TrainingFixture()
        _ = try fixture.trainer("straight").train()
        // Enough for the check of a tiny model, less than this process holds with something else beside it.
        fixture.plan.training.memoryLimit = ByteCount(mebibytes: 72)
        let ballast = [UInt8](repeating: 1, count: 100 << 20)
        var events: [RunEvent] = []
        let finish = try fixture.trainer("run", limits: TrainingFixture.limits()) { events.append($0) }.train()
        #expect(ballast.last == 1)
        #expect(finish.reason == .memoryLimit && finish.globalStep == 0)
        #expect(events.contains { if case .warning("memory_limit", _) = $0 { true } else { false } })
        fixture.plan.training.memoryLimit = nil
        let trainer = try fixture.trainer("run", limits: TrainingFixture.limits())
        try trainer.resume()
        #expect(try trainer.train().reason == .completed)
        #expect(try fixture.adapter("run") == fixture.adapter("straight"))
    }

    @Test("a machine that runs out of memory is noticed as well")
    func machineWithoutMemory() throws {
        let fixture = try TrainingFixture()
        let finish = try fixture.trainer("run", limits: TrainingFixture.limits(["memory_reserve": 1e9])).train()
        #expect(finish.reason == .memoryLimit)
        #expect(try FileStore().list(fixture.run("run").checkpoints) == ["step-000000"])
    }

    @Test("whoever makes the file save-now gets a checkpoint after the step, and the file is gone")
    func saveNow() throws {
        let fixture = try TrainingFixture { $0.training.saveEvery = nil }
        let run = fixture.run("run")
        try FileStore().createFolder(run.path)
        var saved: [Int] = []
        _ = try fixture.trainer("run") { event in
            if case .step(let step) = event, step.globalStep == 7 { try FileStore().write("", to: run.saveNow) }
            if case .checkpoint(_, let step) = event { saved.append(step.number) }
        }.train()
        #expect(saved == [7, 20])
        #expect(!FileStore().exists(run.saveNow))
    }

    @Test("a row that makes the loss no number is named by its line")
    func poisonedRow() throws {
        let fixture = try TrainingFixture(isPoisoned: true) { plan in
            plan.method = .lora(LoRASettings(rank: 4, alpha: 8, targetModules: ["q_proj", "v_proj"]))
        }
        for row in fixture.data.train.indices {
            fixture.data.train[row].inputIDs = fixture.data.train[row].inputIDs.map {
                $0 == TrainingFixture.poison ? 48 : $0
            }
        }
        fixture.data.train[6].inputIDs[1] = TrainingFixture.poison
        let error = #expect(throws: LearningError.self) { _ = try fixture.trainer("run").train() }
        guard case .lossNotFinite(_, _, let culprits)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(culprits == .rows([RowPlace(line: 7, isGeneral: false)]))
    }

    @Test("weights that have left the range of numbers are blamed on no row")
    func divergedWeights() throws {
        let fixture = try TrainingFixture { plan in
            plan.method = .full
            plan.training.learningRate = 1e30
            plan.training.maxGradNorm = 0
        }
        let error = #expect(throws: LearningError.self) { _ = try fixture.trainer("run").train() }
        switch error {
        case .lossNotFinite(_, _, let culprits)?, .gradientNotFinite(_, let culprits)?: #expect(culprits == .weights)
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test("a micro-batch without a token to learn is named once, with its lines")
    func maskedMicroBatch() throws {
        let fixture = try TrainingFixture { plan in
            plan.training.batching = .rows(1)
            plan.training.shuffle = false
        }
        for row in [2, 4] {
            fixture.data.train[row].isTarget = fixture.data.train[row].isTarget.map { _ in false }
        }
        var texts: [String] = []
        _ = try fixture.trainer("run") { event in
            if case .warning("masked_micro_batch", let text) = event { texts.append(text) }
        }.train()
        #expect(texts.count == 1)
        #expect(texts.first?.contains("every token of line 3 is masked") == true, "\(texts)")
    }
}

@Suite("What the losses of a run say")
struct TrainingWatchTests {
    private func watch(_ events: EventLog = EventLog()) -> TrainingWatch {
        TrainingWatch(
            TrainingFixture.limits([
                "learning_window": 5, "learning_fall": 0.01, "overfitting_rise": 0.05, "overfitting_looks": 2,
            ]), warmupSteps: 3, earlier: events)
    }

    private func step(_ number: Int, _ loss: Double) -> StepMetrics {
        StepMetrics(
            globalStep: GlobalStep(number), epoch: 0, loss: loss, learningRate: 0, gradNorm: 0, tokens: 1,
            targetTokens: 1, tokensPerSecond: 1, peakRSS: 0)
    }

    private func eval(_ number: Int, _ loss: Double) -> EvalMetrics {
        EvalMetrics(globalStep: GlobalStep(number), loss: loss, perplexity: 1)
    }

    private func ids(_ events: [RunEvent]) -> [String] {
        events.compactMap { if case .warning(let id, _) = $0 { id } else { nil } }
    }

    @Test("a loss that stays where it was is told once, after warmup and two windows")
    func notLearning() {
        var watch = watch(), said: [Int] = []
        for number in 1...40 where !watch.look(at: step(number, 2 + (number % 2 == 0 ? 0.001 : 0))).isEmpty {
            said.append(number)
        }
        #expect(said == [13])
    }

    @Test("a loss that falls by two percent is learning")
    func learning() {
        var watch = watch()
        for number in 1...40 { #expect(watch.look(at: step(number, number < 8 ? 2 : 1.95)).isEmpty) }
    }

    @Test("a loss of exactly zero is told, one near it is not")
    func zero() {
        var watch = watch()
        #expect(watch.look(at: step(1, 1e-9)).isEmpty)
        #expect(ids(watch.look(at: step(2, 0))) == ["loss_zero"])
        #expect(watch.look(at: step(3, 0)).isEmpty)
    }

    @Test("validation loss that rises twice while the training loss falls is overfitting; once, or with it, is not")
    func overfitting() {
        var watch = watch(), falls = watch
        for number in 1...5 { _ = watch.look(at: step(number, 2)) }
        #expect(watch.look(at: eval(5, 1)).isEmpty)
        for number in 6...10 { _ = watch.look(at: step(number, 1)) }
        #expect(watch.look(at: eval(10, 1.2)).isEmpty)
        #expect(ids(watch.look(at: eval(15, 1.3))) == ["overfitting"])
        #expect(watch.look(at: eval(20, 1.4)).isEmpty)
        for number in 1...5 { _ = falls.look(at: step(number, 2)) }
        #expect(falls.look(at: eval(5, 1)).isEmpty)
        for number in 6...10 { _ = falls.look(at: step(number, 2.5)) }
        #expect(falls.look(at: eval(10, 1.2)).isEmpty && falls.look(at: eval(15, 1.3)).isEmpty)
    }

    @Test("after a resume the watch knows what came before, and repeats nothing")
    func resumed() {
        var log = EventLog()
        for number in 1...12 {
            log.append(EventLine(time: Date(timeIntervalSince1970: 0), event: .step(step(number, 2))))
        }
        var fresh = watch(log)
        #expect(ids(fresh.look(at: step(13, 2))) == ["not_learning"])
        log.append(EventLine(time: Date(timeIntervalSince1970: 0), event: .warning(id: "not_learning", text: "")))
        var told = watch(log)
        #expect(told.look(at: step(13, 2)).isEmpty)
    }
}
