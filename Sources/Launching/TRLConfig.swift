package import Plan

/// The same plan in TRL's words: the flat YAML of `trl sft --config FILE`.
///
/// Every default of TRL that differs from the plan is overridden by name; what TRL has no word for is a comment, never
/// silently left out.
package struct TRLConfig: Sendable {
    private let plan: RunPlan
    private let modelName: String

    /// - Parameter model: The model's name on the hub, where the plan names it by the rule book's id.
    package init(_ plan: RunPlan, model: String? = nil) {
        self.plan = plan
        modelName = model ?? plan.model.name
    }

    package var yaml: String {
        var lines = ["# For Hugging Face TRL 1.x: trl sft --config FILE. Written from a plan of hone."]
        for (name, value) in model + method + data + training + looking + launch { lines.append("\(name): \(value)") }
        lines.append("datasets:")
        lines += plan.data.paths.map { "  - {path: json, data_files: \(quoted($0)), split: train}" }
        lines += unspoken.map { "# TRL has no word for \($0.key): \($0.value.plainText)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private typealias Settings = [(String, String)]

    private var model: Settings {
        let precision = plan.training.precision
        return [
            ("model_name_or_path", quoted(modelName)),
            ("dtype", precision == .bf16 ? "bfloat16" : precision == .fp16 ? "float16" : "float32"),
            // Packed rows are kept apart by positions, which only these kernels honour.
            ("attn_implementation", isPacked ? "flash_attention_2" : "sdpa"),
        ]
    }

    private var method: Settings {
        guard let lora = plan.method.lora else { return [("use_peft", "false")] }
        let isAll = Set(lora.targetModules) == Set(LoRASettings.allLinear)
        var settings: Settings = [
            ("use_peft", "true"), ("lora_r", "\(lora.rank)"), ("lora_alpha", number(lora.alpha)),
            ("lora_dropout", number(lora.dropout)),
            ("lora_target_modules", isAll ? "all-linear" : "[\(lora.targetModules.joined(separator: ", "))]"),
            ("use_rslora", "\(lora.useRSLoRA)"),
        ]
        if let stored = plan.method.quantization {
            settings += [
                ("load_in_4bit", "true"), ("bnb_4bit_quant_type", stored.type.rawValue),
                ("use_bnb_nested_quant", "\(stored.doubleQuant)"),
            ]
        }
        return settings
    }

    private var data: Settings {
        [
            ("max_length", "\(plan.training.maxLength)"), ("packing", "\(isPacked)"),
            // Conversations are trained on the answers only; TRL's own default trains on the requests too.
            ("assistant_only_loss", "\(!plan.training.lossOnPrompts)"),
            ("completion_only_loss", "\(!plan.training.lossOnPrompts)"),
            ("test_split_size", number(plan.data.split.validation)),
            ("shuffle_dataset", "\(plan.training.shuffle && plan.training.curriculum == .none)"),
            (
                "train_sampling_strategy",
                plan.training.shuffle && plan.training.curriculum == .none ? "random" : "sequential"
            ),
        ]
    }

    private var training: Settings {
        let settings = plan.training
        var list: Settings = [
            ("per_device_train_batch_size", "\(rowsPerBatch)"),
            ("gradient_accumulation_steps", "\(settings.gradientAccumulationSteps)"),
            ("optim", "adamw_torch_fused"), ("learning_rate", number(settings.learningRate)),
            ("adam_beta1", number(settings.adamBeta1)), ("adam_beta2", number(settings.adamBeta2)),
            ("adam_epsilon", number(settings.adamEpsilon)), ("lr_scheduler_type", schedule),
            ("warmup_steps", warmup), ("weight_decay", number(settings.weightDecay)),
            ("max_grad_norm", number(settings.maxGradNorm)),
            ("bf16", "\(settings.precision == .bf16)"), ("fp16", "\(settings.precision == .fp16)"),
            ("gradient_checkpointing", "\(settings.gradientCheckpointing)"), ("seed", "\(settings.seed)"),
            ("data_seed", "\(plan.data.split.seed)"), ("output_dir", quoted(plan.output)),
        ]
        switch settings.duration {
        case .epochs(let epochs): list.append(("num_train_epochs", number(epochs)))
        case .steps(let steps): list.append(("max_steps", "\(steps)"))
        }
        if let alpha = settings.neftuneAlpha { list.append(("neftune_noise_alpha", number(alpha))) }
        return list
    }

    private var looking: Settings {
        let settings = plan.training
        var list: Settings = [("logging_steps", "1"), ("report_to", "none")]
        if let every = settings.evalEvery {
            list += [("eval_strategy", "steps"), ("eval_steps", "\(every)")]
        } else {
            list.append(("eval_strategy", "\"no\""))
        }
        if let every = settings.saveEvery { list += [("save_strategy", "steps"), ("save_steps", "\(every)")] }
        if let limit = settings.saveTotalLimit { list.append(("save_total_limit", "\(limit)")) }
        if settings.earlyStoppingPatience != nil {
            list += [("load_best_model_at_end", "true"), ("metric_for_best_model", "eval_loss")]
        }
        return list
    }

    private var launch: Settings {
        let launch = plan.launch
        guard launch.gpusPerNode > 0 else { return [] }
        let strategies: [LaunchSettings.Strategy: String] = [
            .single: "single_gpu", .ddp: "multi_gpu", .zero2: "zero2", .zero3: "zero3", .fsdp: "fsdp2",
        ]
        return [
            ("num_processes", "\(launch.nodes * launch.gpusPerNode)"), ("num_machines", "\(launch.nodes)"),
            ("accelerate_config", strategies[launch.strategy] ?? "single_gpu"),
        ]
    }

    /// What the plan says and no setting above carries.
    private var unspoken: [PlanField] {
        let keys: Set = [
            "compat", "method.init_adapter", "data.split.test", "data.split.group", "data.general_mix.source",
            "data.general_mix.share", "data.fingerprint", "data.template", "training.share_prefixes",
            "training.curriculum", "training.threads", "training.memory_limit", "training.early_stopping_patience",
            "training.early_stopping_metric", "evaluation.metrics", "evaluation.max_new_tokens", "evaluation.limit",
            "evaluation.general_probe", "launch.device", "launch.scheduler",
        ]
        return plan.fields.filter { keys.contains($0.key) && $0.value != .nothing }
    }

    private var isPacked: Bool { if case .packed = plan.training.batching { true } else { false } }

    /// TRL counts packed micro-batches in sequences of the maximum length.
    private var rowsPerBatch: Int {
        switch plan.training.batching {
        case .rows(let rows): rows
        case .packed(let tokens): max(1, tokens / max(1, plan.training.maxLength))
        }
    }

    private var schedule: String {
        switch plan.training.schedule {
        case .linear: "linear"
        case .cosine: "cosine"
        case .constant: "constant_with_warmup"
        }
    }

    private var warmup: String {
        switch plan.training.warmup {
        case .steps(let steps): "\(steps)"
        case .share(let share): number(share)
        }
    }

    private func number(_ value: Double) -> String { PlanValue.number(value).plainText }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
