package import YAMLText

extension RunPlan {
    /// Refuses values outside physical sense and settings that contradict each other.
    ///
    /// Whether the plan is wise is the lints' business, and whether it fits this machine `Feasibility`'s.
    package func validate(places: [String: YAMLPlace] = [:]) throws(PlanError) {
        for field in fields {
            guard let allowed = RunPlan.ranges[field.key], let value = field.value.magnitude else { continue }
            guard allowed.contains(value) else {
                throw .outOfRange(
                    key: field.key, value: field.value.plainText, allowed: allowed, place: places[field.key])
            }
        }
        if case .share(let share) = training.warmup, !(0..<1).contains(share) {
            throw .outOfRange(
                key: "training.warmup_steps", value: "\(share)", allowed: .from(0, below: 1),
                place: places["training.warmup_steps"])
        }
        if data.paths.isEmpty { throw .emptyList(key: "data.paths", place: places["data.paths"]) }
        try validateMethod(places)
        try validateTogether(places)
    }

    private func validateMethod(_ places: [String: YAMLPlace]) throws(PlanError) {
        if let lora = method.lora {
            if lora.targetModules.isEmpty {
                throw .emptyList(key: "method.target_modules", place: places["method.target_modules"])
            }
            for module in lora.targetModules where !LoRASettings.knownModules.contains(module) {
                throw .unknownModule(module, known: LoRASettings.knownModules, place: places["method.target_modules"])
            }
            let savable = LoRASettings.savableModules
            for module in lora.modulesToSave where !savable.contains(module) {
                throw .unknownModule(module, known: savable, place: places["method.modules_to_save"])
            }
            if !lora.modulesToSave.isEmpty, training.precision != .fp32 || method.kind == .qlora, engine == .bundled {
                throw .contradiction(.wholeModulesInLowPrecision, place: places["method.modules_to_save"])
            }
            if lora.useDoRA, lora.dropout > 0, engine == .bundled {
                throw .contradiction(.dropoutWithDoRA, place: places["method.dropout"])
            }
        }
        if method.kind == .full {
            let present = fields.filter { RunPlan.adapterKeys.contains($0.key) && $0.value != .nothing }.map(\.key)
            // Among the values an adapter always has, the complaint names the one that was written.
            if let key = present.first(where: { places[$0] != nil }) ?? present.first {
                throw .contradiction(.adapterKeyWithFull(key: key), place: places[key])
            }
        }
        if method.kind != .qlora && method.quantization != nil {
            throw .contradiction(.quantizationWithout(method.kind), place: places["method.quantization"])
        }
    }

    private func validateTogether(_ places: [String: YAMLPlace]) throws(PlanError) {
        if case .packed(let tokens) = training.batching, tokens < training.maxLength {
            throw .contradiction(
                .microBatchSmallerThanMaxLength(tokens: tokens, maxLength: training.maxLength),
                place: places["training.tokens_per_micro_batch"])
        }
        let heldOut = data.split.validation + data.split.test
        if heldOut >= 1 {
            throw .contradiction(
                .heldOutShares(heldOut), place: places["data.split.validation"] ?? places["data.split.test"])
        }
        if training.earlyStoppingPatience != nil {
            let place = places["training.early_stopping_patience"]
            if data.split.validation == 0 { throw .contradiction(.earlyStoppingWithoutValidation, place: place) }
            if training.evalEvery == nil { throw .contradiction(.earlyStoppingWithoutInterval, place: place) }
        }
        if training.sharePrefixes {
            let noisy = [
                ("method.dropout", (method.lora?.dropout ?? 0) > 0),
                ("training.neftune_alpha", training.neftuneAlpha != nil),
            ]
            if let key = noisy.first(where: \.1)?.0 {
                throw .contradiction(.noiseWithSharedPrefixes(key: key), place: places[key])
            }
        }
        if engine == .bundled && launch.device != LaunchSettings.thisMachine {
            throw .contradiction(.deviceWithBundledEngine(launch.device), place: places["launch.device"])
        }
        if engine == .bundled && launch.gpusPerNode > 0 {
            throw .contradiction(.gpusWithBundledEngine(launch.gpusPerNode), place: places["launch.gpus_per_node"])
        }
        if engine == .bundled && launch.processes > 1 {
            throw .contradiction(
                .processesWithBundledEngine(launch.processes),
                place: places["launch.processes_per_node"] ?? places["launch.nodes"])
        }
        if launch.strategy == .single && launch.processes > 1 {
            throw .contradiction(
                .singleWithProcesses(launch.processes), place: places["launch.strategy"] ?? places["launch.nodes"])
        }
    }

    static let adapterKeys: Set = [
        "method.rank", "method.alpha", "method.dropout", "method.target_modules", "method.use_rslora",
        "method.use_dora", "method.modules_to_save", "method.init_adapter",
    ]

    /// What each quantity can be at all. Upper ends are far beyond use; they catch slips of units and hostile files.
    static let ranges: [String: PlanRange] = [
        "version": .whole(1...currentVersion),
        "method.rank": .whole(1...4096),
        "method.alpha": .above(0, to: 65536),
        "method.dropout": .from(0, below: 1),
        "data.split.validation": .from(0, below: 1),
        "data.split.test": .from(0, below: 1),
        "data.split.seed": .whole(0...Int(UInt32.max)),
        "data.general_mix.share": .from(0, below: 1),
        "training.max_length": .whole(8...1_048_576),
        "training.tokens_per_micro_batch": .whole(8...16_777_216),
        "training.micro_batch": .whole(1...65536),
        "training.gradient_accumulation_steps": .whole(1...65536),
        "training.epochs": .above(0, to: 10_000),
        "training.max_steps": .whole(1...1_000_000_000),
        "training.learning_rate": .above(0, to: 1),
        "training.adam_beta1": .from(0, below: 1),
        "training.adam_beta2": .from(0, below: 1),
        "training.adam_epsilon": .above(0, to: 0.1),
        "training.warmup_steps": .from(0, below: 1e9),
        "training.weight_decay": .from(0, below: 1),
        "training.max_grad_norm": .from(0, below: 1e9),
        "training.seed": .whole(0...Int(UInt32.max)),
        "training.threads": .whole(1...1024),
        "training.eval_every": .whole(1...1_000_000_000),
        "training.save_every": .whole(1...1_000_000_000),
        "training.save_total_limit": .whole(1...1_000_000),
        "training.early_stopping_patience": .whole(1...1_000_000),
        "training.neftune_alpha": .above(0, to: 1000),
        "evaluation.max_new_tokens": .whole(1...1_048_576),
        "evaluation.limit": .whole(1...1_000_000_000),
        "evaluation.folds": .whole(0...100),
        "launch.nodes": .whole(1...100_000),
        "launch.gpus_per_node": .whole(0...1024),
        "launch.processes_per_node": .whole(1...1024),
    ]
}
