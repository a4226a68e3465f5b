package import Plan

/// A published measurement: what was run, as its source describes it, and what was seen.
package struct MeasuredRun: Sendable {
    /// Which of a device's figures a number is.
    package enum Metric: String, Sendable, Hashable, CaseIterable { case allocated, reserved, process }

    package let id: String
    package let cells: [String: String]
    package let metric: Metric
    package let measuredGibibytes: Double?
    package let ranOutOfMemory: Bool
    package let trust: String
    package let source: String

    package init(cells: [String: String], line: Int) {
        self.cells = cells
        func cell(_ name: String) -> String { cells[name] ?? "" }
        id = cell("id").isEmpty ? "line \(line)" : cell("id")
        let name = cell("metric").lowercased()
        metric =
            name.contains("allocated") || name.contains("active")
            ? .allocated : name.contains("reserved") ? .reserved : .process
        let peak = Double(cell("peak_gib"))
        measuredGibibytes = peak.map { cell("scope").hasPrefix("sum") ? $0 / (Double(cell("n_gpus")) ?? 1) : $0 }
        ranOutOfMemory = cell("outcome").lowercased() == "oom"
        trust = cell("trust")
        source = cell("source")
    }

    private func cell(_ name: String) -> String { cells[name] ?? "" }

    /// `2048` of `2048 (cap)`; nil for no number, zero, or one that is no count of anything trained.
    private func count(_ name: String) -> Int? {
        Int(cell(name).prefix { $0.isNumber }).flatMap { (1..<1 << 26).contains($0) ? $0 : nil }
    }

    package var framework: String { cell("framework") }
    package var methodName: String { cell("method") }
    package var isSingleDevice: Bool { (Int(cell("n_gpus")) ?? 1) == 1 }

    /// The run in terms of the estimator, or why it is outside what hone knows.
    package func deviceRun(_ tables: MemoryTables) -> Result<DeviceRun, Unsupported> {
        guard let rowTokens = count("seq_len") else { return .failure(.notStated("seq_len")) }
        guard let microBatch = count("micro_batch") else {
            return .failure(.notStated("micro_batch"))
        }
        guard let method = MeasuredRun.method(methodName) else { return .failure(.method(methodName)) }
        guard var architecture = tables.architecture(named: cell("model")) else {
            return .failure(.model(cell("model")))
        }
        guard architecture.kind == .dense else { return .failure(.architecture(architecture.kind)) }
        let precision = cell("precision"), isMixed = precision.contains("mixed")
        let stated = cell("base_quant").isEmpty ? "none" : cell("base_quant")
        let quantisation = isMixed && stated == "none" ? precision : stated
        guard let format = tables.format(describedBy: quantisation) else { return .failure(.format(quantisation)) }
        guard let profile = tables.profile(framework: framework, method: method, format: format) else {
            return .failure(.framework(framework))
        }
        guard !isMixed || profile.formats.contains(format.id) else { return .failure(.precision(precision)) }
        let devices = max(1, Int(cell("n_gpus")) ?? 1)
        guard let strategy = strategy(devices) else { return .failure(.strategy(cell("notes"))) }
        architecture.name = cell("model")
        let attention = cell("attn_impl").lowercased()
        // Before July 2023 transformers' Llama knew no other kernel.
        let isEager = attention.contains("eager") || (attention.isEmpty && framework.contains("SFTTrainer 2023"))
        let checkpoint = cell("grad_ckpt").lowercased()
        let isCheckpointed = checkpoint.isEmpty ? !framework.contains("litgpt") : !checkpoint.hasPrefix("no")
        return .success(
            DeviceRun(
                architecture: architecture, method: method, format: format, profile: profile,
                loss: loss(tables), targets: targets, rank: Int(cell("rank")) ?? 8,
                knownTrainable: method == .lora || method == .prefix || method == .outputScale
                    ? Double(cell("trainable_params")) : nil,
                rowTokens: longestRow(below: rowTokens), microBatch: microBatch,
                accumulation: Int(cell("grad_accum")) ?? 1,
                checkpointing: isCheckpointed, offloadsCheckpoints: checkpoint.contains("offload"),
                isCompiled: isCompiled,
                attention: isEager ? .eager : attention.contains("math") ? .math : .efficient,
                optimizer: DeviceOptimizer(spelling: cell("optimizer")), devices: devices, strategy: strategy))
    }

    private var isCompiled: Bool {
        ["framework", "notes", "optimizer", "loss_path"].contains { name in
            let text = cell(name).lowercased()
            return text.contains("compile") && !text.contains("no compile")
        }
    }

    /// Where a source only says that rows are shorter than the cap, the longest batch is taken to be a tenth shorter.
    private func longestRow(below cap: Int) -> Int {
        let text = cell("seq_is_exact").lowercased()
        return text.contains("shorter") && !text.contains("near cap") ? max(1, cap * 9 / 10) : cap
    }

    private var targets: AdapterTargets {
        let text = cell("target_modules")
        return text.isEmpty ? AdapterTargets(roles: [.query, .value]) : AdapterTargets(spelling: text)
    }

    private func loss(_ tables: MemoryTables) -> LossPath {
        let ordinary = LossPath(id: "ordinary", words: [], keeps: .all, hiddenBytes: 0, chunkTokens: 0)
        // litgpt's profile counts its chunks as it measured them.
        return framework.contains("litgpt") ? ordinary : tables.lossPath(cell("loss_path")) ?? ordinary
    }

    private func strategy(_ devices: Int) -> DeviceRun.Strategy? {
        guard devices > 1 else { return .single }
        let text = (framework + " " + cell("notes") + " " + cell("grad_ckpt")).lowercased().replacing("-", with: "")
        if text.contains("naive") || text.contains("megatron") || text.contains("offload") { return nil }
        if text.contains("zero3") { return .zero3 }
        if text.contains("fsdp") { return .fsdp }
        if text.contains("zero2") || text.contains("deepspeed") { return .zero2 }
        return text.contains("ddp") ? .ddp : nil
    }

    private static func method(_ name: String) -> MemoryProfile.Method? {
        switch name.lowercased() {
        case "lora", "qlora", "lora-8bit", "dora": .lora
        case "lora+emb": .loraEmbeddings
        case "full", "peft:full": .full
        case "peft:adapter": .prefix
        case "peft:adapter_v2": .outputScale
        // Blocks that are added or copied are no small modules beside frozen layers.
        case "peft:llamapro": nil
        // The other tuners add small modules beside the same frozen layers; their own size is in `trainable_params`.
        case let other where other.hasPrefix("peft:"): .lora
        default: nil
        }
    }

    /// What the device gives a process, where the source names one hone knows.
    package func usable(_ tables: MemoryTables) -> ByteCount? {
        tables.device(cell("gpu")).map { ByteCount(gibibytes: $0.usableGibibytes) }
    }
}

/// Why a measurement has no prediction.
package enum Unsupported: Error, Sendable, Hashable {
    case notStated(String)
    case model(String)
    case method(String)
    case architecture(Architecture.Kind)
    case precision(String)
    case format(String)
    case framework(String)
    case strategy(String)
}
