import Feasibility
import ModelFiles
import Plan
import Testing
import Transformer

/// Shape of a model of about half a billion parameters.
private let shape = ModelShape(
    vocabularySize: 32000, hiddenSize: 1024, intermediateSize: 2816, layerCount: 24, attentionHeadCount: 16,
    keyValueHeadCount: 8, headSize: 64, tiedEmbeddings: true)
private let model = ModelFacts(shape: shape, storedBytes: ByteCount(gibibytes: 0.7))
private let load = TrainingLoad(rows: 1000, tokens: 300_000, targetTokens: 60_000, longestRow: 500)

private func machine(gibibytes: Double?, disk: Double = 100) -> MachineProfile {
    MachineProfile(
        processor: "x", cores: 4, instructionSets: ["avx2"], totalMemory: nil,
        availableMemory: gibibytes.map { ByteCount(gibibytes: $0) }, freeDisk: ByteCount(gibibytes: disk))
}

private func plan(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
    var plan = RunPlan(
        model: "m", method: .lora(), data: DataSettings(paths: ["d"]), training: TrainingSettings())
    plan.training.saveTotalLimit = 2
    change(&plan)
    return plan
}

private func check(_ plan: RunPlan, gibibytes: Double? = 64) -> PlanCheck {
    PlanCheck(plan: plan, model: model, load: load, machine: machine(gibibytes: gibibytes))
}

@Suite("Feasibility of a plan")
struct PlanCheckTests {
    @Test("parts add up to the total, and weights are exact")
    func parts() {
        let memory = check(plan()).memory
        #expect(memory.parts.values.reduce(ByteCount(0), +) == memory.p50)
        #expect(memory.p95 > memory.p50)
        let perBlock = 1024 * 1024 * 2 + 1024 * 512 * 2 + 3 * 1024 * 2816
        #expect(ParameterCounts(shape: shape, lora: nil).base == 24 * (perBlock + 2 * 1024) + 1024 + 32000 * 1024)
        #expect(
            ParameterCounts(shape: shape, lora: LoRASettings(rank: 8, targetModules: ["q_proj", "v_proj"])).adapter
                == 24 * 8 * (1024 + 1024 + 1024 + 512))
    }

    @Test("the best guess takes a batch that is likely, the cautious one as many of the longest row")
    func likelyBatch() {
        let plan = plan { $0.training.batching = .rows(8) }
        var counted = load
        counted.squaredTokens = 1000 * 320 * 320
        let likely = PlanCheck(plan: plan, model: model, load: counted, machine: machine(gibibytes: 64)).memory
        let bound = check(plan).memory
        #expect(likely.p50 < bound.p50)
        #expect(likely.p95 >= bound.p50 && likely.p95 <= bound.p95)
    }

    @Test("more rows, longer rows, a higher rank and full training never need less")
    func monotone() {
        let base = check(plan()).memory.p50
        #expect(check(plan { $0.training.batching = .rows(16) }).memory.p50 > base)
        #expect(check(plan { $0.training.maxLength = 256 }).memory.p50 < base)
        #expect(check(plan { $0.method = .lora(LoRASettings(rank: 64)) }).memory.p50 > base)
        #expect(check(plan { $0.method = .full }).memory.p50 > base)
    }

    @Test("the verdict compares both estimates with what is usable")
    func verdicts() {
        let memory = check(plan()).memory
        func verdict(usable: ByteCount) -> PlanCheck.Verdict {
            check(plan { $0.training.memoryLimit = usable }).verdict
        }
        #expect(verdict(usable: memory.p95) == .fits)
        #expect(verdict(usable: memory.p95 - 1) == .tight)
        #expect(verdict(usable: memory.p50) == .tight)
        #expect(verdict(usable: memory.p50 - 1) == .doesNotFit)
        #expect(check(plan(), gibibytes: nil).verdict == .unknown)
    }

    @Test("a lever that suffices comes first, keeps the effective batch, and its plan really fits")
    func levers() throws {
        let wanted = plan { $0.training.batching = .rows(32) }
        let refused = PlanCheck(plan: wanted, model: model, load: load, machine: machine(gibibytes: 5))
        #expect(refused.verdict == .doesNotFit)
        let lever = try #require(refused.levers.first)
        #expect(lever.isEnough && lever.saves > 0)
        guard case .rows(let rows) = lever.plan.training.batching else {
            Issue.record("not rows")
            return
        }
        #expect(rows * lever.plan.training.gradientAccumulationSteps == 32)
        #expect(lever.changes.map(\.key) == ["training.micro_batch", "training.gradient_accumulation_steps"])
        #expect(PlanCheck(plan: lever.plan, model: model, load: load, machine: machine(gibibytes: 5)).verdict == .fits)
    }

    @Test("only a plan that fits, on a disk that is large enough, with targets to learn, is approved")
    func approval() throws {
        #expect(try approve(plan(), model: model, load: load, on: machine(gibibytes: 64)).plan == plan())
        #expect(throws: Refusal.self) { try approve(plan(), model: model, load: load, on: machine(gibibytes: 1)) }
        #expect(throws: Refusal.self) {
            try approve(plan(), model: model, load: load, on: machine(gibibytes: 64, disk: 0.01))
        }
        let empty = TrainingLoad(rows: 10, tokens: 100, targetTokens: 0, longestRow: 10)
        #expect(throws: Refusal.nothingToTrain) {
            try approve(plan(), model: model, load: empty, on: machine(gibibytes: 64))
        }
    }

    @Test("a setting the trainer would ignore is refused, not ignored")
    func notCarriedOut() {
        let changes: [(inout RunPlan) -> Void] = [
            { $0.engine = .trl }, { $0.training.precision = .fp16 },
            { $0.method = Method(kind: .qlora, lora: LoRASettings(), quantization: Quantization()) },
            {
                $0.method = Method(kind: .full)
                $0.training.precision = .bf16
            },
        ]
        for change in changes {
            #expect {
                _ = try approve(plan(change), model: model, load: load, on: machine(gibibytes: 64))
            } throws: { error in
                if case .notCarriedOut = error as? Refusal { true } else { false }
            }
        }
    }
}
