import ArgumentParser
import FileStore
import JSONText
import Plan
import Publishing

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of a run again, from its folder alone.",
        discussion: "Equal folders give equal bytes: dates and figures come from the records of the run.")

    @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("Write the report here instead of into the run folder.", valueName: "dir"))
    var report: String?

    @Flag(help: "Print one JSON object with the files.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    func run() throws {
        let store = FileStore(), run = RunFolder(path: folder)
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
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
}
