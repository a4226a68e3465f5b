import Plan
import Testing
import YAMLText

private let small = """
    version: 1
    model: models/base
    method: {kind: lora, rank: 8}
    data: {paths: [rows.jsonl]}
    training: {learning_rate: 2e-3, epochs: 4}
    """

private func read(_ text: String) throws(PlanError) -> RunPlan { try RunPlan(yaml: text, file: "plan.yaml") }

/// The complaint about a plan that has `line` added to one of its sections.
private func complaint(top: String = "", training: String = "", method: String = "kind: lora") -> PlanError? {
    let text = """
        version: 1
        model: models/base
        method:
          \(method)
        data:
          paths: [rows.jsonl]
        training:
          learning_rate: 0.001
          \(training)
        \(top)
        """
    do { _ = try read(text) } catch { return error }
    return nil
}

@Suite("Reading a plan")
struct RunPlanReadingTests {
    @Test("missing keys have hone's defaults, alpha being twice the rank")
    func defaults() throws {
        let plan = try read(small)
        #expect(plan.method.lora?.rank == 8 && plan.method.lora?.alpha == 16)
        #expect(plan.method.lora?.targetModules == LoRASettings.allLinear)
        #expect(plan.training.duration == .epochs(4))
        #expect(plan.training.batching == .rows(8))
        #expect(plan.engine == .bundled && plan.output == "runs")
    }

    @Test("an unknown key is refused with its place and the keys that exist", arguments: ["learning_rat: 1", "lr: 1"])
    func unknownKey(line: String) throws {
        guard case .malformed(.unknownKey(let key, let known, let place)) = complaint(training: line) else {
            Issue.record("accepted \(line)")
            return
        }
        #expect(line.hasPrefix(key) && known.contains("learning_rate") && place.line == 9 && place.column == 3)
    }

    @Test("a word outside its list is refused with the legal words")
    func unknownWord() {
        guard case .malformed(.notOneOf(let value, let allowed, let place)) = complaint(training: "schedule: cosin")
        else {
            Issue.record("accepted")
            return
        }
        #expect(value == "cosin" && allowed == ["linear", "cosine", "constant"] && place.line == 9)
    }

    @Test(
        "quoted numbers and fractions of steps are wrong types",
        arguments: ["epochs: \"3\"", "warmup_steps: 2.5", "seed: 1.5"])
    func wrongType(line: String) {
        guard case .malformed(.wrongType) = complaint(training: line) else {
            Issue.record("accepted \(line)")
            return
        }
    }

    @Test(
        "values outside physical sense are refused",
        arguments: [
            "epochs: 0", "epochs: -1", "max_length: 0", "micro_batch: 0", "weight_decay: 1", "adam_beta1: 1",
            "warmup_steps: -3", "seed: -1", "threads: 0", "neftune_alpha: 0", "save_every: 0",
            "gradient_accumulation_steps: 0", "max_steps: 0",
        ])
    func outOfRange(line: String) {
        guard case .outOfRange(let key, _, _, let place) = complaint(training: line) else {
            Issue.record("accepted \(line)")
            return
        }
        #expect(line.hasPrefix(key.dropFirst("training.".count)) && place?.line == 9)
    }

    @Test("pairs that contradict each other are refused")
    func contradictions() {
        func expect(_ wanted: PlanContradiction, _ error: PlanError?) {
            guard case .contradiction(let found, let place) = error else {
                Issue.record("accepted, wanted \(wanted)")
                return
            }
            #expect(found == wanted && place != nil)
        }
        expect(.epochsAndMaxSteps, complaint(training: "epochs: 2\n  max_steps: 5"))
        expect(.rowsWithPacking, complaint(training: "packing: true\n  micro_batch: 5"))
        expect(.tokensWithoutPacking, complaint(training: "packing: false\n  tokens_per_micro_batch: 4096"))
        expect(
            .microBatchSmallerThanMaxLength(tokens: 512, maxLength: 1024),
            complaint(training: "tokens_per_micro_batch: 512"))
        expect(.adapterKeyWithFull(key: "method.rank"), complaint(method: "kind: full\n  rank: 8"))
        expect(.adapterKeyWithFull(key: "method.alpha"), complaint(method: "kind: full\n  alpha: 8"))
        expect(.quantizationWithout(.lora), complaint(method: "kind: lora\n  quantization: {type: nf4}"))
        expect(.earlyStoppingWithoutInterval, complaint(training: "early_stopping_patience: 2"))
        expect(.gpusWithBundledEngine(2), complaint(top: "launch: {gpus_per_node: 2}"))
    }

    @Test("a size is read with its unit, and GB is not GiB")
    func sizes() throws {
        #expect(
            try read(small.replacing("epochs: 4", with: "memory_limit: 4 GiB")).training.memoryLimit
                == ByteCount(4 << 30))
        #expect(
            try read(small.replacing("epochs: 4", with: "memory_limit: 4GB")).training.memoryLimit
                == ByteCount(4_000_000_000))
        #expect(
            try read(small.replacing("epochs: 4", with: "memory_limit: 4096")).training.memoryLimit == ByteCount(4096))
        guard case .unreadableSize = complaint(training: "memory_limit: lots") else {
            Issue.record("accepted a size without a number")
            return
        }
    }

    @Test("a plan of a later version is refused as such")
    func laterVersion() {
        #expect {
            try read(small.replacing("version: 1", with: "version: 9"))
        } throws: { error in
            if case .newerVersion(9, known: 2, _) = error as? PlanError { true } else { false }
        }
    }

    @Test("a module that no Llama block has is refused")
    func unknownModule() {
        guard case .unknownModule("query", _, _) = complaint(method: "kind: lora\n  target_modules: [q_proj, query]")
        else {
            Issue.record("accepted")
            return
        }
    }
}
