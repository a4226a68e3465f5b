import ModelFiles
package import Plan
import Transformer

/// What a plan needs next to what this machine has.
package struct PlanCheck: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        case fits, tight
        case doesNotFit = "does_not_fit"
        case unknown
    }

    package let plan: RunPlan
    package let machine: MachineProfile
    package let memory: MemoryEstimate
    package let time: TimeEstimate
    /// Free memory less a margin for everything else that runs here; nil where free memory is unknown.
    package let usable: ByteCount?
    package let verdict: Verdict
    /// What would make it fit, or fit better; the ones that suffice come first, the gentlest of them first.
    package let levers: [Lever]
    package let diskNeeded: ByteCount

    package init(
        plan: RunPlan, model: ModelFacts, load: TrainingLoad, machine: MachineProfile, calibration: Calibration? = nil
    ) {
        self.plan = plan
        self.machine = machine
        let memory = MemoryEstimate(plan: plan, shape: model.shape, storedBytes: model.storedBytes, load: load)
        let usable = PlanCheck.usable(machine, limit: plan.training.memoryLimit)
        self.memory = memory
        self.usable = usable
        let threads = plan.training.threads, precision = plan.training.precision
        let measured = calibration?.speed(threads: threads, precision: precision)
        time = TimeEstimate(
            plan: plan, shape: model.shape, load: load,
            speed: measured ?? .assumed(on: machine, threads: threads, precision: precision),
            isCalibrated: measured != nil)
        verdict = PlanCheck.verdict(memory, usable)
        levers =
            verdict == .fits || verdict == .unknown
            ? [] : Lever.list(for: plan, model: model, load: load, needed: memory, usable: usable ?? 0)
        diskNeeded = PlanCheck.disk(plan, model)
    }

    private static func verdict(_ memory: MemoryEstimate, _ usable: ByteCount?) -> Verdict {
        guard let usable else { return .unknown }
        if memory.p95 <= usable { return .fits }
        return memory.p50 <= usable ? .tight : .doesNotFit
    }

    /// Free memory less 3 %, at least 128 MiB: the kernel starts to reclaim before the last page is gone. A limit of the
    /// plan counts as it stands.
    private static func usable(_ machine: MachineProfile, limit: ByteCount?) -> ByteCount? {
        guard let free = machine.freeMemory else { return limit }
        let margin = max(ByteCount(mebibytes: 128), ByteCount(free.bytes / 33))
        let usable = max(0, free - margin)
        return limit.map { min($0, usable) } ?? usable
    }

    /// Checkpoints hold the trained values and both moments of the optimizer; one more exists while it is written.
    private static func disk(_ plan: RunPlan, _ model: ModelFacts) -> ByteCount {
        let counts = ParameterCounts(shape: model.shape, lora: plan.method.lora)
        let trained = plan.method.kind == .full ? counts.base : counts.adapter + counts.saved
        return ByteCount(trained * 12 * ((plan.training.saveTotalLimit ?? 10) + 1) + trained * 4)
            + ByteCount(mebibytes: 16)
    }
}
