import ArgumentParser
import FileStore
import JSONText
import Plan
import Publishing
import Workflows

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of a run again, from its folder alone.",
        discussion: "Equal folders give equal bytes: dates and figures come from the records of the run.")

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("Write the report here instead of into the run folder.", valueName: "dir"))
    var report: String?

    @Flag(help: "Write nothing: check every file, the trail and every byte of the report; exit code 3 on a difference.")
    var verify = false

    @Flag(help: "Print one JSON object with the files.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let store = FileStore(), run = RunFolder(path: folder)
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        if verify { return try verify(run, templates, store) }
        let made = try Report(try ReportInput(folder: run, store), templates)
        let place = report ?? run.report
        try made.write(to: place, store)
        if json {
            let files: JSONValue = .array(made.files.map { JSONValue(place + "/" + $0.name) })
            Terminal.data(JSONValue.object(["run": JSONValue(run.id), "files": files]).text(.pretty))
        } else {
            Terminal.data(place + "/report.md")
        }
    }

    private func verify(_ run: RunFolder, _ templates: ReportTemplates, _ store: FileStore) throws {
        let found = try RunVerification(
            run, reportFolder: report, templates: templates, book: try rules.load(), store: store)
        if json {
            let object: JSONValue = [
                "run": JSONValue(run.id), "files": JSONValue(found.filesChecked), "entries": JSONValue(found.entries),
                "differences": .array(found.differences.map { JSONValue($0.words) }),
                "void_signatures": .array(found.voidSignatures.map { JSONValue($0.name) }),
            ]
            Terminal.data(object.text(.pretty))
        } else {
            for difference in found.differences { Terminal.data("✗ " + difference.words) }
            for signature in found.voidSignatures {
                Terminal.data("! the signature of \(signature.name) is void: the report is not the one that was signed")
            }
        }
        guard found.differences.isEmpty else {
            Terminal.say("not as recorded: \(found.differences.count) differences")
            throw Outcome(exitCode: .gateSaysNo)
        }
        Terminal.say(
            "as recorded: \(found.filesChecked) files, a trail of \(found.entries) entries, and every byte of the report"
        )
    }
}
