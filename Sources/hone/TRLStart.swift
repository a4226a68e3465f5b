import Advisor
import Feasibility
import FileStore
import Foundation
import Launching
import ModelFiles
import Plan
import RuleEngine
import Workflows

/// What a run that TRL trains is started with.
struct TRLStart {
    private let plan: RunPlan
    private let installation: Installation
    let python: String

    init(_ plan: RunPlan, installation: Installation, python: String?) throws {
        self.plan = plan
        self.installation = installation
        self.python = EnginePython.choose(named: python, environment: ProcessInfo.processInfo.environment)
    }

    /// The engine, once its Python was found to have what it needs.
    func engine(_ submit: Bool) async throws -> TrainingRun.Engine {
        let isSlurm = plan.launch.scheduler == .slurm
        guard isSlurm == submit else { throw SubmitMismatch(scheduler: plan.launch.scheduler.rawValue) }
        // The accelerators of a cluster need not be in the machine that submits to it.
        try await require(devices: isSlurm ? 0 : plan.launch.gpusPerNode)
        if !isSlurm, plan.launch.nodes > 1 {
            Terminal.say(
                "this machine is the first of \(plan.launch.nodes); on the others: NODE_RANK=1… HEAD=\(ProcessInfo.processInfo.hostName) bash engine/launch.sh"
            )
        }
        return isSlurm ? .slurm : .trl(python: python)
    }

    /// Throws unless Python has what the plan needs, in versions the engine was tried with.
    func require(devices: Int) async throws {
        let text = try EngineRequirements.text(for: plan, templates: installation.templates, FileStore())
        let found = try await EnginePython(
            python, needing: EngineRequirements(text: text), devices: devices, templates: installation.templates)
        Terminal.say("engine trl in Python \(found.version), \(found.path)")
    }

    /// What the memory check reckons with, the largest parts first: on the plan's accelerators, or on the processor.
    func memory(of run: PreparedRun, _ book: RuleBook) -> [(part: String, size: String)] {
        guard plan.launch.gpusPerNode > 0 else {
            let estimate = MemoryEstimate(
                plan: plan, shape: run.facts.shape, storedBytes: run.facts.storedBytes, load: run.load)
            return estimate.largestFirst.prefix(4).map { ($0.part.words, $0.bytes.rounded) }
        }
        let architecture = Architecture(run.model.shape, name: plan.model.name)
        guard let tables = try? MemoryTables(book),
            let question = try? DeviceQuestion(plan).run(tables, architecture: architecture)
        else { return [] }
        return DeviceEstimate(question).largestFirst.prefix(4).map { ($0.part.words, $0.bytes.rounded) }
    }
}

/// `--submit` and the scheduler of the plan belong together.
struct SubmitMismatch: Explained {
    let scheduler: String

    var explanation: Explanation {
        scheduler == "none"
            ? Explanation(
                "--submit needs a scheduler, and the plan has `launch.scheduler: none`",
                hint: "add launch.scheduler=slurm to the plan, or leave out --submit", exitCode: .wrongUsage)
            : Explanation(
                "the plan is to be started by \(scheduler)",
                hint: "add --submit, or --prepare to write the run folder and start it by hand", exitCode: .wrongUsage)
    }
}

/// An option that says nothing to the bundled trainer.
struct ForOtherEngines: Explained {
    let option: String

    var explanation: Explanation {
        Explanation(
            "\(option) is for engine `trl`, and the plan is trained by the bundled one",
            hint: "leave out \(option), or set `engine=trl`", exitCode: .wrongUsage)
    }
}
