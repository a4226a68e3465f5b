import Datasets
package import Feasibility
package import FileStore
package import FoundationEssentials
import Glibc
package import Launching
import ModelFiles
package import Plan
package import Registry
import Tokenization

/// A run folder made from an approved plan, and the engine that trains in it.
package struct TrainingRun: Sendable {
    package let run: RunFolder
    private let store: FileStore

    package init(run: RunFolder, store: FileStore = FileStore()) {
        self.run = run
        self.store = store
    }

    /// Makes the folder of a new run. Nothing is written before the plan was approved.
    package static func create(
        _ approved: ApprovedPlan, prepared: PreparedRun, name: String, at time: Date, honeVersion: String,
        workingFolder: String, store: FileStore = FileStore()
    ) throws -> TrainingRun {
        try create(
            prepared, on: approved.check.machine, name: name, at: time, honeVersion: honeVersion,
            workingFolder: workingFolder, store: store)
    }

    /// The same for an engine whose memory is not this process's to check.
    package static func create(
        _ prepared: PreparedRun, on machine: MachineProfile, name: String, at time: Date, honeVersion: String,
        workingFolder: String, store: FileStore = FileStore()
    ) throws -> TrainingRun {
        let plan = prepared.plan
        let run = try RunFolder.create(in: plan.output, name: name, at: time, store: store)
        let text = plan.yaml
        try store.write(text, to: run.plan)
        var manifest = RunManifest(
            id: run.id, createdAt: time.formatted(.iso8601), honeVersion: honeVersion, status: .planned)
        manifest.workingFolder = workingFolder
        manifest.model = plan.model.name
        manifest.isPracticeModel = prepared.location.isPractice
        manifest.machine = machine.summary
        manifest.fingerprints = [
            "plan": Fingerprint(of: text).hex, "data": prepared.encoded.fingerprint.hex,
            "model": try prepared.model.fingerprint(store: store).hex, "encoder": prepared.encoder.fingerprint,
        ]
        try manifest.write(to: run, store: store)
        return TrainingRun(run: run, store: store)
    }

    /// An earlier run that can go on, and what its plan's relative paths start from.
    package static func resuming(
        _ path: String, store: FileStore = FileStore()
    ) throws -> (run: TrainingRun, manifest: RunManifest) {
        let run = RunFolder(path: path)
        try run.requireRecord(store)
        if EngineLog.isHeld(run.engineLog) { throw LaunchError.isRunning(path: path) }
        let manifest = try RunManifest.read(run, store: store)
        let log = EventLog((try? store.readText(run.events)) ?? "")
        if let finish = log.finish, finish.reason.isEnd { throw LaunchError.alreadyFinished(path: path) }
        return (TrainingRun(run: run, store: store), manifest)
    }

    /// Whether a complete checkpoint exists to go on from.
    package var hasCheckpoint: Bool { !((try? store.list(run.checkpoints)) ?? []).isEmpty }

    /// What carries the training out.
    package enum Engine: Sendable, Hashable {
        /// This program as a child process, with these options.
        case bundled(arguments: [String])
        /// The same for a rehearsal.
        case rehearsal(arguments: [String])
        /// The script in the run folder, here.
        case trl(python: String)
        /// The script as a job of Slurm.
        case slurm

        fileprivate func process(in run: RunFolder) -> EngineProcess {
            switch self {
            case .bundled(let arguments): EngineProcess(arguments: ["engine", run.path] + arguments, run: run)
            case .rehearsal(let arguments):
                EngineProcess(arguments: ["engine", run.path, "--rehearse"] + arguments, run: run)
            case .trl(let python):
                EngineProcess(
                    executable: "/bin/bash", arguments: [run.engine + "/launch.sh"], run: run,
                    variables: ["HONE_PYTHON": python])
            case .slurm:
                EngineProcess(executable: "/bin/bash", arguments: [run.engine + "/submit.sh"], run: run)
            }
        }
    }

    /// Starts the engine, follows it to its end and says how it ended.
    package func train(
        with engine: Engine, interruptions: AsyncStream<Void>, report: @escaping @Sendable (EngineReport) -> Void
    ) async throws -> EngineEnding {
        try await engine.process(in: run).follow(interruptions: interruptions, report: report)
    }
}

extension PreparedRun {
    package var facts: ModelFacts { ModelFacts(shape: model.shape, storedBytes: model.storedBytes) }
    package var load: TrainingLoad { TrainingLoad(encoded) }
}

extension RunFolder {
    /// A folder without these two is not one hone can go on with.
    func requireRecord(_ store: FileStore) throws(LaunchError) {
        for (file, name) in [(manifest, "manifest.json"), (plan, "plan.yaml")] where !store.isFile(file) {
            throw .notARunFolder(path: path, missing: name)
        }
    }
}

extension RunManifest {
    /// Goes to the folder the run was started in, which the relative paths of its plan start from.
    package func enterWorkingFolder(of run: RunFolder) throws(LaunchError) {
        guard let start = workingFolder, chdir(start) != 0 else { return }
        throw .notARunFolder(path: run.path, missing: "the folder it was started in, \(start)")
    }
}
