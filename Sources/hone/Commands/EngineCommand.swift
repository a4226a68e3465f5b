import ArgumentParser
import FileStore
import Foundation
import Launching
import Plan
import Workflows

/// Engines: the bundled trainer as a child process, and the setting up of others.
struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Set up what trains beside the bundled trainer.",
        subcommands: [EngineSetupCommand.self, BundledEngineCommand.self], defaultSubcommand: BundledEngineCommand.self)
}

/// People type `hone train`; `hone engine RUN` is what it starts.
struct BundledEngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundled", abstract: "Train in a run folder and report to its event log.", shouldDisplay: false)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var path: String

    @Flag(help: "Take the longest rows, note what each part takes, and end by SIGKILL at the planned checkpoint.")
    var rehearse = false

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
            try engine.train(in: rules.installation(), stop: stop, isRehearsal: rehearse)
        } catch {
            let explanation = Hone.explanation(of: error)
            let causes = explanation.causes.isEmpty ? "" : " (" + explanation.causes.joined(separator: "; ") + ")"
            try engine.fail(error: explanation.what + causes, hint: explanation.hint)
            throw Outcome(exitCode: explanation.exitCode)
        }
    }
}

struct EngineSetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Make a virtual environment with what an engine needs.",
        discussion: """
            The environment lies in hone's cache folder and is found from then on. pip's own settings count: a mirror in \
            PIP_INDEX_URL, or PyTorch's index for machines without accelerators in PIP_EXTRA_INDEX_URL.
            """)

    enum Engine: String, ExpressibleByArgument, CaseIterable { case trl }

    @Argument(help: "The engine: trl.")
    var engine: Engine

    @Option(help: ArgumentHelp("The Python to make it from.", valueName: "path"))
    var python = "python3"

    @Flag(help: "Also what 4-bit training needs.")
    var qlora = false

    @Flag(help: "Also DeepSpeed, for `launch.strategy: zero2` and `zero3`.")
    var deepspeed = false

    @OptionGroup var rules: InstallationOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = EnginePython.ownEnvironment(environment) else { throw NoCacheFolder() }
        let templates = try rules.installation().templates + "/engine/"
        var files = [templates + EngineRequirements.fileName]
        if qlora { files.append(templates + "requirements-qlora.txt") }
        if deepspeed { files.append(templates + "requirements-deepspeed.txt") }
        Terminal.say("making \(folder) and installing what \(engine.rawValue) needs; this downloads up to 3 GB")
        try await EngineSetup(python: python, folder: folder, requirements: files).run { Terminal.say("  " + $0) }
        Terminal.data(folder + "/bin/python")
        Terminal.say("next: hone plan --engine trl …, then hone train")
    }
}
