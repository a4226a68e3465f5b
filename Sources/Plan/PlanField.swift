/// One key of a plan with its value, as a person reads it in `plan.yaml`.
package struct PlanField: Sendable, Hashable {
    /// With its path: `training.learning_rate`.
    package let key: String
    package let value: PlanValue

    init(_ key: String, _ value: PlanValue) {
        self.key = key
        self.value = value
    }
}

/// The value of a plan's key without its Swift type.
package enum PlanValue: Sendable, Hashable {
    case text(String)
    case whole(Int)
    case number(Double)
    case flag(Bool)
    case list([String])
    case nothing

    static func optional(_ value: Int?) -> PlanValue { value.map(PlanValue.whole) ?? .nothing }
    static func optional(_ value: Double?) -> PlanValue { value.map(PlanValue.number) ?? .nothing }
    static func optional(_ value: String?) -> PlanValue { value.map(PlanValue.text) ?? .nothing }

    /// The number behind it, where it has one.
    var magnitude: Double? {
        switch self {
        case .whole(let value): Double(value)
        case .number(let value): value
        case .text, .flag, .list, .nothing: nil
        }
    }
}

extension RunPlan {
    /// All keys in the order of the file; a key that does not apply holds nothing.
    ///
    /// The file, its JSON form, the range checks and the comparison with the defaults all walk this one list.
    package var fields: [PlanField] {
        topFields + methodFields + dataFields + trainingFields + evaluationFields + launchFields
            + [PlanField("output", .text(output))]
            + overrides.map { PlanField("overrides.\($0.lint)", .text($0.because)) }
    }

    package func value(of key: String) -> PlanValue? { fields.first { $0.key == key }?.value }

    private var topFields: [PlanField] {
        [
            PlanField("version", .whole(version)),
            PlanField("compat", .text(compat.rawValue)),
            PlanField("engine", .text(engine.rawValue)),
            PlanField("model", .text(model.name)),
        ]
    }

    private var methodFields: [PlanField] {
        let lora = method.lora
        func list(_ names: [String]) -> PlanValue { names.isEmpty ? .nothing : .list(names) }
        let targets: PlanValue? = lora.map {
            Set($0.targetModules) == Set(LoRASettings.allLinear) ? .text("all_linear") : .list($0.targetModules)
        }
        return [
            PlanField("method.kind", .text(method.kind.rawValue)),
            PlanField("method.rank", .optional(lora?.rank)),
            PlanField("method.alpha", .optional(lora?.alpha)),
            PlanField("method.dropout", .optional(lora?.dropout)),
            PlanField("method.target_modules", targets ?? .nothing),
            PlanField("method.use_rslora", lora.map { .flag($0.useRSLoRA) } ?? .nothing),
            PlanField("method.use_dora", lora?.useDoRA == true ? .flag(true) : .nothing),
            PlanField("method.modules_to_save", lora.map { list($0.modulesToSave) } ?? .nothing),
            PlanField("method.init_adapter", .optional(method.initAdapter)),
            PlanField("method.quantization.type", .optional(method.quantization?.type.rawValue)),
            PlanField(
                "method.quantization.double_quant", method.quantization.map { .flag($0.doubleQuant) } ?? .nothing),
        ]
    }

    private var dataFields: [PlanField] {
        [
            PlanField("data.paths", .list(data.paths)),
            PlanField("data.format", .text(data.format.rawValue)),
            PlanField("data.split.validation", .number(data.split.validation)),
            PlanField("data.split.test", .number(data.split.test)),
            PlanField("data.split.group", .optional(data.split.group)),
            PlanField("data.split.seed", .whole(data.split.seed)),
            PlanField("data.general_mix.source", .optional(data.generalMix?.source)),
            PlanField("data.general_mix.share", .optional(data.generalMix?.share)),
            PlanField("data.fingerprint", .optional(data.fingerprint)),
            PlanField("data.template", .optional(data.template)),
        ]
    }

    private var trainingFields: [PlanField] {
        var packing = false, tokens: Int?, rows: Int?
        switch training.batching {
        case .packed(let budget): (packing, tokens) = (true, budget)
        case .rows(let count): rows = count
        }
        var epochs: Double?, steps: Int?
        switch training.duration {
        case .epochs(let count): epochs = count
        case .steps(let count): steps = count
        }
        let warmup: PlanValue =
            switch training.warmup {
            case .steps(let count): .whole(count)
            case .share(let share): .number(share)
            }
        return [
            PlanField("training.max_length", .whole(training.maxLength)),
            PlanField("training.loss_on_prompts", .flag(training.lossOnPrompts)),
            PlanField("training.packing", .flag(packing)),
            PlanField(
                "training.packing_strategy",
                trlPacking.map { .text($0.rawValue) } ?? .nothing),
            PlanField("training.tokens_per_micro_batch", .optional(tokens)),
            PlanField("training.micro_batch", .optional(rows)),
            PlanField("training.gradient_accumulation_steps", .whole(training.gradientAccumulationSteps)),
            PlanField("training.epochs", .optional(epochs)),
            PlanField("training.max_steps", .optional(steps)),
            PlanField("training.optimizer", .text(training.optimizer.rawValue)),
            PlanField("training.learning_rate", .number(training.learningRate)),
            PlanField("training.adam_beta1", .number(training.adamBeta1)),
            PlanField("training.adam_beta2", .number(training.adamBeta2)),
            PlanField("training.adam_epsilon", .number(training.adamEpsilon)),
            PlanField("training.schedule", .text(training.schedule.rawValue)),
            PlanField("training.warmup_steps", warmup),
            PlanField("training.weight_decay", .number(training.weightDecay)),
            PlanField("training.max_grad_norm", .number(training.maxGradNorm)),
            PlanField("training.precision", .text(training.precision.rawValue)),
            PlanField("training.gradient_checkpointing", .flag(training.gradientCheckpointing)),
            PlanField("training.share_prefixes", .flag(training.sharePrefixes)),
            PlanField("training.shuffle", .flag(training.shuffle)),
            PlanField("training.curriculum", .text(training.curriculum.rawValue)),
            PlanField("training.seed", .whole(training.seed)),
            PlanField("training.threads", .whole(training.threads)),
            PlanField("training.memory_limit", training.memoryLimit.map { .text($0.spelling) } ?? .nothing),
            PlanField("training.eval_every", .optional(training.evalEvery)),
            PlanField("training.save_every", .optional(training.saveEvery)),
            PlanField("training.save_total_limit", .optional(training.saveTotalLimit)),
            PlanField("training.early_stopping_patience", .optional(training.earlyStoppingPatience)),
            PlanField("training.early_stopping_metric", .text(training.earlyStoppingMetric)),
            PlanField("training.neftune_alpha", .optional(training.neftuneAlpha)),
        ]
    }

    private var evaluationFields: [PlanField] {
        [
            PlanField("evaluation.metrics", evaluation.metrics.isEmpty ? .nothing : .list(evaluation.metrics)),
            PlanField("evaluation.max_new_tokens", .whole(evaluation.maxNewTokens)),
            PlanField("evaluation.limit", .optional(evaluation.limit)),
            PlanField("evaluation.folds", .optional(evaluation.folds)),
            PlanField("evaluation.general_probe", .flag(evaluation.generalProbe)),
        ]
    }

    private var launchFields: [PlanField] {
        [
            PlanField("launch.nodes", .whole(launch.nodes)),
            PlanField("launch.gpus_per_node", .whole(launch.gpusPerNode)),
            PlanField("launch.processes_per_node", .optional(launch.processesPerNode)),
            PlanField("launch.device", .text(launch.device)),
            PlanField("launch.strategy", .text(launch.strategy.rawValue)),
            PlanField("launch.scheduler", .text(launch.scheduler.rawValue)),
        ]
    }
}
