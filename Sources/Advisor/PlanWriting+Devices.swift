import Datasets
package import Feasibility
package import Plan

/// Where a plan is trained, and what fits there.
extension PlanWriter {
    func setEngine(_ draft: inout PlanDraft) throws(PlanWritingError) {
        guard let accelerator = draft.given.accelerator else {
            draft.credit("engine", try defaults.row("engine_bundled"))
            return
        }
        draft.plan.engine = .trl
        draft.credit("engine", try defaults.row("engine_trl"))
        draft.plan.launch.device = accelerator.device.id
        draft.plan.launch.gpusPerNode = accelerator.count
        draft.plan.training.gradientCheckpointing = true
        draft.credit("training.gradient_checkpointing", try defaults.row("checkpointing_accelerator"))
    }

    /// The number format of products: what the device has kernels for, on a processor for frozen weights only.
    func setPrecision(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        var row = try defaults.row("precision_cpu_bf16")
        if let accelerator = given.accelerator {
            row = try defaults.row(accelerator.hasBF16 ? "precision_bf16" : "precision_fp16")
        } else if draft.plan.method.kind == .qlora {
            row = try defaults.row("precision_cpu_quantized")
        } else if !given.machine.multipliesBFloat16 || draft.plan.method.kind != .lora
            || Double(given.parameterCount) < row.number * 1e6
        {
            row = try defaults.row("precision_cpu")
        }
        draft.plan.training.precision = Precision(rawValue: row.text) ?? .fp32
        draft.credit("training.precision", row)
    }

    /// Rows at once, accumulation, and where memory demands it another method or strategy.
    func setBatch(onAccelerator draft: inout PlanDraft, packs packing: PlanDefaults.Row?) throws(PlanWritingError) {
        guard let accelerator = draft.given.accelerator else { return }
        guard let choice = choice(for: draft, accelerator) else {
            throw .nothingFits(
                model: draft.given.model.name, device: accelerator.device.name, count: accelerator.count)
        }
        if choice.method != draft.plan.method.kind {
            try setMethod(choice.method, try defaults.row("method_qlora_by_memory"), &draft)
        }
        let perStep = choice.rows * accelerator.count
        draft.plan.training.gradientAccumulationSteps = max(1, (draft.effectiveBatch + perStep - 1) / perStep)
        draft.effectiveBatch = perStep * draft.plan.training.gradientAccumulationSteps
        draft.credit("training.gradient_accumulation_steps", try defaults.row("accumulation"))
        draft.plan.launch.strategy = choice.strategy
        let strategy = choice.strategy == .single ? "single" : choice.strategy == .ddp ? "ddp" : "sharded"
        draft.credit("launch.strategy", try defaults.row("strategy_" + strategy))
        let memory = try defaults.row("micro_batch_by_memory")
        if packing != nil, accelerator.hasBF16 {
            // As many tokens as that many of the longest rows: what the memory was checked for.
            let longest = draft.plan.training.maxLength
            let usual = draft.roundedUp(Int(draft.meanLength * Double(choice.rows)), to: 64)
            draft.plan.training.batching = .packed(tokens: max(longest, min(usual, longest * choice.rows)))
            draft.credit("training.tokens_per_micro_batch", memory)
        } else {
            draft.plan.training.batching = .rows(choice.rows)
            draft.credit("training.micro_batch", memory)
        }
        let isKeptApart = packing == nil || accelerator.hasBF16
        let off = try defaults.row(isKeptApart ? "packing_off" : "packing_not_isolated")
        draft.credit("training.packing", accelerator.hasBF16 ? packing ?? off : off)
    }

    private struct Choice {
        let method: MethodKind
        let strategy: LaunchSettings.Strategy
        let rows: Int
    }

    /// The method that was decided before others, a copy on each device before sharing out, many rows before few.
    private func choice(for draft: PlanDraft, _ accelerator: PlanAccelerator) -> Choice? {
        let decided = draft.plan.method.kind
        let methods = decided == .lora && draft.given.method == nil ? [decided, .qlora] : [decided]
        let strategies: [LaunchSettings.Strategy] = accelerator.count > 1 ? [.ddp, .fsdp] : [.single]
        for method in methods {
            for strategy in strategies where method != .qlora || strategy != .fsdp {
                var rows = max(1, draft.effectiveBatch / accelerator.count)
                while rows >= 1 {
                    if fits(draft.plan, method, strategy, rows: rows, accelerator) {
                        return Choice(method: method, strategy: strategy, rows: rows)
                    }
                    rows /= 2
                }
            }
        }
        return nil
    }

    private func fits(
        _ plan: RunPlan, _ method: MethodKind, _ strategy: LaunchSettings.Strategy, rows: Int,
        _ accelerator: PlanAccelerator
    ) -> Bool {
        var question = DeviceQuestion(plan, strategy: strategy.rawValue, rows: rows)
        question.method = method.rawValue
        question.rank = method == .full ? nil : plan.method.lora?.rank
        question.devices = accelerator.count
        guard let run = try? question.run(accelerator.tables, architecture: accelerator.architecture) else {
            return false
        }
        let usable = ByteCount(gibibytes: accelerator.device.usableGibibytes)
        return DeviceVerdict(run, usable: usable).verdict == .fits
    }

    /// On this machine's processor: the most rows at once that fit, with accumulation for the rest.
    func fitMemory(_ draft: inout PlanDraft) throws(PlanWritingError) {
        guard draft.given.accelerator == nil, let facts = draft.given.facts else { return }
        let given = draft.given, plan = draft.plan
        let load = TrainingLoad(
            rows: Int(draft.trainingRows), tokens: Int(draft.trainingRows * draft.meanLength),
            targetTokens: given.lengths.targetTokens, longestRow: min(given.lengths.longest, plan.training.maxLength))
        let check = PlanCheck(plan: plan, model: facts, load: load, machine: given.machine)
        guard check.verdict == .doesNotFit || check.verdict == .tight else { return }
        let lever = check.levers.first { lever in
            lever.isEnough && lever.changes.contains { $0.key == "training.gradient_accumulation_steps" }
        }
        guard let lever else { return }
        draft.plan.training = lever.plan.training
        draft.credit("training.gradient_accumulation_steps", try defaults.row("accumulation"))
        let memory = try defaults.row("micro_batch_by_memory")
        for key in ["training.micro_batch", "training.tokens_per_micro_batch"] where plan.value(of: key) != .nothing {
            draft.credit(key, memory)
        }
    }
}

extension DeviceQuestion {
    /// What a plan asks of one accelerator.
    package init(_ plan: RunPlan, strategy: String? = nil, rows: Int? = nil) {
        self.init(model: plan.model.name)
        method = plan.method.kind.rawValue
        rank = plan.method.lora?.rank
        maxLength = plan.training.maxLength
        switch plan.training.batching {
        case .rows(let count): microBatch = rows ?? count
        case .packed(let tokens): microBatch = rows ?? max(1, tokens / max(1, plan.training.maxLength))
        }
        accumulation = plan.training.gradientAccumulationSteps
        checkpointing = plan.training.gradientCheckpointing
        devices = plan.launch.processes
        self.strategy = strategy ?? plan.launch.strategy.rawValue
    }
}
