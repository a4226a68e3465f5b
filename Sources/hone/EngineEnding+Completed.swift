import Launching
import Plan
import Workflows

extension EngineEnding {
    /// How training ended where it reached its end; otherwise says what happened and how to go on.
    func completed(in training: TrainingRun) throws -> RunFinish {
        let run = training.run.path
        guard case .finished(let finish) = self else {
            throw EngineFailure(
                ending: self, run: run, canResume: training.hasCheckpoint, memory: TRLSettings.memory(of: training.run))
        }
        switch finish.reason {
        case .completed, .earlyStopping:
            return finish
        case .memoryLimit:
            throw StoppedForMemory(step: finish.globalStep.number, peak: finish.peakRSS, run: run)
        case .stopped:
            let step = finish.globalStep.number
            Terminal.say(step == 0 ? "stopped before the first checkpoint" : "saved and stopped after step \(step)")
            Terminal.say("next: hone train --resume \(shellWord(run))")
            throw Outcome(exitCode: .interrupted)
        }
    }
}

/// The trainer reached the end of the memory it may use, saved and stopped.
struct StoppedForMemory: Explained {
    let step: Int
    let peak: ByteCount
    let run: String

    var explanation: Explanation {
        Explanation(
            "training stopped after step \(step), because there was no more memory to use",
            causes: [
                "it held \(peak.rounded) at its peak",
                step == 0 ? "no step was done" : "the checkpoint of step \(step) is complete",
            ],
            hint: "free memory or raise `training.memory_limit` in \(run)/plan.yaml, then hone train --resume "
                + "\(shellWord(run)); `hone check` lists what needs less",
            exitCode: .doesNotFit)
    }
}
