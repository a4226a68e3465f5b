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
        guard finish.reason != .stopped else {
            Terminal.say("saved and stopped after step \(finish.globalStep.number)")
            Terminal.say("next: hone train --resume \(shellWord(run))")
            throw Outcome(exitCode: .interrupted)
        }
        return finish
    }
}
