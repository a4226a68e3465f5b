import ArgumentParser
import Foundation
import Launching
import Plan
import Workflows

/// The bundled trainer as a child process. People type `hone train`; this is what it starts.
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Train in a run folder and report to its event log.", shouldDisplay: false)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var path: String

    @OptionGroup var rules: InstallationOptions

    func run() throws {
        let folder = RunFolder(path: path)
        guard EngineLog.takeStandardError(to: folder.engineLog) else { throw LaunchError.isRunning(path: path) }
        let stop = StopRequest()
        stop.watchParent()
        let signals = SignalWatch { stop.raise() }
        defer { withExtendedLifetime(signals) {} }
        let engine = try EngineRun(folder)
        do {
            try engine.train(in: rules.installation(), stop: stop)
        } catch {
            let explanation = Hone.explanation(of: error)
            let causes = explanation.causes.isEmpty ? "" : " (" + explanation.causes.joined(separator: "; ") + ")"
            try engine.fail(error: explanation.what + causes, hint: explanation.hint)
            throw Outcome(exitCode: explanation.exitCode)
        }
    }
}
