import Launching
import Plan

extension LaunchError: Explained {
    var explanation: Explanation {
        switch self {
        case .cannotStart(let executable, let reason):
            Explanation(
                "the engine `\(executable)` cannot be started", causes: [reason],
                hint: "check that the program exists and may be run")
        case .notARunFolder(let path, let missing):
            Explanation(
                "\(path) is not a run folder", causes: ["\(missing) is missing"],
                hint: "run folders lie in `runs/`; give the path of one", exitCode: .wrongUsage)
        case .alreadyFinished(let path):
            Explanation(
                "\(path) is finished, there is nothing to resume", hint: "hone eval \(path)", exitCode: .wrongUsage)
        case .isRunning(let path):
            Explanation(
                "\(path) is being trained by another process", hint: "wait until it has finished, or stop it first")
        case .runFolderExists(let path):
            Explanation(
                "\(path) exists already", hint: "wait a second and start again, or choose another `output` folder")
        case .cannotExpress(let key, let value, let reason):
            Explanation(
                "engine `trl` cannot carry out `\(key): \(value)`", causes: [reason],
                hint: "remove `\(key)` from the plan, or train with `engine: bundled`", exitCode: .doesNotFit)
        case .noPython(let path):
            Explanation(
                "\(path) is not a Python that can be started",
                hint: "name one with --python or HONE_PYTHON, or make one: hone engine setup trl", exitCode: .wrongUsage
            )
        case .packages(let python, let missing, let wrong):
            Explanation(
                "the Python of the engine, \(python), lacks what the engine was tried with",
                causes: [missing.isEmpty ? nil : "missing: " + missing.joined(separator: ", ")].compactMap { $0 }
                    + wrong,
                hint: "hone engine setup trl makes one that has it; or name another with --python", exitCode: .failed)
        case .tooFewDevices(let python, let found, let wanted):
            Explanation(
                "the plan wants \(wanted) accelerator\(wanted == 1 ? "" : "s") on each machine, and torch finds \(found) here",
                causes: ["asked with \(python)"],
                hint:
                    "look at nvidia-smi and at how torch was installed; `--prepare` writes the run folder for another machine",
                exitCode: .doesNotFit)
        case .asking(let error, let hint):
            Explanation("the engine could not answer the held-out rows", causes: [error], hint: hint)
        case .setupFailed(let step, let log):
            Explanation(
                "\(step) failed", causes: log,
                hint: step.contains("venv")
                    ? "on Debian: apt install python3-venv" : "mend that and start again; pip goes on where it was")
        }
    }
}

/// An engine that ended otherwise than by finishing.
struct EngineFailure: Explained {
    let ending: EngineEnding
    let run: String
    /// Whether there is a checkpoint to go on from.
    let canResume: Bool
    /// What the memory check reckoned with, part by part; empty where it is not kept with the run.
    var memory: [(part: String, size: String)] = []

    var explanation: Explanation {
        let resume = "hone train --resume \(run)"
        switch ending {
        case .finished:
            return Explanation("training ended", hint: resume)
        case .failed(let error, let hint, let code):
            let known = ExitCode(rawValue: code) ?? .failed
            return Explanation(
                error, hint: hint ?? (canResume ? resume : nil), exitCode: known == .done ? .failed : known)
        case .outOfMemory(let said):
            let reckoned = memory.map { "\($0.part) \($0.size)" }.joined(separator: " · ")
            return Explanation(
                said == nil
                    ? "the trainer was killed because this machine ran out of memory" : "the trainer ran out of memory",
                causes: [
                    said ?? "the kernel's out-of-memory killer chose it",
                    memory.isEmpty ? nil : "the plan reckoned with " + reckoned, kept,
                ].compactMap { $0 },
                hint: "halve `training.micro_batch` (or `tokens_per_micro_batch`) in the plan and double "
                    + "`gradient_accumulation_steps`, or set `training.gradient_checkpointing: true`; `hone check` shows what fits"
            )
        case .killed(let signal, let log):
            return Explanation(
                "the trainer was killed by signal \(signal)\(signal == 9 ? " (SIGKILL)" : "")",
                causes: log
                    + [signal == 9 ? "somebody sent `kill -9`, or a container's memory limit was reached" : nil, kept]
                    .compactMap { $0 },
                hint: canResume ? resume : "start again; if it happens again, run `hone check` on the plan")
        case .diskFull(let free):
            return Explanation(
                "the disk of \(run) is full: \(free.rounded) are free", causes: [kept],
                hint: "make room, then \(canResume ? resume : "start again")")
        case .noRendezvous(let log):
            return Explanation(
                "the processes that should train together did not find each other", causes: log + [kept],
                hint:
                    "every machine must start engine/launch.sh with its own NODE_RANK and the first one's address in HEAD, "
                    + "within ten minutes, and reach its port 29500")
        case .lostProcess(let log):
            return Explanation(
                "one of the processes that train together died, and took the others with it", causes: log + [kept],
                hint: canResume
                    ? resume + " goes on from the last checkpoint"
                    : "see \(run)/engine.log, which holds what each of them printed")
        case .vanished(let code, let log):
            return Explanation(
                "the trainer ended with code \(code) and without a word", causes: log + [kept],
                hint: canResume ? resume : "see \(run)/engine.log")
        }
    }

    private var kept: String {
        canResume ? "the last checkpoint is complete" : "there is no checkpoint yet"
    }
}
