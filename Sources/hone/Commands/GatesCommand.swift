import ArgumentParser
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import Workflows

struct GatesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gates",
        abstract: "Judge a measured run by the gates G0 to G10, and write its report again.",
        discussion: """
            A gate is PASS, FAIL or NOT MEASURED; what was not measured never counts as passed. Exit code 3 means that a \
            gate failed, 5 that the gain over the base model could be chance.

            `--override G8 --as NAME --because TEXT` takes a gate on as it is. It stays what it is and stands in the trail \
            and the report with the name; a run with such a gate is never READY. It is void once the gate is in another state.
            """)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
    var report: String?

    @Option(help: ArgumentHelp("Take this gate on although it is not passed.", valueName: "gate"))
    var override: String?

    @Option(name: .customLong("as"), help: "Who takes it on.")
    var name: String?

    @Option(help: "Why.")
    var because: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        let isOverride = override != nil
        for (option, text) in [("--as", name), ("--because", because)] {
            if isOverride, text?.contains(where: { !$0.isWhitespace }) != true {
                throw ValidationError("--override needs \(option), with words")
            }
            if !isOverride, text != nil { throw ValidationError("\(option) goes with --override GATE") }
        }
    }

    func run() throws {
        let store = FileStore(), run = RunFolder(path: folder), now = Date().formatted(.iso8601)
        let readiness = Readiness(book: try rules.load(), store: store)
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        if let override, let name, let because {
            try readiness.override(override.lowercased(), of: run, as: name, because: because, at: now)
        }
        guard let (gates, verdict) = try readiness.judge(run, writing: templates, to: report, at: now) else {
            throw NothingMeasured(folder: folder)
        }
        if json {
            let states = JSONObject(gates.map { ($0.id, $0.json) })
            Terminal.data(
                JSONValue.object(["verdict": JSONValue(verdict.rawValue), "gates": .object(states)]).text(.pretty))
        } else {
            for gate in gates { Terminal.data(GateView.lines(gate).joined(separator: "\n")) }
            Terminal.data(verdict.rawValue.replacing("_", with: " ").uppercased())
        }
        Terminal.say("next: hone report \(shellWord(folder)) --verify")
        switch verdict {
        case .ready, .promising: break
        case .do_not_tune where !gates.contains(where: { $0.state == .fail && !$0.isTakenOn }): break
        case .do_not_tune: throw Outcome(exitCode: .gateSaysNo)
        case .not_ready: throw Outcome(exitCode: .gateSaysNo)
        case .inconclusive: throw Outcome(exitCode: .inconclusive)
        }
    }
}

struct NothingMeasured: Explained {
    let folder: String

    var explanation: Explanation {
        Explanation(
            "no tuned model was measured in \(folder)", hint: "`hone eval \(shellWord(folder))` measures a trained run",
            exitCode: .wrongUsage)
    }
}
