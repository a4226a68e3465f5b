import Feasibility
import FileStore
import Plan
import Workflows

/// Changes a plan until it fits this machine, naming each change: what `--auto` does.
struct PlanFitting {
    let installation: Installation

    init(_ installation: Installation) { self.installation = installation }

    /// The plan with the gentlest single change that is enough, or with as many as it takes; itself where it fits, or
    /// where nothing helps.
    func fitted(_ plan: RunPlan) throws -> RunPlan {
        var fitting = plan
        while true {
            let check = try check(fitting)
            guard check.verdict == .doesNotFit else { return fitting }
            // Those that are enough come first. Data and method are not given away piece by piece.
            guard let lever = check.levers.first(where: { $0.isEnough || $0.leavesRowsAndMethod }) else {
                Terminal.say("--auto: no change makes it fit; `hone check` shows what would help")
                return plan
            }
            Terminal.say("--auto: \(lever.words)")
            let origins = fitting.origins
            fitting = lever.plan
            fitting.origins = origins
            for change in lever.changes {
                fitting.origins[change.key] = .rule(
                    id: "check.auto", why: "it would not fit this machine with \(change.from)")
            }
        }
    }

    private func check(_ plan: RunPlan) throws -> PlanCheck {
        let run = try PreparedRun(plan, in: installation, isForLooking: true)
        return PlanCheck(
            plan: plan, model: run.facts, load: run.load, machine: MachineProfile.probe(folder: plan.output))
    }
}

extension Lever {
    /// The same rows are trained by the same method.
    fileprivate var leavesRowsAndMethod: Bool {
        changes.allSatisfy { $0.key != "training.max_length" && $0.key != "method.kind" }
    }
}
