/// What a key of a plan may hold, for editors, for `--set` and for suggestions.
package struct PlanKey: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case text, whole, number, flag, list
        /// A word of a closed list.
        case choice([String])
    }

    /// With its path: `training.learning_rate`.
    package let name: String
    package let kind: Kind
    /// What the quantity can be at all, where it is one.
    package var range: PlanRange? { RunPlan.ranges[name] }

    /// Every key there is, in the order of the file.
    package static let all: [PlanKey] = [
        PlanKey("version", .whole), PlanKey("compat", words(Compatibility.self)),
        PlanKey("engine", words(EngineKind.self)),
        PlanKey("model", .text), PlanKey("method.kind", words(MethodKind.self)), PlanKey("method.rank", .whole),
        PlanKey("method.alpha", .number), PlanKey("method.dropout", .number), PlanKey("method.target_modules", .list),
        PlanKey("method.use_rslora", .flag), PlanKey("method.use_dora", .flag),
        PlanKey("method.modules_to_save", .list), PlanKey("method.init_adapter", .text),
        PlanKey("method.quantization.type", words(Quantization.Format.self)),
        PlanKey("method.quantization.double_quant", .flag), PlanKey("data.paths", .list),
        PlanKey("data.format", words(DataFormat.self)), PlanKey("data.split.validation", .number),
        PlanKey("data.split.test", .number), PlanKey("data.split.group", .text), PlanKey("data.split.seed", .whole),
        PlanKey("data.general_mix.source", .text), PlanKey("data.general_mix.share", .number),
        PlanKey("data.fingerprint", .text), PlanKey("data.template", .text), PlanKey("training.max_length", .whole),
        PlanKey("training.loss_on_prompts", .flag), PlanKey("training.packing", .flag),
        PlanKey("training.packing_strategy", words(PackingStrategy.self)),
        PlanKey("training.tokens_per_micro_batch", .whole), PlanKey("training.micro_batch", .whole),
        PlanKey("training.gradient_accumulation_steps", .whole), PlanKey("training.epochs", .number),
        PlanKey("training.max_steps", .whole), PlanKey("training.optimizer", words(OptimizerKind.self)),
        PlanKey("training.learning_rate", .number), PlanKey("training.adam_beta1", .number),
        PlanKey("training.adam_beta2", .number), PlanKey("training.adam_epsilon", .number),
        PlanKey("training.schedule", words(Schedule.self)), PlanKey("training.warmup_steps", .number),
        PlanKey("training.weight_decay", .number), PlanKey("training.max_grad_norm", .number),
        PlanKey("training.precision", words(Precision.self)), PlanKey("training.gradient_checkpointing", .flag),
        PlanKey("training.share_prefixes", .flag), PlanKey("training.shuffle", .flag),
        PlanKey("training.curriculum", words(Curriculum.self)), PlanKey("training.seed", .whole),
        PlanKey("training.threads", .whole), PlanKey("training.memory_limit", .text),
        PlanKey("training.eval_every", .whole), PlanKey("training.save_every", .whole),
        PlanKey("training.save_total_limit", .whole), PlanKey("training.early_stopping_patience", .whole),
        PlanKey("training.early_stopping_metric", .text), PlanKey("training.neftune_alpha", .number),
        PlanKey("evaluation.metrics", .list), PlanKey("evaluation.max_new_tokens", .whole),
        PlanKey("evaluation.limit", .whole), PlanKey("evaluation.folds", .whole),
        PlanKey("evaluation.general_probe", .flag),
        PlanKey("launch.nodes", .whole), PlanKey("launch.gpus_per_node", .whole),
        PlanKey("launch.processes_per_node", .whole), PlanKey("launch.device", .text),
        PlanKey("launch.strategy", words(LaunchSettings.Strategy.self)),
        PlanKey("launch.scheduler", words(LaunchSettings.Scheduler.self)), PlanKey("output", .text),
    ]

    package static let names = all.map(\.name)

    package static func named(_ name: String) -> PlanKey? { all.first { $0.name == name } }

    /// Keys of which only one can stand: setting the first removes the others.
    package static let rivals: [String: [String]] = [
        "training.epochs": ["training.max_steps"], "training.max_steps": ["training.epochs"],
        "training.micro_batch": ["training.tokens_per_micro_batch", "training.packing"],
        "training.tokens_per_micro_batch": ["training.micro_batch", "training.packing"],
    ]

    private init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    private static func words<Word>(_ type: Word.Type) -> Kind where Word: RawRepresentable<String> & CaseIterable {
        .choice(type.allCases.map(\.rawValue))
    }
}
