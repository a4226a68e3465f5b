import Dispatch
import Launching
import Plan
import Synchronization

/// What a person sees while an engine trains: one line that changes on a terminal, a line now and then elsewhere.
final class TrainingProgress: Sendable {
    private struct State {
        var start: RunStart?
        var last: StepMetrics?
        var lastEval: EvalMetrics?
        var lastPlainLine: UInt64 = 0
        var timeLeft: TimeLeft?
        var isOnLine = false
    }

    private let state = Mutex(State())
    private let isInteractive = Terminal.isInteractive

    /// Takes one report; safe from any thread.
    func show(_ report: EngineReport) {
        state.withLock { state in
            switch report {
            case .event(let line): show(line.event, &state)
            case .stopping: say("stopping after this step, then saving; press Ctrl-C again to kill", &state)
            case .killing: say("killed", &state)
            }
        }
    }

    /// Leaves the changing line, so that what follows starts on a line of its own.
    func end() { state.withLock { leaveLine(&$0) } }

    /// The newest measurements, for the sentence that closes a training.
    var lastStep: StepMetrics? { state.withLock { $0.last } }
    var lastEval: EvalMetrics? { state.withLock { $0.lastEval } }

    private func show(_ event: RunEvent, _ state: inout State) {
        switch event {
        case .started(let start):
            state.start = start
            state.timeLeft = TimeLeft(start)
            let resumed = start.resumedFrom.map { ", resumed after step \($0.number)" } ?? ""
            say(
                "training \(grouped(start.trainableParameters)) parameters on \(grouped(start.trainExamples)) rows, "
                    + "\(start.totalSteps) steps, \(start.threads) threads (\(start.instructionSet))\(resumed)", &state)
        case .step(let step):
            state.last = step
            state.timeLeft?.add(step, at: Double(DispatchTime.now().uptimeNanoseconds) / 1e9)
            drawStep(step, &state)
        case .eval(let eval):
            state.lastEval = eval
            if !isInteractive { say("step \(eval.globalStep.number)  validation loss \(fixed(eval.loss, 4))", &state) }
        case .warning(_, let text): say("warning: \(text)", &state)
        case .checkpoint, .finished, .failed: break
        }
    }

    private func drawStep(_ step: StepMetrics, _ state: inout State) {
        let total = state.start?.totalSteps ?? 0
        let now = DispatchTime.now().uptimeNanoseconds
        var words = "step \(step.globalStep.number)/\(total)  loss \(fixed(step.loss, 3))"
        if let eval = state.lastEval { words += " (validation \(fixed(eval.loss, 3)))" }
        words += "  \(grouped(Int(step.tokensPerSecond))) tokens/s  \(step.peakRSS.rounded)"
        if let left = state.timeLeft?.seconds { words += "  \(duration(left)) left" }
        if isInteractive {
            state.isOnLine = true
            Terminal.replaceLine(String(words.prefix(Terminal.width - 1)))
        } else if now - state.lastPlainLine > 5_000_000_000 || step.globalStep.number == total {
            state.lastPlainLine = now
            Terminal.say(words)
        }
    }

    private func say(_ text: String, _ state: inout State) {
        leaveLine(&state)
        Terminal.say(text)
    }

    private func leaveLine(_ state: inout State) {
        if state.isOnLine { Terminal.say() }
        state.isOnLine = false
    }
}
