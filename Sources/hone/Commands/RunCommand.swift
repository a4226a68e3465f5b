import Advisor
import ArgumentParser
import Datasets
import Feasibility
import FileStore
import Foundation
import Glibc
import JSONText
import Launching
import Plan
import RuleEngine
import Synchronization
import Workflows

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Walk the whole line for a case: decide, plan, check, train, measure, report.",
        discussion: """
            Takes a folder with `data.jsonl` and, where somebody answered the questions, `answers.yaml`. When the verdict \
            is not to train, nothing is trained: the report says why, and a prompt file or a retrieval guide lies beside it. \
            Where answers are missing that would decide, a trial on the practice model is measured all the same.
            """)

    @Argument(help: "The case: a folder with data.jsonl, answers.yaml, documents/.")
    var folder: String

    @Option(help: "A model folder, or `\(ModelLocation.practiceName)` for the embedded practice model.")
    var model = ModelLocation.practiceName

    @Option(help: "The folder that receives the run folder.")
    var output = "runs"

    @Option(help: ArgumentHelp("Write the report here instead of into the run folder.", valueName: "dir"))
    var report: String?

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func run() async throws {
        let machine = MachineProfile.probe()
        let line = HoneRun(
            installation: try rules.installation(), book: try rules.load(), machine: machine,
            honeVersion: Hone.configuration.version, workingFolder: FileManager.default.currentDirectoryPath,
            command: (["hone"] + CommandLine.arguments.dropFirst().map(shellWord)).joined(separator: " "),
            engineArguments: rules.rules.map { ["--rules", $0] } ?? [], ruleOptions: rules.typed, now: { Date() })
        let interruptions = SignalWatch.interruptions()
        let progress = RunProgress()
        let ending = try await line.run(
            try CaseFolder(path: folder), model: ModelReference(model), output: output, reportFolder: report,
            interruptions: interruptions.stream
        ) { progress.show($0) }
        withExtendedLifetime(interruptions.watch) {}
        progress.end()
        try close(ending)
    }

    private func close(_ ending: HoneRun.Ending) throws {
        switch ending {
        case .unfinished(let ending, let run):
            _ = try ending.completed(in: TrainingRun(run: run))
        case .measured(let decision, let run, let report, let open):
            try tell(decision, run: run, report: report, isTrained: true, open)
        case .decided(let decision, let run, let report, let open):
            try tell(decision, run: run, report: report, isTrained: false, open)
        }
    }

    private func tell(
        _ decision: Decision, run: RunFolder, report: String, isTrained: Bool, _ open: OpenQuestion?
    ) throws {
        if json {
            let object: JSONValue = [
                "run": .string(run.path), "report": .string(report), "verdict": .string(decision.verdict.rawValue),
                "trained": .bool(isTrained), "inconclusive": .bool(open != nil),
                "rows_to_settle": JSONValue(open?.rows) { JSONValue($0) },
            ]
            Terminal.data(object.text(.pretty))
        } else {
            Terminal.data(report)
        }
        if decision.verdict == .undecided {
            Terminal.say("not decided: the answers that would decide are named in the report")
        }
        if let open { Terminal.say("inconclusive: " + open.words) }
        Terminal.say("next: read \(shellWord(report))")
        if decision.verdict == .undecided || open != nil { throw Outcome(exitCode: .inconclusive) }
    }
}

extension OpenQuestion {
    fileprivate var words: String {
        switch self {
        case .target(let arm, let rows):
            "these rows cannot tell whether \(arm) reaches the target; about \(grouped(rows)) would"
        case .gain(let rows):
            "these rows cannot tell whether the tuned model is better than the base"
                + (rows.map { "; about \(grouped($0)) would" } ?? ", and more of them would not: both do equally well")
        }
    }
}

/// What a person sees while the line is walked.
private final class RunProgress: Sendable {
    private let training = TrainingProgress()
    private let arm = Mutex<String?>(nil)

    func show(_ news: HoneRun.Progress) {
        switch news {
        case .audited(let profile):
            let dropped = profile.read - profile.kept
            Terminal.say(
                "data: \(grouped(profile.read)) rows read"
                    + (dropped > 0 ? ", \(grouped(dropped)) of them dropped: `hone audit` says which and why" : ""))
        case .decided(let decision):
            let reason = decision.reasons.first.map { ": \($0.rule.title)" } ?? ""
            Terminal.say("decision: \(Terminal.bold(decision.verdict.rawValue))\(reason)")
            for override in decision.overrides { Terminal.say("changed by overlay: \(override.text)") }
            if let warning = decision.costs?.priceWarning { Terminal.say("warning: " + warning) }
        case .approved(let approved, let run):
            let check = approved.check
            Terminal.say(
                "plan: \(run.path)/plan.yaml; peak memory about \(check.memory.p50.rounded), "
                    + "about \(duration(check.time.seconds)) (estimates)")
        case .engine(let report):
            training.show(report)
        case .measuring(let arm, let done, let total):
            training.end()
            let isNew = self.arm.withLock { last in
                defer { last = arm }
                return last != arm
            }
            guard isNew || Terminal.isInteractive || done == total else { return }
            let line = "measuring \(arm): \(done) of \(total)"
            if Terminal.isInteractive {
                Terminal.replaceLine(line)
                if done == total { Terminal.say() }
            } else {
                Terminal.say(line)
            }
        }
    }

    func end() { training.end() }
}
