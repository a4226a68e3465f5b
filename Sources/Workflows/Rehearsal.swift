import Datasets
package import Feasibility
package import FileStore
package import FoundationEssentials
package import Launching
import ModelFiles
import Plan
import Publishing

/// A training in small before the real one: a few steps on the longest rows, a look at the validation rows, a checkpoint,
/// a kill, a resume, the result and its export, all in a folder beside the real runs.
///
/// The trainer is the one that trains: the same child process, told only to take the longest rows, to note what each part
/// takes, and to kill itself after its first checkpoint.
package struct Rehearsal {
    /// Two steps before the kill, one after it.
    package static let steps = 3
    static let stepsBeforeKill = 2

    private let prepared: PreparedRun
    private let check: PlanCheck
    private let calibration: Calibration?
    private let installation: Installation
    private let store = FileStore()

    /// - Parameters:
    ///   - prepared: The rows of the real plan.
    ///   - check: What the feasibility check expects of the real run.
    package init(
        _ prepared: PreparedRun, check: PlanCheck, calibration: Calibration?, in installation: Installation
    ) {
        (self.prepared, self.check, self.calibration, self.installation) = (prepared, check, calibration, installation)
    }

    /// The plan with which the trainer rehearses: what a step computes is the same, there are only few of them.
    private func plan(output: String) -> RunPlan {
        var plan = prepared.plan
        plan.training.duration = .steps(Self.steps)
        // Micro-batches of a step run one after the other: two of them take the memory of all.
        plan.training.gradientAccumulationSteps = min(2, plan.training.gradientAccumulationSteps)
        plan.training.warmup = .steps(0)
        plan.training.evalEvery = Self.stepsBeforeKill
        plan.training.saveEvery = Self.stepsBeforeKill
        plan.output = output
        return plan
    }

    /// - Parameters:
    ///   - arguments: What the trainer needs to find the same rules and models.
    ///   - keeps: Leaves the folder to be looked at.
    ///   - interruptions: Asked for each of the two sittings, because a stream ends with whoever listens to it.
    package func run(
        at time: Date, honeVersion: String, workingFolder: String, arguments: [String], keeps: Bool,
        interruptions: () -> AsyncStream<Void>, report: @escaping @Sendable (EngineReport) -> Void
    ) async throws -> RehearsalResult {
        let output = prepared.plan.output
        let hadOutput = store.isFolder(output)
        let scratch = output + "/.rehearsal"
        let small = prepared.rehearsed(as: plan(output: scratch))
        let training = try TrainingRun.create(
            small, on: check.machine, name: "rehearsal", at: time, honeVersion: honeVersion,
            workingFolder: workingFolder,
            store: store)
        defer {
            if !keeps {
                try? store.remove(training.run.path)
                if (try? store.list(scratch))?.isEmpty == true { try? store.remove(scratch) }
                if !hadOutput, (try? store.list(output))?.isEmpty == true { try? store.remove(output) }
            }
        }
        var result = RehearsalResult(check: check, longestRow: small.load.longestRow, folder: training.run.path)
        let engine = TrainingRun.Engine.rehearsal(arguments: arguments)
        result.firstEnding = try await training.train(with: engine, interruptions: interruptions(), report: report)
        if result.wasKilledAsPlanned(hasCheckpoint: training.hasCheckpoint) {
            let ending = try await training.train(with: engine, interruptions: interruptions(), report: report)
            result.ending = ending
            if case .finished(let last) = ending, last.reason.isEnd { try finish(&result, training.run, small) }
        }
        result.phases = RehearsalPhase.read(training.run, store) + result.phases
        result.measureSpeed(EventLog((try? store.readText(training.run.events)) ?? ""), estimate: estimate(of: small))
        return result
    }

    /// Sizes on disk, and the export with what it takes.
    private func finish(_ result: inout RehearsalResult, _ run: RunFolder, _ small: PreparedRun) throws {
        result.checkpointBytes = ((try? store.list(run.checkpoints)) ?? []).map {
            ByteCount(store.sizeOfContent(run.checkpoints + "/" + $0))
        }.max()
        let trained = small.plan.method.kind == .full ? run.model : run.adapter
        result.resultBytes = ByteCount(store.sizeOfContent(trained))
        let source = try ExportSource(run: run, in: installation, store: store)
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        let exporting = Exporting(source, to: run.export, templates: templates, store: store)
        let forms = [ExportForm.adapter, .merged, .gguf].filter(exporting.applicable.contains)
        // Merged in float32 at the most, and once more in 16 bits.
        let expected = ByteCount(source.model.storedBytes.bytes * 3)
        if let free = MachineProfile.freeDisk(near: run.path), free < expected {
            result.exportRoom = .missing(needed: expected, free: free)
            return
        }
        MachineProfile.forgetPeakResidentMemory()
        let start = ContinuousClock.now
        _ = try exporting.write(forms, types: [.float16], task: nil, hone: "")
        result.phases.append(
            RehearsalPhase(
                kind: .export, seconds: start.duration(to: .now) / .seconds(1),
                peak: MachineProfile.peakResidentMemory()))
        result.exportBytes = ByteCount(store.sizeOfContent(run.export))
    }

    /// What the check expects of the rehearsal itself, so that its speed can be compared with what was measured.
    private func estimate(of small: PreparedRun) -> TimeEstimate {
        PlanCheck(
            plan: small.plan, model: small.facts, load: small.load, machine: check.machine, calibration: calibration
        ).time
    }
}

extension PreparedRun {
    /// The same run with the longest rows alone, by a plan with fewer steps.
    func rehearsed(as plan: RunPlan) -> PreparedRun {
        var small = self
        small.plan = plan
        small.encoded = encoded.longestRows(for: Rehearsal.steps, of: plan)
        return small
    }
}
