import YAMLText

extension RunPlan {
    /// Reads a plan file. JSON is accepted too, being YAML.
    ///
    /// Unknown keys, wrong types, impossible values and contradictory pairs are refused with their place; keys that are
    /// missing have hone's defaults. Comments written by hone tell which rule chose a value that still stands.
    package init(yaml text: String, file: String) throws(PlanError) {
        self = try PlanDocument(yaml: text, file: file).plan
    }

    init(_ reader: PlanReader, text: String) throws(PlanError) {
        do {
            try self.init(reader)
        } catch {
            throw .malformed(error)
        }
        try refuseKeysWithoutEffect(reader.places)
        if let place = reader.places["training.memory_limit"], training.memoryLimit == nil {
            throw .unreadableSize(key: "training.memory_limit", place: place)
        }
        try validate(places: reader.places)
        origins = PlanComment.origins(in: text, places: reader.places, fields: fields)
    }

    private init(_ reader: PlanReader) throws(YAMLError) {
        _ = try reader.required("version").int()
        let model = ModelReference(try reader.required("model").string())
        let method = try Method(try reader.section("method"))
        let data = try DataSettings(try reader.section("data"))
        let training = try TrainingSettings(try reader.section("training"))
        self.init(model: model, method: method, data: data, training: training)
        compat = try reader.choice("compat", compat)
        engine = try reader.choice("engine", engine)
        evaluation = try EvaluationSettings(try reader.section("evaluation"))
        launch = try LaunchSettings(try reader.section("launch"))
        output = try reader.string("output", output)
        overrides = try reader.section("overrides").texts().map { PlanOverride(lint: $0.key, because: $0.text) }
        try reader.finish()
    }

    /// Keys that another written key makes meaningless. The Swift types hold only one of each pair, so the second is
    /// looked for among the places of what was written.
    private func refuseKeysWithoutEffect(_ places: [String: YAMLPlace]) throws(PlanError) {
        if let place = places["training.max_steps"], places["training.epochs"] != nil {
            throw .contradiction(.epochsAndMaxSteps, place: place)
        }
        if let place = places["training.packing_strategy"], trlPacking == nil {
            throw .contradiction(.packingStrategyWithoutTRL, place: place)
        }
        switch training.batching {
        case .packed:
            if let place = places["training.micro_batch"] { throw .contradiction(.rowsWithPacking, place: place) }
        case .rows:
            if let place = places["training.tokens_per_micro_batch"] {
                throw .contradiction(.tokensWithoutPacking, place: place)
            }
        }
    }
}

extension Method {
    fileprivate init(_ reader: PlanReader) throws(YAMLError) {
        let kind = try reader.requiredChoice("kind", of: MethodKind.self)
        let standard = LoRASettings()
        let rank = try reader.int("rank", standard.rank)
        let targets = try reader.strings("target_modules") ?? ["all_linear"]
        var lora = LoRASettings(
            rank: rank,
            alpha: try reader.double("alpha", 2 * Double(rank)),
            dropout: try reader.double("dropout", standard.dropout),
            targetModules: targets == ["all_linear"] ? LoRASettings.allLinear : targets,
            useRSLoRA: try reader.bool("use_rslora", standard.useRSLoRA))
        lora.useDoRA = try reader.bool("use_dora", lora.useDoRA)
        lora.modulesToSave = try reader.strings("modules_to_save") ?? []
        let wroteAdapterKey = [
            "rank", "alpha", "dropout", "target_modules", "use_rslora", "use_dora", "modules_to_save",
        ].contains(where: reader.wrote)
        let stored = try reader.section("quantization")
        let quantization = Quantization(
            type: try stored.choice("type", Quantization.Format.nf4), doubleQuant: try stored.bool("double_quant", true)
        )
        self.init(
            kind: kind,
            // Kept for `full` when it was written, so that validation can refuse it with its place.
            lora: kind == .full && !wroteAdapterKey ? nil : lora,
            initAdapter: try reader.string("init_adapter"),
            quantization: kind == .qlora || reader.wrote("quantization") ? quantization : nil)
    }
}

extension DataSettings {
    fileprivate init(_ reader: PlanReader) throws(YAMLError) {
        let paths = try reader.required("paths").strings()
        let shares = try reader.section("split"), standard = SplitSettings()
        let split = SplitSettings(
            validation: try shares.double("validation", standard.validation),
            test: try shares.double("test", standard.test), group: try shares.string("group"),
            seed: try shares.int("seed", standard.seed))
        var mix: GeneralMix?
        if reader.wrote("general_mix") {
            let general = try reader.section("general_mix")
            mix = GeneralMix(
                source: try general.required("source").string(), share: try general.required("share").double())
        }
        self.init(
            paths: paths, format: try reader.choice("format", DataFormat.auto), split: split, generalMix: mix)
        fingerprint = try reader.string("fingerprint")
        template = try reader.string("template")
    }
}

extension EvaluationSettings {
    fileprivate init(_ reader: PlanReader) throws(YAMLError) {
        self.init()
        metrics = try reader.strings("metrics") ?? metrics
        maxNewTokens = try reader.int("max_new_tokens", maxNewTokens)
        limit = try reader.int("limit")
        folds = try reader.int("folds")
        generalProbe = try reader.bool("general_probe", generalProbe)
    }
}

extension LaunchSettings {
    fileprivate init(_ reader: PlanReader) throws(YAMLError) {
        self.init()
        nodes = try reader.int("nodes", nodes)
        gpusPerNode = try reader.int("gpus_per_node", gpusPerNode)
        processesPerNode = try reader.int("processes_per_node")
        device = try reader.string("device", device)
        strategy = try reader.choice("strategy", strategy)
        scheduler = try reader.choice("scheduler", scheduler)
    }
}
