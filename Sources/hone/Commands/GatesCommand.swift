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
            """)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
    var report: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let store = FileStore(), run = RunFolder(path: folder)
        let readiness = Readiness(book: try rules.load(), store: store)
        guard let (gates, verdict) = try readiness.judge(run, at: Date().formatted(.iso8601)) else {
            throw NothingMeasured(folder: folder)
        }
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        try Report(try ReportInput(folder: run, store), templates).write(to: report ?? run.report, store)
        if json {
            let states = JSONObject(gates.map { ($0.id, $0.json) })
            Terminal.data(
                JSONValue.object(["verdict": JSONValue(verdict.rawValue), "gates": .object(states)]).text(.pretty))
        } else {
            let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: false)
            for gate in gates {
                let state = gate.state.rawValue.replacing("_", with: " ").uppercased()
                Terminal.data(page.item(gate.id.uppercased(), "\(state): \(gate.title)", gate.found).joined(separator: "\n"))
            }
            Terminal.data(verdict.rawValue.replacing("_", with: " ").uppercased())
        }
        Terminal.say("next: hone report \(shellWord(folder)) --verify")
        switch verdict {
        case .ready, .promising: break
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
