import ArgumentParser
import FileStore
import Foundation
import JSONText
import Launching
import ModelFiles
import Plan
import Publishing
import Workflows

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a trained run, or a model, in the forms other programs load.",
        discussion: """
            `hone export RUN` writes every form that applies into RUN/export: the adapter, the merged model, GGUF files for \
            llama.cpp, an Ollama Modelfile, the held-out rows as a task of lm-evaluation-harness, and a model card. With \
            --format only the named ones. Tokenizer files are copied byte for byte; a part is there as a whole or not at all, \
            and nothing hone did not write is replaced.

            `hone verify-export RUN` then asks every one of them the held-out rows.
            """)

    @Argument(help: ArgumentHelp("The folder of a trained run, a model folder, or `practice-3m`.", valueName: "run or model"))
    var source: String

    @Option(help: ArgumentHelp("The folder to write into; RUN/export where a run is given.", valueName: "dir"))
    var to: String?

    @Option(
        name: .customLong("format"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "What to write: \(ExportForm.allCases.map(\.rawValue).joined(separator: ", ")). Without it, all that apply.",
            valueName: "form"))
    var formats: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Number formats of GGUF models: \(ExportCommand.ggufTypes). Without it, f16 and q8_0.", valueName: "type"))
    var type: [String] = []

    @Option(help: ArgumentHelp("With a model: an adapter folder in PEFT's format to put on it.", valueName: "dir"))
    var adapter: String?

    @Flag(help: "Print one JSON object with the parts.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    private static let ggufTypes = GGUFType.allCases.map(\.name).joined(separator: ", ")

    func validate() throws {
        for name in names(formats) where ExportForm(rawValue: name) == nil {
            throw ValidationError(
                "there is no format `\(name)`; choose from \(ExportForm.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        for name in names(type) where GGUFType(named: name) == nil {
            throw ValidationError("there is no number format `\(name)`; choose from \(Self.ggufTypes)")
        }
    }

    private func names(_ words: [String]) -> [String] { words.flatMap { $0.split(separator: ",").map(String.init) } }

    func run() throws {
        let store = FileStore(), installation = try rules.installation()
        let target = to.map { URL(fileURLWithPath: $0).path }
        let opened = try open(installation, store)
        guard let folder = target ?? opened.run.map({ $0.export }) else {
            throw ValidationError("give the folder to write into: --to DIR")
        }
        let exporting = Exporting(
            opened, to: folder, templates: try ReportTemplates(folder: installation.templates + "/report", store), store: store)
        let wanted = names(formats).compactMap(ExportForm.init(rawValue:))
        if let stranger = wanted.first(where: { !exporting.applicable.contains($0) }) {
            throw ExportError.notApplicable(stranger)
        }
        let types = names(type).compactMap { GGUFType(named: $0) }
        let parts = try exporting.write(
            wanted.isEmpty ? exporting.applicable : wanted, types: types.isEmpty ? [.float16, .q8_0] : types, rows: nil
        ) { path in
            if Terminal.isInteractive { Terminal.replaceLine("writing \(path)") }
        }
        if Terminal.isInteractive { Terminal.replaceLine("") }
        show(parts, in: folder)
        if let run = opened.run {
            Terminal.say("next: hone verify-export \(shellWord(run.path))")
        } else if let gguf = parts.first(where: { $0.form == .gguf }) {
            Terminal.say("next: hone generate --model \(shellWord(folder + "/" + gguf.path)) --prompt \"…\"")
        }
    }

    private func open(_ installation: Installation, _ store: FileStore) throws -> ExportSource {
        guard store.isFile(source + "/manifest.json") else {
            return try ExportSource(model: ModelReference(source), adapter: adapter, in: installation, store: store)
        }
        guard adapter == nil else { throw ValidationError("--adapter belongs to a model folder; a run has its own") }
        let run = RunFolder(path: URL(fileURLWithPath: source).path)
        try TrainedRun(run, store: store).manifest.enterWorkingFolder(of: run)
        return try ExportSource(run: run, in: installation, store: store)
    }

    private func show(_ parts: [Exporting.Part], in folder: String) {
        if json {
            let list: [JSONValue] = parts.map { part in
                [
                    "path": JSONValue(folder + "/" + part.path), "format": JSONValue(part.form.rawValue),
                    "bytes": JSONValue(part.byteCount), "caveats": .array(part.caveats.map { JSONValue($0.words) }),
                ]
            }
            return Terminal.data(JSONValue.object(["folder": JSONValue(folder), "parts": .array(list)]).text(.pretty))
        }
        let width = (parts.map(\.path.count).max() ?? 0) + 2, page = Page(width: Terminal.width, hasColour: false)
        Terminal.data(folder)
        for part in parts {
            let size = ByteCount(part.byteCount).rounded
            Terminal.data(
                "  " + part.path + String(repeating: " ", count: width - part.path.count)
                    + String(repeating: " ", count: max(0, 10 - size.count)) + size + "  " + part.form.words)
        }
        var said: Set<ExportCaveat> = []
        for caveat in parts.flatMap(\.caveats) where said.insert(caveat).inserted {
            for line in page.item("!", caveat.words, indent: 0) { Terminal.say(line) }
        }
    }
}
