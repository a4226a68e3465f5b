package import ModelFiles
package import Plan

/// A plan that fits this machine. Only `approve` makes one, so training cannot start unchecked.
package struct ApprovedPlan: Sendable {
    package let plan: RunPlan
    package let check: PlanCheck

    fileprivate init(_ plan: RunPlan, _ check: PlanCheck) {
        self.plan = plan
        self.check = check
    }
}

/// Why a plan is not trained here.
package enum Refusal: Error, Sendable, Hashable {
    case doesNotFit(PlanCheck)
    /// Settings the bundled trainer does not carry out yet; ignoring them would train something else than was asked for.
    case notCarriedOut(key: String, value: String)
    case diskTooSmall(needed: ByteCount, free: ByteCount)
    case nothingToTrain
}

/// Lets a plan through that fits this machine here and now.
package func approve(_ plan: RunPlan, model: ModelFacts, load: TrainingLoad, on machine: MachineProfile) throws(Refusal)
    -> ApprovedPlan
{
    if let refusal = plan.settingNotCarriedOut { throw refusal }
    guard load.rows > 0, load.targetTokens > 0 else { throw .nothingToTrain }
    let check = PlanCheck(plan: plan, model: model, load: load, machine: machine)
    if check.verdict == .doesNotFit { throw .doesNotFit(check) }
    if let free = machine.freeDisk, free < check.diskNeeded {
        throw .diskTooSmall(needed: check.diskNeeded, free: free)
    }
    return ApprovedPlan(plan, check)
}

/// What the check needs to know about a model.
package struct ModelFacts: Sendable, Hashable {
    package let shape: ModelShape
    /// Size of the weight files.
    package let storedBytes: ByteCount

    package init(shape: ModelShape, storedBytes: ByteCount) {
        self.shape = shape
        self.storedBytes = storedBytes
    }
}

extension RunPlan {
    /// The first setting the bundled trainer would have to ignore.
    fileprivate var settingNotCarriedOut: Refusal? {
        let unusual: [(isSet: Bool, key: String)] = [
            (engine != .bundled, "engine"),
            // Quantised weights are written out in bfloat16 for every product.
            (method.kind == .qlora && training.precision != .bf16, "training.precision"),
            // What is trained is kept in float32: only frozen matrices are read in bfloat16.
            (
                training.precision == .fp16 || training.precision == .bf16 && method.kind == .full,
                "training.precision"
            ),
        ]
        guard let key = unusual.first(where: \.isSet)?.key else { return nil }
        return .notCarriedOut(key: key, value: value(of: key)?.plainText ?? "")
    }
}
