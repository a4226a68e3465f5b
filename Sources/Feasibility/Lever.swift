import ModelFiles
package import Plan

/// A change of a plan that lowers its peak memory.
package struct Lever: Sendable, Hashable {
    /// Keys and their new values, in the spelling of the plan file.
    package struct Change: Sendable, Hashable {
        package let key: String
        package let from: String
        package let to: String
    }

    package let changes: [Change]
    package let saves: ByteCount
    /// Whether this change alone makes the plan fit.
    package let isEnough: Bool
    package let plan: RunPlan

    /// All levers that save something, those that suffice first.
    static func list(
        for plan: RunPlan, model: ModelFacts, load: TrainingLoad, needed: MemoryEstimate, usable: ByteCount
    ) -> [Lever] {
        let candidates = [
            smallerMicroBatch(plan, until: fits), narrowed(plan), recomputing(plan), quantized(plan),
            shorterRows(plan, load),
            adapterInsteadOfFull(plan),
        ]
        func fits(_ changed: RunPlan) -> Bool { estimate(changed).p95 <= usable }
        func estimate(_ changed: RunPlan) -> MemoryEstimate {
            MemoryEstimate(plan: changed, shape: model.shape, storedBytes: model.storedBytes, load: load)
        }
        let levers = candidates.compactMap { $0 }.compactMap { changed -> Lever? in
            let after = estimate(changed)
            guard after.p50 < needed.p50 else { return nil }
            return Lever(
                changes: changes(from: plan, to: changed), saves: needed.p50 - after.p50, isEnough: after.p95 <= usable,
                plan: changed)
        }
        return levers.filter(\.isEnough) + levers.filter { !$0.isEnough }
    }

    /// Halves the micro-batch and doubles the accumulation, which leaves the training the same, until the plan fits.
    private static func smallerMicroBatch(_ plan: RunPlan, until fits: (RunPlan) -> Bool) -> RunPlan? {
        var changed = plan
        while !fits(changed) {
            switch changed.training.batching {
            case .rows(let rows) where rows >= 2:
                changed.training.batching = .rows((rows + 1) / 2)
            case .packed(let tokens) where tokens / 2 >= plan.training.maxLength:
                changed.training.batching = .packed(tokens: tokens / 2)
            case .rows, .packed:
                return changed == plan ? nil : changed
            }
            changed.training.gradientAccumulationSteps *= 2
        }
        return changed == plan ? nil : changed
    }

    /// Keeps and multiplies frozen weights in bfloat16; on a processor without such products that takes longer.
    private static func narrowed(_ plan: RunPlan) -> RunPlan? {
        guard plan.method.kind == .lora, plan.training.precision == .fp32 else { return nil }
        var changed = plan
        changed.training.precision = .bf16
        return changed
    }

    /// Keeps frozen weights in NF4: a quarter of their memory, and answers that differ a little.
    private static func quantized(_ plan: RunPlan) -> RunPlan? {
        guard plan.method.kind == .lora else { return nil }
        var changed = plan
        changed.method.kind = .qlora
        changed.method.quantization = Quantization()
        changed.training.precision = .bf16
        return changed
    }

    /// Computes activations again instead of keeping them: the same training in half as much time again.
    private static func recomputing(_ plan: RunPlan) -> RunPlan? {
        guard !plan.training.gradientCheckpointing else { return nil }
        var changed = plan
        changed.training.gradientCheckpointing = true
        return changed
    }

    /// Halves the longest row; rows beyond it are cut, which costs data.
    private static func shorterRows(_ plan: RunPlan, _ load: TrainingLoad) -> RunPlan? {
        let longest = min(plan.training.maxLength, load.longestRow)
        guard longest >= 128 else { return nil }
        var changed = plan
        changed.training.maxLength = longest / 2
        return changed
    }

    private static func adapterInsteadOfFull(_ plan: RunPlan) -> RunPlan? {
        guard plan.method.kind == .full else { return nil }
        var changed = plan
        changed.method = .lora()
        return changed
    }

    private static func changes(from old: RunPlan, to new: RunPlan) -> [Change] {
        zip(old.fields, new.fields).compactMap { before, after in
            before.value == after.value
                ? nil : Change(key: before.key, from: before.value.plainText, to: after.value.plainText)
        }
    }
}
