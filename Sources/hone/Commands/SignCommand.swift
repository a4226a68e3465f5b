import ArgumentParser
import FileStore
import Foundation
import Plan
import Publishing
import Workflows
import YAMLText

struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Approve or reject the report of a run, by name.",
        discussion: """
            The signature joins the run's chained trail and stands in the report. It signs the report as it is: when \
            the report changes, the signature is void and says so.
            """)

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var folder: String

    @Option(name: .customLong("as"), help: "Who signs.")
    var name: String

    @Option(help: "In which role: head of support, clinical lead, …")
    var role: String

    @Option(help: "\(SignatureRecord.Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
    var decision: String

    @Option(help: "Why, and under which conditions.")
    var because: String

    @Flag(help: "For demonstrations: mark the signature and the report as synthetic.")
    var synthetic = false

    @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
    var report: String?

    @OptionGroup var rules: InstallationOptions

    func validate() throws {
        for (option, text) in [("--as", name), ("--role", role), ("--because", because)]
        where !text.contains(where: { !$0.isWhitespace }) {
            throw ValidationError("\(option) says nothing")
        }
    }

    func run() throws {
        guard let choice = SignatureRecord.Choice(rawValue: decision) else { throw UnknownChoice(word: decision) }
        let store = FileStore()
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        try Signing(templates: templates, store: store).sign(
            RunFolder(path: folder), reportFolder: report, as: name, role: role, choice, because: because,
            isSynthetic: synthetic, at: Date().formatted(.iso8601))
        Terminal.data((report ?? RunFolder(path: folder).report) + "/report.md")
        let place = report.map { " --report \(shellWord($0))" } ?? ""
        Terminal.say("next: hone report \(shellWord(folder)) --verify\(place)")
    }
}

struct UnknownChoice: Explained {
    let word: String

    var explanation: Explanation {
        let known = SignatureRecord.Choice.allCases.map(\.rawValue)
        return Explanation(
            "`\(word)` is no decision",
            hint: didYouMean(word, among: known).map { "did you mean `\($0)`?" }
                ?? "allowed: " + known.joined(separator: ", "), exitCode: .wrongUsage)
    }
}
