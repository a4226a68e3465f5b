import Advisor
import Datasets
import Evaluation
import Feasibility
import FileStore
import Foundation
import Launching
import ModelFiles
import Plan
import RuleEngine
import Testing
import Training

@testable import Workflows

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
private let installation = Installation(home: root)

/// Forty short rows in two groups of answers, general rows, and a plan that trains on them in three steps.
private final class DeadKeyFixture {
    let folder = NSTemporaryDirectory() + "hone-dead-" + UUID().uuidString
    let plan: RunPlan

    init() throws {
        try FileStore().createFolder(folder)
        let rows = (0..<40).map { number in
            let answer = number % 2 == 0 ? "{\\\"n\\\": \(number)}" : "the number is \(number)"
            let request = "say \(number)" + (number % 5 == 2 ? String(repeating: " and again", count: 30) : "")
            return
                #"{"messages": [{"role": "user", "content": "\#(request)"}, {"role": "assistant", "content": "\#(answer)"}], "topic": "t\#(number / 4)"}"#
        }
        try FileStore().write(rows.joined(separator: "\n") + "\n", to: folder + "/rows.jsonl")
        let instruction = String(repeating: "be brief and kind ", count: 8)
        let instructed = rows.map {
            $0.replacing(
                #"[{"role": "user""#, with: #"[{"role": "system", "content": "\#(instruction)"}, {"role": "user""#)
        }
        try FileStore().write(instructed.joined(separator: "\n") + "\n", to: folder + "/instructed.jsonl")
        try FileStore().write(rows.reversed().joined(separator: "\n") + "\n", to: folder + "/general.jsonl")
        var training = TrainingSettings()
        training.maxLength = 96
        training.batching = .rows(2)
        training.duration = .steps(4)
        training.warmup = .steps(1)
        training.evalEvery = 1
        training.saveEvery = 1
        var plan = RunPlan(
            model: ModelLocation.practice,
            method: .lora(LoRASettings(rank: 2, alpha: 4, targetModules: ["q_proj", "v_proj"])),
            data: DataSettings(paths: [folder + "/rows.jsonl"]), training: training)
        plan.output = folder
        plan.data.generalMix = GeneralMix(source: folder + "/general.jsonl", share: 0.2)
        plan.evaluation.maxNewTokens = 4
        self.plan = plan
    }

    deinit { try? FileStore().remove(folder) }

    /// Everything a run leaves that does not tell the time: events, kept checkpoints, the trained values.
    func run(_ plan: RunPlan, _ name: String = UUID().uuidString) throws -> String {
        let prepared = try PreparedRun(plan, in: installation)
        let machine = MachineProfile(
            processor: "x", cores: 8, instructionSets: [], totalMemory: nil, availableMemory: ByteCount(gibibytes: 8))
        let approved = try approve(plan, model: prepared.facts, load: prepared.load, on: machine)
        let folder = RunFolder(path: folder + "/" + name)
        var events: [String] = []
        let trainer = try Trainer(
            approved, base: prepared.model, data: prepared.encoded, run: folder,
            score: try TaskScore(prepared)?.score
        ) { event in
            switch event {
            case .started(let start):
                events.append(
                    "\(start.totalSteps) \(start.trainableParameters) \(start.trainExamples) \(start.generalExamples) \(start.validationExamples) \(start.threads)"
                )
            case .step(let step): events.append("\(step.loss) \(step.learningRate) \(step.tokens) \(step.targetTokens)")
            case .eval(let eval): events.append("\(eval.loss) \(eval.score.map { "\($0)" } ?? "none")")
            case .checkpoint(_, let step): events.append("kept \(step.number)")
            case .warning(let id, _): events.append(id)
            case .finished(let finish): events.append("\(finish.reason) \(finish.globalStep.number)")
            case .failed(let error, _): events.append(error)
            }
        }
        _ = try trainer.train()
        let kept = try FileStore().list(folder.checkpoints).joined(separator: " ")
        let result =
            plan.method.kind == .full
            ? folder.model + "/model.safetensors" : folder.adapter + "/adapter_model.safetensors"
        events.append(kept + " " + (try FileStore().fingerprint(ofFile: result).hex))
        return events.joined(separator: "\n")
    }
}

@Suite("Nothing in a plan is dead", .serialized)
struct NothingIsDeadTests {
    /// Where a key's effect is looked for. A run is the bundled trainer's; a config what the engine `trl` and its
    /// scheduler are started with.
    private enum Effect { case run, config, measurement, memory, review, place, refused }

    /// Every key with another value, and what has to come out differently.
    private static let changes: [(key: String, value: String, effect: Effect)] = [
        ("version", "1", .review), ("compat", "trl", .run), ("engine", "trl", .refused),
        ("model", "no/such/model", .place),
        ("method.kind", "full", .run), ("method.rank", "3", .run), ("method.alpha", "9", .run),
        ("method.dropout", "0.5", .run), ("method.target_modules", "[k_proj]", .run),
        ("method.use_rslora", "true", .run), ("method.use_dora", "true", .run),
        ("method.modules_to_save", "[norm]", .run),
        ("method.init_adapter", "earlier/adapter", .run), ("method.quantization.type", "nf4", .config),
        ("method.quantization.double_quant", "false", .config), ("data.paths", "general.jsonl", .run),
        ("data.format", "text", .run), ("data.split.validation", "0.3", .run), ("data.split.test", "0.3", .run),
        ("data.split.group", "topic", .run), ("data.split.seed", "5", .run),
        ("data.general_mix.source", "bundled", .run), ("data.general_mix.share", "0.5", .run),
        ("data.fingerprint", "other", .review), ("data.template", "other", .review),
        ("training.max_length", "48", .run),
        ("training.loss_on_prompts", "true", .run), ("training.packing", "true", .run),
        ("training.packing_strategy", "wrapped", .run),
        ("training.tokens_per_micro_batch", "128", .run), ("training.micro_batch", "3", .run),
        ("training.gradient_accumulation_steps", "2", .run), ("training.epochs", "0.3", .run),
        ("training.max_steps", "3", .run), ("training.optimizer", "adamw", .config),
        ("training.learning_rate", "0.01", .run),
        ("training.adam_beta1", "0.5", .run), ("training.adam_beta2", "0.5", .run),
        ("training.adam_epsilon", "0.001", .run),
        ("training.schedule", "constant", .run), ("training.warmup_steps", "3", .run),
        ("training.weight_decay", "0.5", .run),
        ("training.max_grad_norm", "0.001", .run), ("training.precision", "bf16", .run),
        ("training.gradient_checkpointing", "true", .memory), ("training.share_prefixes", "true", .run),
        ("training.shuffle", "false", .run), ("training.curriculum", "general_to_format", .run),
        ("training.seed", "7", .run),
        ("training.threads", "2", .run), ("training.memory_limit", "1 MiB", .refused),
        ("training.eval_every", "2", .run),
        ("training.save_every", "2", .run), ("training.save_total_limit", "1", .run),
        ("training.early_stopping_patience", "1", .run), ("training.early_stopping_metric", "exact_match", .run),
        ("training.neftune_alpha", "20", .run), ("evaluation.metrics", "[exact_match]", .measurement),
        ("evaluation.max_new_tokens", "2", .measurement), ("evaluation.limit", "2", .measurement),
        ("evaluation.folds", "3", .measurement), ("evaluation.general_probe", "false", .measurement), ("launch.nodes", "2", .config),
        ("launch.gpus_per_node", "2", .config), ("launch.processes_per_node", "2", .config),
        ("launch.device", "a100-80gb-sxm", .config),
        ("launch.strategy", "zero3", .config), ("launch.scheduler", "slurm", .config), ("output", "elsewhere", .place),
    ]

    @Test("every key has a change here")
    func complete() { #expect(Self.changes.map(\.key) == PlanKey.names) }

    @Test("a changed key changes what the bundled trainer does")
    func runs() throws {
        let fixture = try DeadKeyFixture()
        let base = try fixture.run(fixture.plan, "base")
        #expect(try fixture.run(fixture.plan) == base)
        for change in Self.changes where change.effect == .run {
            var before = fixture.plan, value = change.value
            switch change.key {
            case "training.tokens_per_micro_batch": before = try before.setting("training.packing", to: "true")
            case "training.packing_strategy":
                before = try before.setting("training.packing", to: "true").setting("compat", to: "trl")
            case "training.share_prefixes":
                before = try before.setting("data.paths", to: fixture.folder + "/instructed.jsonl")
                before = try before.setting("training.packing", to: "true")
                before = try before.setting("training.tokens_per_micro_batch", to: "512")
            case "method.init_adapter": value = fixture.run("base").adapter
            case "data.paths": value = fixture.folder + "/general.jsonl"
            // At this rate the second step is worse than the first, so that there is something to stop.
            case "training.early_stopping_patience": before = try before.setting("training.learning_rate", to: "0.2")
            default: break
            }
            let old = before == fixture.plan ? base : try fixture.run(before)
            let after = try before.setting(change.key, to: value)
            let new = (try? fixture.run(after)) ?? "refused"
            #expect(new != old, "\(change.key)")
        }
    }

    @Test("a changed key changes the engine's config or what starts it")
    func configs() throws {
        let fixture = try DeadKeyFixture()
        let base = try fixture.plan.setting("engine", to: "trl").setting("launch.gpus_per_node", to: "1")
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        func text(_ plan: RunPlan) throws -> String {
            let run = fixture.run("handed-over")
            try? FileStore().remove(run.engine)
            try EngineHandover(PreparedRun(plan, in: installation), in: installation).write(
                to: run, python: "python3", tolerances: EngineTolerances(book))
            return try FileStore().list(run.engine).sorted().map {
                try $0 + FileStore().readText(run.engine + "/" + $0)
            }.joined()
        }
        for change in Self.changes where change.effect == .config {
            var before = base
            if change.key.contains("quantization") { before = try before.setting("method.kind", to: "qlora") }
            if ["launch.nodes", "launch.gpus_per_node", "launch.processes_per_node"].contains(change.key) {
                before = try before.setting("launch.strategy", to: "ddp")
            }
            if change.key == "method.quantization.type" || change.key == "training.optimizer" {
                // There is one format and one optimizer; they are named.
                #expect(try text(before).contains(change.value), "\(change.key)")
                continue
            }
            let after = try before.setting(change.key, to: change.value)
            #expect(try text(after) != text(before), "\(change.key)")
        }
    }

    @Test("a changed key changes how much memory training takes")
    func memory() throws {
        let fixture = try DeadKeyFixture()
        func needed(_ plan: RunPlan) throws -> ByteCount {
            let prepared = try PreparedRun(plan, in: installation)
            return MemoryEstimate(
                plan: plan, shape: prepared.facts.shape, storedBytes: prepared.facts.storedBytes, load: prepared.load
            ).p50
        }
        for change in Self.changes where change.effect == .memory {
            #expect(
                try needed(fixture.plan.setting(change.key, to: change.value)) < needed(fixture.plan), "\(change.key)")
        }
    }

    @Test("what the bundled trainer cannot do is refused, never ignored")
    func refusals() throws {
        let fixture = try DeadKeyFixture()
        for change in Self.changes where change.effect == .refused {
            let plan = try fixture.plan.setting(change.key, to: change.value)
            #expect(throws: Refusal.self, "\(change.key)") { _ = try fixture.run(plan) }
        }
    }

    @Test("a changed key changes what is measured")
    func measurements() throws {
        let fixture = try DeadKeyFixture()
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        func measured(_ plan: RunPlan) throws -> String {
            let prepared = try PreparedRun(plan, in: installation)
            var arms = ArmWishes()
            arms.kinds = [.nearestNeighbour]
            let result = try Measuring(prepared, in: installation).measure(
                fixture.run("measured"), arms: arms, book: book, ArmMeasuring.Question())
            let beside = result.arm(of: .nearestNeighbour).map { "\($0.folds ?? 0) \($0.items.count)" } ?? ""
            return "\(result.metrics.all) \(result.decoding) \(result.arms[0].items.count) \(result.probe == nil) \(beside)"
        }
        _ = try fixture.run(fixture.plan, "measured")
        let base = try measured(fixture.plan)
        for change in Self.changes where change.effect == .measurement {
            #expect(try measured(fixture.plan.setting(change.key, to: change.value)) != base, "\(change.key)")
        }
    }

    @Test("fingerprints and version are looked at, model and output are where a run reads and writes")
    func places() throws {
        let fixture = try DeadKeyFixture()
        let book = try RuleBook.load(RuleFolder(path: root + "/rules"))
        func lints(_ plan: RunPlan) throws -> Set<String> {
            let document = try PlanDocument(yaml: plan.yaml, file: "plan.yaml")
            let machine = MachineProfile(
                processor: "x", cores: 1, instructionSets: [], totalMemory: nil, availableMemory: nil)
            return Set(
                try PlanReview(document, in: installation, book: book, machine: machine).findings.map(\.name))
        }
        let base = try lints(fixture.plan)
        #expect(try lints(fixture.plan.setting("data.fingerprint", to: "other")).subtracting(base) == ["data-changed"])
        #expect(try lints(fixture.plan.setting("data.template", to: "other")).subtracting(base) == ["template-differs"])
        #expect(
            try PlanDocument(yaml: fixture.plan.yaml.replacing("version: 2", with: "version: 1"), file: "p").migration
                != nil)
        #expect(throws: ModelLocationError.self) { try fixture.run(fixture.plan.setting("model", to: "no/such/model")) }
        let elsewhere = try fixture.plan.setting("output", to: fixture.folder + "/elsewhere")
        let made = try TrainingRun.create(
            PreparedRun(elsewhere, in: installation), on: MachineProfile.probe(), name: "x", at: Date(),
            honeVersion: "0", workingFolder: "/")
        #expect(made.run.path.hasPrefix(fixture.folder + "/elsewhere/"))
    }
}

extension DeadKeyFixture {
    fileprivate func run(_ name: String) -> RunFolder { RunFolder(path: folder + "/" + name) }
}
