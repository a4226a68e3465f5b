import ArgumentParser
import Evaluation
import FileStore
import Foundation
import JSONText
import Launching
import Plan
import Publishing
import Workflows

struct VerifyExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-export",
        abstract: "Ask every shipped form of a run the held-out rows, and compare with what was evaluated.",
        discussion: """
            Each form is asked as its users will: with the tokenizer, chat template and end tokens in its own files. Exit \
            code 3 means that one of them misses a limit of the table `shipping` of the rule book, or that something in its \
            files differs from what was evaluated. Where llama.cpp (`llama-server` on the path, or `llama_cpp` in a Python) or \
            a running Ollama is on this machine, it is asked too. The figures are kept with the run and stand in its report.
            """)

    @Argument(help: ArgumentHelp("The folder of a trained run.", valueName: "run"))
    var folder: String

    @Option(help: ArgumentHelp("The folder `hone export` wrote; RUN/export where none is given.", valueName: "dir"))
    var export: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Further GGUF files to ask, from any program.", valueName: "file.gguf"))
    var gguf: [String] = []

    @Option(
        help: ArgumentHelp(
            "llama.cpp: a llama-server, a folder that holds one, or a Python that has llama_cpp.", valueName: "path"))
    var llamaCpp: String?

    @Option(
        help: ArgumentHelp("A Python to look for llama_cpp in; else HONE_PYTHON, then python3.", valueName: "path"))
    var python: String?

    @Option(help: ArgumentHelp("Ask at most this many rows, evenly spread.", valueName: "rows"))
    var limit: Int?

    @Option(help: ArgumentHelp("Where the report lies, when not in the run folder.", valueName: "dir"))
    var report: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() throws {
        let store = FileStore(), installation = try rules.installation()
        let run = RunFolder(path: URL(fileURLWithPath: folder).path)
        let target = URL(fileURLWithPath: export ?? run.export).path
        let files = gguf.map { URL(fileURLWithPath: $0).path }
        let place = report.map { URL(fileURLWithPath: $0).path }
        let trained = try TrainedRun(run, store: store)
        try trained.manifest.enterWorkingFolder(of: run)
        let source = try ExportSource(run: run, in: installation, store: store)
        let prepared = try PreparedRun(trained.plan, in: installation, isForLooking: true, store: store)
        var verification = try ExportVerification(source, prepared: prepared, book: try rules.load(), store: store)
        let environment = ProcessInfo.processInfo.environment
        verification.programs = try ServingPrograms.find(
            named: llamaCpp.map { URL(fileURLWithPath: $0).path },
            python: EnginePython.choose(named: python, environment: environment), environment: environment,
            templates: installation.templates)
        verification.progress = { name in
            if Terminal.isInteractive { Terminal.replaceLine("asking \(name)") }
        }
        let ladder = try verification.verify(target, files: files, limit: limit)
        if Terminal.isInteractive { Terminal.replaceLine("") }
        try ExportVerification.record(ladder, of: run, store: store)
        let written = try FinishingRun(installation: installation, now: { Date() }).writeReport(of: run, to: place)
        Terminal.data(
            json
                ? ladder.json.text(.pretty)
                : LadderTable(ladder: ladder, page: Page(width: max(60, Terminal.width), hasColour: false)).text)
        if !json { for line in ladder.programWords { Terminal.say(line) } }
        if source.isPractice, !json { Terminal.say("practice model: these figures say nothing about another model") }
        guard ladder.passes else {
            Terminal.say(
                "not as evaluated: \(ladder.rungs.count { !$0.failures.isEmpty }) of \(ladder.rungs.count) forms miss a limit (table `shipping`)"
            )
            throw Outcome(exitCode: .gateSaysNo)
        }
        Terminal.say("as evaluated: \(ladder.rungs.count) forms, \(grouped(ladder.rows)) rows each")
        Terminal.say("next: read \(shellWord(written))")
    }
}
