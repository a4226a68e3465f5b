package import FileStore
package import JSONText
package import Plan

/// A plan in the words of TRL, PEFT and transformers: the `settings.json` that the engine's script reads.
///
/// Every default of TRL that differs from the plan is overridden by name. A setting TRL cannot carry out is refused here,
/// before anything is written.
package struct TRLSettings: Sendable {
    /// What only the encoded rows and the model's files know.
    package struct Material: Sendable {
        /// The model folder, absolute.
        package var model: String
        /// What makes up its tokenizer, by names in that folder.
        package var tokenizerFiles: [String]
        /// Modules the adapter is put on, by the last part of their names.
        package var adaptedModules: [String]
        package var totalSteps: Int
        package var trainRows: Int
        package var generalRows: Int
        package var validationRows: Int
        /// What a checkpoint must have in common with the run that goes on from it.
        package var identity: [String: String]
        /// What the memory check reckons with, part by part, for the words of an engine that runs out of it.
        package var memory: [(part: String, size: String)]

        package init(
            model: String, tokenizerFiles: [String], adaptedModules: [String], totalSteps: Int, trainRows: Int,
            generalRows: Int, validationRows: Int, identity: [String: String], memory: [(part: String, size: String)]
        ) {
            self.model = model
            self.tokenizerFiles = tokenizerFiles
            self.adaptedModules = adaptedModules
            self.totalSteps = totalSteps
            self.trainRows = trainRows
            self.generalRows = generalRows
            self.validationRows = validationRows
            self.identity = identity
            self.memory = memory
        }
    }

    package let json: JSONValue

    package init(_ plan: RunPlan, _ material: Material) throws(LaunchError) {
        if let refusal = TRLSettings.inexpressible(in: plan) { throw refusal }
        let training = plan.training
        json = [
            "version": 1, "model": .string(material.model),
            "tokenizer_files": .array(material.tokenizerFiles.map { .string($0) }),
            "dtype": .string(TRLSettings.storedFormat(plan)),
            "lora": JSONValue(plan.method.lora) { .object(TRLSettings.lora($0, plan.method, material)) },
            "quantization": JSONValue(plan.method.quantization) {
                ["type": .string($0.type.rawValue), "double_quant": .bool($0.doubleQuant)]
            },
            "sft": .object(TRLSettings.sft(plan, totalSteps: material.totalSteps)),
            "threads": JSONValue(training.threads), "rows_per_look": JSONValue(TRLSettings.rowsAtOnce(plan)),
            "eval_every": JSONValue(training.evalEvery) { JSONValue($0) },
            "save_every": JSONValue(training.saveEvery) { JSONValue($0) },
            "save_total_limit": JSONValue(training.saveTotalLimit) { JSONValue($0) },
            "early_stopping_patience": JSONValue(training.earlyStoppingPatience) { JSONValue($0) },
            "counts": [
                "train_examples": JSONValue(material.trainRows), "general_examples": JSONValue(material.generalRows),
                "validation_examples": JSONValue(material.validationRows),
            ],
            "identity": .object(
                JSONObject(material.identity.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "device": .string(plan.launch.device),
            "memory": .object(JSONObject(material.memory.map { ($0.part, .string($0.size)) })),
        ]
    }

    /// The first setting that would have to be ignored.
    package static func inexpressible(in plan: RunPlan) -> LaunchError? {
        let training = plan.training
        func refused(_ key: String, _ why: String) -> LaunchError {
            .cannotExpress(key: key, value: plan.value(of: key)?.plainText ?? "", reason: why)
        }
        if training.sharePrefixes { return refused("training.share_prefixes", "TRL computes every row on its own") }
        if training.memoryLimit != nil {
            return refused("training.memory_limit", "PyTorch takes what it needs and keeps to no limit")
        }
        if training.earlyStoppingMetric != TrainingSettings().earlyStoppingMetric {
            return refused("training.early_stopping_metric", "only the bundled trainer answers rows while it trains")
        }
        if training.precision == .fp16, plan.launch.gpusPerNode == 0 {
            return refused("training.precision", "16-bit floats without bf16's range need an accelerator")
        }
        if plan.method.kind == .qlora, plan.launch.gpusPerNode == 0 {
            return refused("method.kind", "4-bit training needs an accelerator")
        }
        if [.fsdp, .zero2, .zero3].contains(plan.launch.strategy), plan.launch.gpusPerNode == 0 {
            // accelerate falls back to copies on processors, and says nothing.
            return refused("launch.strategy", "only accelerators share a model out; processors train copies with ddp")
        }
        return nil
    }

    /// A frozen base is stored as it is computed with; weights that are trained keep 32 bits beside the products in 16.
    private static func storedFormat(_ plan: RunPlan) -> String {
        guard plan.method.kind != .full else { return "float32" }
        return switch plan.training.precision {
        case .fp32: "float32"
        case .bf16: "bfloat16"
        case .fp16: "float16"
        }
    }

    private static func lora(_ lora: LoRASettings, _ method: Method, _ material: Material) -> JSONObject {
        [
            "r": JSONValue(lora.rank), "lora_alpha": JSONValue(lora.alpha), "lora_dropout": JSONValue(lora.dropout),
            "target_modules": .array(material.adaptedModules.map { .string($0) }),
            "use_rslora": .bool(lora.useRSLoRA), "use_dora": .bool(lora.useDoRA),
            "modules_to_save": lora.modulesToSave.isEmpty ? .null : .array(lora.modulesToSave.map { .string($0) }),
            "init_adapter": JSONValue(method.initAdapter) { .string($0) },
        ]
    }

    /// Arguments of `SFTConfig`, by their own names.
    private static func sft(_ plan: RunPlan, totalSteps: Int) -> JSONObject {
        let training = plan.training
        var arguments: JSONObject = [
            "per_device_train_batch_size": JSONValue(isPacked(plan) ? 1 : rowsAtOnce(plan)),
            "gradient_accumulation_steps": JSONValue(training.gradientAccumulationSteps),
            "padding_free": .bool(isPacked(plan)), "optim": "\(training.optimizer.rawValue)_torch",
            "learning_rate": JSONValue(training.learningRate), "adam_beta1": JSONValue(training.adamBeta1),
            "adam_beta2": JSONValue(training.adamBeta2), "adam_epsilon": JSONValue(training.adamEpsilon),
            "lr_scheduler_type": .string(schedule(training)),
            "warmup_steps": JSONValue(training.warmup.steps(of: totalSteps)),
            "weight_decay": JSONValue(training.weightDecay), "max_grad_norm": JSONValue(training.maxGradNorm),
            "bf16": .bool(training.precision == .bf16), "fp16": .bool(training.precision == .fp16),
            "gradient_checkpointing": .bool(training.gradientCheckpointing), "seed": JSONValue(training.seed),
            "use_cpu": .bool(plan.launch.gpusPerNode == 0), "ddp_timeout": JSONValue(LaunchFiles.timeoutSeconds),
        ]
        if let alpha = training.neftuneAlpha { arguments["neftune_noise_alpha"] = JSONValue(alpha) }
        return arguments
    }

    private static func isPacked(_ plan: RunPlan) -> Bool {
        if case .packed = plan.training.batching { true } else { false }
    }

    private static func rowsAtOnce(_ plan: RunPlan) -> Int {
        switch plan.training.batching {
        case .rows(let rows): rows
        case .packed(let tokens): max(1, tokens / max(1, plan.training.maxLength))
        }
    }

    private static func schedule(_ training: TrainingSettings) -> String {
        switch training.schedule {
        case .linear: "linear"
        case .cosine: "cosine"
        case .constant: "constant_with_warmup"
        }
    }

    /// What the memory check reckoned with when the run was made; nothing of a run that the bundled trainer trains.
    package static func memory(
        of run: RunFolder, _ store: FileStore = FileStore()
    ) -> [(part: String, size: String)] {
        guard let text = try? store.readText(run.engine + "/settings.json"), let json = try? JSONValue.parse(text)
        else { return [] }
        return (json["memory"]?.objectValue?.members ?? []).compactMap { member in
            member.value.stringValue.map { (member.key, $0) }
        }
    }
}
