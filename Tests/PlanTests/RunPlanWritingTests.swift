import JSONText
import Plan
import Testing

private func everyKeyPlan() -> RunPlan {
    var training = TrainingSettings()
    training.maxLength = 384
    training.batching = .packed(tokens: 4096)
    training.gradientAccumulationSteps = 3
    training.duration = .steps(250)
    training.learningRate = 2e-5
    training.schedule = .cosine
    training.warmup = .steps(12)
    training.weightDecay = 0.01
    training.precision = .bf16
    training.gradientCheckpointing = true
    training.shuffle = false
    training.curriculum = .generalToFormat
    training.seed = 7
    training.threads = 2
    training.memoryLimit = ByteCount(gibibytes: 3)
    training.evalEvery = 20
    training.saveEvery = 40
    training.saveTotalLimit = 4
    training.earlyStoppingPatience = 3
    training.neftuneAlpha = 5
    let lora = LoRASettings(rank: 4, alpha: 12.5, dropout: 0.05, targetModules: ["q_proj", "v_proj"], useRSLoRA: true)
    var plan = RunPlan(
        model: "a folder: with # odd name",
        method: Method(
            kind: .qlora, lora: lora, initAdapter: "earlier/adapter", quantization: Quantization(doubleQuant: false)),
        data: DataSettings(
            paths: ["a.jsonl", "b, c.jsonl"], format: .messages,
            split: SplitSettings(validation: 0.15, test: 0.2, group: "intent", seed: 3),
            generalMix: GeneralMix(source: "mix.jsonl", share: 0.2)),
        training: training)
    plan.compat = .trl
    plan.engine = .trl
    plan.evaluation.metrics = ["exact_match", "json_parse"]
    plan.evaluation.maxNewTokens = 64
    plan.evaluation.limit = 100
    plan.evaluation.generalProbe = false
    plan.launch.nodes = 2
    plan.launch.gpusPerNode = 4
    plan.launch.strategy = .fsdp
    plan.launch.scheduler = .slurm
    plan.launch.device = "a100-80gb-sxm"
    plan.data.fingerprint = "12ab"
    plan.data.template = "34cd"
    plan.training.lossOnPrompts = true
    plan.output = "elsewhere"
    plan.overrides = [PlanOverride(lint: "no-validation", because: "the last run: its steps are known")]
    return plan
}

@Suite("Writing a plan")
struct RunPlanWritingTests {
    @Test("what is written reads back as the same plan")
    func roundTrip() throws {
        var plan = everyKeyPlan()
        #expect(try RunPlan(yaml: plan.yaml, file: "plan.yaml") == plan)
        plan = RunPlan(
            model: "models/base", method: .full, data: DataSettings(paths: ["x.jsonl"]), training: TrainingSettings())
        #expect(try RunPlan(yaml: plan.yaml, file: "plan.yaml") == plan)
    }

    @Test("a comment names the rule and survives reading; an edited value becomes the person's own")
    func origins() throws {
        var plan = everyKeyPlan()
        plan.origins = [
            "training.learning_rate": .rule(id: "defaults.rate", why: "adapters: want # more"),
            "method.target_modules": .rule(id: "defaults.targets", why: "two are enough"),
            "training.seed": .you(was: "42"),
            "training.threads": .you(was: nil),
        ]
        let text = plan.yaml
        #expect(text.contains("  # 2e-05 by defaults.rate: adapters: want # more"))
        #expect(try RunPlan(yaml: text, file: "plan.yaml") == plan)
        let edited = try RunPlan(yaml: text.replacing("rate: 2e-05", with: "rate: 3e-05"), file: "plan.yaml")
        #expect(edited.training.learningRate == 3e-5)
        #expect(edited.origins["training.learning_rate"] == .you(was: "2e-05 by defaults.rate"))
    }

    @Test("every field of the plan appears in the file, so that nothing can be set and forgotten")
    func everyKeyIsWritten() {
        let plan = everyKeyPlan()
        let written = plan.yaml
        for field in plan.fields where field.value != .nothing {
            let name = field.key.split(separator: ".").last.map(String.init) ?? ""
            #expect(written.contains(name + ": "))
        }
    }

    @Test("the JSON form reads back as the same plan")
    func json() throws {
        let plan = everyKeyPlan()
        #expect(try RunPlan(yaml: plan.json.text(.pretty), file: "plan.json") == plan)
        #expect(plan.json["method"]?["quantization"]?["type"]?.stringValue == "nf4")
        #expect(plan.json["training"]?["warmup_steps"]?.intValue == 12)
    }
}
