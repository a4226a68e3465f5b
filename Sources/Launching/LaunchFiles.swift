package import FileStore
import Mustache
package import Plan

/// The scripts of a run that is trained by TRL, from `templates/engine/`: what trains, what starts it on each machine, and
/// what hands it to a scheduler.
package struct LaunchFiles: Sendable {
    /// How long processes wait for each other, to begin and at every exchange.
    package static let timeoutSeconds = 600

    /// What trains: `train.py` begins, the others are its parts.
    package static let scripts = [
        "train.py", "trainer.py", "rows.py", "model.py", "checkpoints.py", "contract.py", "failures.py",
        "run_folder.py",
    ]

    private let plan: RunPlan
    private let run: RunFolder
    /// Absolute: a job starts in a folder of its scheduler's choice.
    private let folder: String
    private let python: String

    package init(_ plan: RunPlan, run: RunFolder, absoluteFolder: String, python: String) {
        self.plan = plan
        self.run = run
        folder = absoluteFolder
        self.python = python
    }

    /// Text by name in the engine's folder.
    package func texts(templates: String, _ store: FileStore) throws -> [(name: String, text: String)] {
        func read(_ name: String) throws -> String { try store.readText(templates + "/engine/" + name) }
        func rendered(_ name: String) throws -> (String, String) {
            let template = try MustacheTemplate(string: try read(name + ".mustache"))
            return (name, template.render(context))
        }
        var files: [(String, String)] = []
        for name in LaunchFiles.scripts { files.append((name, try read(name))) }
        files.append((EngineRequirements.fileName, try EngineRequirements.text(for: plan, templates: templates, store)))
        files.append(try rendered("launch.sh"))
        if isAccelerate { files.append(try rendered("accelerate.yaml")) }
        if plan.launch.scheduler == .slurm {
            files.append(try rendered("job.sbatch"))
            files.append(("submit.sh", try read("submit.sh")))
        }
        return files
    }

    /// DDP is torchrun's own; what shards goes through accelerate's config.
    private var isAccelerate: Bool { [.fsdp, .zero2, .zero3].contains(plan.launch.strategy) }

    private var context: [String: Any] {
        let launch = plan.launch, isZero = launch.strategy == .zero2 || launch.strategy == .zero3
        let precision =
            switch plan.training.precision {
            case .fp32: "'no'"
            case .bf16: "bf16"
            case .fp16: "fp16"
            }
        let isMany = launch.processes > 1
        return [
            "nodes": launch.nodes, "lastNode": launch.nodes - 1, "perNode": launch.processesOfEachNode,
            "processes": launch.processes, "isSpread": launch.nodes > 1, "isPlain": !isAccelerate && !isMany,
            "isTorchrun": !isAccelerate && isMany, "isAccelerate": isAccelerate, "timeout": LaunchFiles.timeoutSeconds,
            "distributedType": isZero ? "DEEPSPEED" : "FSDP", "mixedPrecision": precision,
            "useCPU": launch.gpusPerNode == 0, "isZero": isZero, "isZero3": launch.strategy == .zero3,
            "zeroStage": launch.strategy == .zero3 ? 3 : 2, "isFSDP": launch.strategy == .fsdp,
            "accumulation": plan.training.gradientAccumulationSteps, "maxGradNorm": plan.training.maxGradNorm,
            "checkpointing": plan.training.gradientCheckpointing, "name": run.id, "threads": plan.training.threads,
            "hasGPUs": launch.gpusPerNode > 0, "gpus": launch.gpusPerNode, "folder": folder, "python": python,
        ]
    }
}
