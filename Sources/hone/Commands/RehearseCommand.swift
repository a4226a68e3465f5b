import ArgumentParser
import Feasibility
import FileStore
import Foundation
import JSONText
import Launching
import Plan
import Workflows

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Try a plan in small: the longest rows, validation, save, kill, resume, export.",
        discussion: """
            Trains two steps on the longest rows, looks at the validation rows, saves, is killed, resumes, writes the result \
            and exports it, with the trainer of the real run, in a folder that is removed afterwards. Shows what each part \
            takes, and how long the real run will take at the measured speed. Exit code 4 means the real run would not \
            survive here.
            """)

    @Argument(help: "The plan file.")
    var plan: String

    @Flag(help: "Leave the folder, to look at it.")
    var keep = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func run() async throws {
        let read = try RunPlan(yaml: try FileStore().readText(plan), file: plan)
        guard read.engine == .bundled else { throw NothingToRehearse(engine: read.engine.rawValue) }
        let installation = try rules.installation()
        let prepared = try PreparedRun(read, in: installation)
        let machine = MachineProfile.probe(folder: read.output)
        let calibration = CalibrationFile(environment: ProcessInfo.processInfo.environment)?.load(
            processor: machine.processor)
        let approved = try approve(read, model: prepared.facts, load: prepared.load, on: machine)
        let check = PlanCheck(
            plan: approved.plan, model: prepared.facts, load: prepared.load, machine: machine, calibration: calibration)
        Terminal.say("rehearsing on the longest rows; the trainer is killed once and resumed")
        var watches: [SignalWatch] = []
        let progress = TrainingProgress()
        let result = try await Rehearsal(prepared, check: check, calibration: calibration, in: installation).run(
            at: Date(), honeVersion: Hone.configuration.version,
            workingFolder: FileManager.default.currentDirectoryPath,
            arguments: rules.rules.map { ["--rules", $0] } ?? [], keeps: keep,
            interruptions: {
                let (watch, stream) = SignalWatch.interruptions()
                watches.append(watch)
                return stream
            }
        ) { report in
            progress.show(report)
        }
        withExtendedLifetime(watches) {}
        progress.end()
        if let surprise = result.surprise { try refuse(surprise, result) }
        Terminal.data(json ? result.json.text(.pretty) : result.table)
        if keep { Terminal.say("kept in \(result.folder)") }
        guard result.obstacles.isEmpty else { throw WouldNotSurvive(obstacles: result.obstacles) }
        if !json { Terminal.say("next: hone train \(shellWord(plan))") }
    }

    private func refuse(_ ending: EngineEnding, _ result: RehearsalResult) throws -> Never {
        if case .finished(let finish) = ending, finish.reason == .stopped {
            Terminal.say("stopped; nothing is left of the rehearsal")
            throw Outcome(exitCode: .interrupted)
        }
        throw EngineFailure(ending: ending, run: result.folder, canResume: false)
    }
}

/// Another engine trains elsewhere, so nothing can be tried here.
struct NothingToRehearse: Explained {
    let engine: String

    var explanation: Explanation {
        Explanation(
            "a rehearsal is the bundled trainer's; the plan has `engine: \(engine)`",
            hint: "set `training.max_steps` to a few steps and train those", exitCode: .wrongUsage)
    }
}

/// What the rehearsal found in the way of the real run.
struct WouldNotSurvive: Explained {
    let obstacles: [RehearsalResult.Obstacle]

    var explanation: Explanation {
        Explanation(
            "the real run would not survive here", causes: obstacles.map(\.words),
            hint: "`hone check` lists what needs less; `hone train --auto` applies it", exitCode: .doesNotFit)
    }
}

extension RehearsalResult.Obstacle {
    var words: String {
        switch self {
        case .memory(let peak, let usable): "memory: \(peak.rounded) at its peak, \(usable.rounded) may be used"
        case .memoryRanOut: "memory: the trainer ran out of it and stopped"
        case .disk(let needed, let free):
            "disk: checkpoints and result need \(needed.rounded), \(free.rounded) are free"
        case .export(let needed, let free): "disk: the export needs up to \(needed.rounded), \(free.rounded) are free"
        }
    }
}

extension RehearsalResult {
    /// What each part took, for a terminal.
    var table: String {
        func row(_ name: String, _ peak: String, _ time: String) -> String {
            name.padding(to: 34) + String(repeating: " ", count: max(0, 12 - peak.count)) + peak
                + String(repeating: " ", count: max(0, 12 - time.count)) + time
        }
        var lines = ["Rehearsed on rows of up to \(grouped(longestRow)) tokens", "", row("", "peak memory", "time")]
        lines += phases.map { phase in
            row("  " + phase.kind.words, phase.peak?.rounded ?? "unknown", fixed(phase.seconds, 2) + " s")
        }
        lines.append("")
        let usable = check.usable?.rounded ?? "unknown"
        lines.append(
            "Memory: \(peak?.rounded ?? "unknown") at the peak, \(usable) usable; `hone check` says "
                + "\(check.memory.p50.rounded), up to \(check.memory.p95.rounded)")
        if let checkpointBytes, let resultBytes, let diskNeeded {
            lines.append(
                "Disk: \(checkpointBytes.rounded) per checkpoint, \(resultBytes.rounded) result, \(diskNeeded.rounded) "
                    + "together; \(check.machine.freeDisk?.rounded ?? "unknown") free"
                    + (exportBytes.map { "; export \($0.rounded)" } ?? ""))
        }
        if let tokensPerSecond, let predictedSeconds {
            lines.append(
                "Speed: \(grouped(Int(tokensPerSecond))) tokens/s on these rows; about \(duration(predictedSeconds)) for "
                    + "\(check.time.steps) steps   (measured)")
            lines.append(
                "       `hone check` says \(duration(check.time.seconds))   "
                    + (check.time.isCalibrated ? "(from this machine's measured speed)" : "(estimate)"))
        }
        lines.append(
            "Verdict: \(obstacles.isEmpty ? "the real run survives here" : "the real run would not survive here")")
        return lines.joined(separator: "\n")
    }
}

extension RehearsalPhase.Kind {
    fileprivate var words: String {
        switch self {
        case .load: "loading the model"
        case .step: "a step"
        case .validation: "a look at the validation rows"
        case .save: "saving a checkpoint"
        case .resume: "resuming after the kill"
        case .result: "writing the result"
        case .export: "exporting"
        }
    }
}
