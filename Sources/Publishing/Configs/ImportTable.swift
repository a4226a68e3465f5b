import Plan

/// What the keys of another tool mean in a plan of hone.
struct ImportTable {
    private let tool: ImportedPlan.Tool

    init(_ tool: ImportedPlan.Tool) { self.tool = tool }

    enum Meaning {
        case setting(String, String)
        /// The same as hone does anyway.
        case nothing
        /// hone does something else, in these words.
        case otherwise(String)
    }

    /// Keys that are read elsewhere.
    func isDone(_ key: String) -> Bool {
        let done: Set<String> = [
            "base_model", "model_name_or_path", "adapter", "finetuning_type", "use_peft", "load_in_4bit",
            "quantization_bit",
            "stage", "do_train", packingKey,
        ]
        return done.contains(key)
    }

    func method(_ values: [String: ImportedValue]) -> Method {
        let in4Bits = values["load_in_4bit"]?.flag ?? (values["quantization_bit"]?.number == 4)
        let isAdapter: Bool =
            switch tool {
            case .axolotl: values["adapter"]?.text != nil
            case .llamaFactory: values["finetuning_type"]?.text.map { $0 == "lora" } ?? true
            case .trl: values["use_peft"]?.flag ?? false
            }
        guard isAdapter else { return .full }
        // What the tool would have taken where the file says nothing.
        let stated = (values["lora_r"] ?? values["lora_rank"])?.number.map { Int($0) }
        let rank = max(1, stated ?? (tool == .trl ? 16 : 8))
        let settings = LoRASettings(rank: rank, alpha: tool == .trl ? 32 : Double(2 * rank))
        guard in4Bits || values["adapter"]?.text == "qlora" else { return .lora(settings) }
        let double =
            values["double_quantization"]?.flag ?? values["use_bnb_nested_quant"]?.flag ?? (tool == .llamaFactory)
        return Method(kind: .qlora, lora: settings, quantization: Quantization(doubleQuant: double))
    }

    var packingKey: String { tool == .axolotl ? "sample_packing" : "packing" }
    var rowsKey: String { tool == .axolotl ? "micro_batch_size" : "per_device_train_batch_size" }

    func packs(_ values: [String: ImportedValue]) -> Bool { values[packingKey]?.flag ?? false }

    /// Nil for a key that hone has no place for.
    func meaning(of key: String, _ value: ImportedValue, _ values: [String: ImportedValue]) -> Meaning? {
        if let ours = Self.plain[key] { return .setting(ours, value.words) }
        switch key {
        case rowsKey: return packs(values) ? .nothing : .setting("training.micro_batch", value.words)
        case "lora_target_linear":
            return value.flag == true ? .setting("method.target_modules", "all_linear") : .nothing
        case "lora_target", "lora_target_modules": return targets(value)
        case "lora_modules_to_save", "modules_to_save":
            return .setting("method.modules_to_save", (value.texts ?? []).joined(separator: ","))
        case "max_steps": return value.number ?? 0 > 0 ? .setting("training.max_steps", value.words) : .nothing
        case "num_epochs", "num_train_epochs":
            return values["max_steps"]?.number ?? 0 > 0 ? .nothing : .setting("training.epochs", value.words)
        case "warmup_ratio": return .setting("training.warmup_steps", value.words)
        case "lr_scheduler", "lr_scheduler_type":
            let text = value.text == "constant_with_warmup" ? "constant" : value.text ?? ""
            return .setting("training.schedule", text)
        case "bf16", "fp16":
            return value.flag == true || value.text == "auto" ? .setting("training.precision", key) : .nothing
        case "optim", "optimizer":
            return value.text?.hasPrefix("adamw") ?? false && !(value.text?.contains("bit") ?? false)
                ? .nothing : .otherwise("AdamW in 32 bits")
        case "val_size", "val_set_size":
            return value.number.map { $0 > 0 && $0 < 1 } ?? false
                ? .setting("data.split.validation", value.words)
                : .otherwise("a share of the rows: data.split.validation")
        case "train_on_inputs", "train_on_prompt": return .setting("training.loss_on_prompts", value.words)
        case "assistant_only_loss", "completion_only_loss":
            return value.flag.map { .setting("training.loss_on_prompts", $0 ? "false" : "true") } ?? .nothing
        case "eval_steps": return whole(value, "training.eval_every")
        case "save_steps": return whole(value, "training.save_every")
        case "template", "chat_template":
            return ["tokenizer_default", "default"].contains(value.text)
                ? .nothing : .otherwise("the model's own chat template")
        case "deepspeed":
            let stage = value.words.contains("3") ? "zero3" : "zero2"
            return .setting("launch.strategy", stage)
        case "fsdp_config", "fsdp": return .setting("launch.strategy", "fsdp")
        case "gradient_checkpointing":
            return value.flag.map { .setting("training.gradient_checkpointing", $0 ? "true" : "false") }
        case "output_dir": return .otherwise("a run folder of its own below `output`")
        case "logging_steps": return value.number == 1 ? .nothing : .otherwise("every step is recorded")
        case "eval_strategy", "evaluation_strategy", "save_strategy", "do_eval", "load_best_model_at_end",
            "metric_for_best_model", "greater_is_better", "report_to", "overwrite_cache", "overwrite_output_dir",
            "dataset_prepared_path", "pad_to_sequence_len", "eval_sample_packing", "neat_packing", "data_seed",
            "double_quantization", "use_bnb_nested_quant", "quantization_method", "quantization_type",
            "bnb_4bit_quant_type",
            "excess_length_strategy", "special_tokens", "plot_loss", "strict",
            "per_device_eval_batch_size", "eval_dataset":
            return ignored(key, value)
        default: return nil
        }
    }

    /// Keys that say what hone does anyway, unless they ask for what it cannot do.
    private func ignored(_ key: String, _ value: ImportedValue) -> Meaning? {
        switch key {
        case "eval_dataset": .otherwise("validation rows are held back from the data: data.split.validation")
        case "excess_length_strategy":
            value.text == "truncate" ? .nothing : .otherwise("rows that are too long are cut and counted")
        default: .nothing
        }
    }

    private func whole(_ value: ImportedValue, _ ours: String) -> Meaning {
        guard let number = value.number, number >= 1, number == number.rounded() else {
            return .otherwise("a whole number of steps: \(ours)")
        }
        return .setting(ours, String(Int(number)))
    }

    private func targets(_ value: ImportedValue) -> Meaning {
        let names = (value.texts ?? []).flatMap { $0.split(separator: ",").map(String.init) }
            .map { String($0.drop { $0 == " " }) }
        return .setting(
            "method.target_modules",
            names == ["all"] || names == ["all-linear"] ? "all_linear" : names.joined(separator: ","))
    }

    /// The same thing under another name.
    private static let plain = [
        "lora_r": "method.rank", "lora_rank": "method.rank", "lora_alpha": "method.alpha",
        "lora_dropout": "method.dropout",
        "use_rslora": "method.use_rslora", "peft_use_rslora": "method.use_rslora",
        "use_dora": "method.use_dora", "peft_use_dora": "method.use_dora",
        "sequence_len": "training.max_length", "cutoff_len": "training.max_length", "max_length": "training.max_length",
        "max_seq_length": "training.max_length",
        "gradient_accumulation_steps": "training.gradient_accumulation_steps",
        "learning_rate": "training.learning_rate",
        "warmup_steps": "training.warmup_steps", "weight_decay": "training.weight_decay",
        "adam_beta1": "training.adam_beta1",
        "adam_beta2": "training.adam_beta2", "adam_epsilon": "training.adam_epsilon",
        "max_grad_norm": "training.max_grad_norm", "seed": "training.seed",
        "save_total_limit": "training.save_total_limit",
        "early_stopping_patience": "training.early_stopping_patience",
        "early_stopping_steps": "training.early_stopping_patience", "neftune_noise_alpha": "training.neftune_alpha",
    ]
}
