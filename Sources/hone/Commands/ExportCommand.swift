import ArgumentParser
import Evaluation
import FileStore
import Foundation
import JSONText
import Launching
import ModelFiles
import Plan
import Publishing
import Registry
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

            A run that decided not to train gives what can be used the same day: the prompt as files for chat APIs, and with \
            --documents an index to search (`hone ask`) with the share of its questions that are found.

            With --config the plan of a run, or a plan file, is written as the file another tool trains from, with the same \
            rows beside it: \(OtherTool.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Argument(
        help: ArgumentHelp(
            "The folder of a trained run, a model folder, `practice-3m`, or with --config a plan file.",
            valueName: "run or model"))
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

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Write the plan for these tools instead.", valueName: "tool"))
    var config: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Of a run that decided for retrieval: a folder of documents, or files, to index.", valueName: "path"))
    var documents: [String] = []

    @Option(help: ArgumentHelp("With a model: an adapter folder in PEFT's format to put on it.", valueName: "dir"))
    var adapter: String?

    @Flag(help: "Print one JSON object with the parts.")
    var json = false

    @OptionGroup var rules: InstallationOptions

    private static let ggufTypes = GGUFType.allCases.map(\.name).joined(separator: ", ")

    func validate() throws {
        for name in names(formats) where ExportForm(rawValue: name) == nil {
            throw ValidationError(
                "there is no format `\(name)`; choose from \(ExportForm.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        for name in names(config) where OtherTool(rawValue: name) == nil {
            throw ValidationError(
                "there is no tool `\(name)`; choose from \(OtherTool.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard config.isEmpty || formats.isEmpty && type.isEmpty && adapter == nil else {
            throw ValidationError("--config writes files for training; --format, --type and --adapter ship a model")
        }
        for name in names(type) where GGUFType(named: name) == nil {
            throw ValidationError("there is no number format `\(name)`; choose from \(Self.ggufTypes)")
        }
    }

    private func names(_ words: [String]) -> [String] { words.flatMap { $0.split(separator: ",").map(String.init) } }

    func run() throws {
        let store = FileStore(), installation = try rules.installation()
        let target = to.map { URL(fileURLWithPath: $0).path }
        if !config.isEmpty { return try writeConfigs(to: target, installation, store) }
        if isDecisionOnly(store) { return try writeDeliverables(to: target, installation, store) }
        guard documents.isEmpty else {
            throw ValidationError("--documents belongs to a run that decided not to train")
        }
        let opened = try open(installation, store)
        guard let folder = target ?? opened.run.map({ $0.export }) else {
            throw ValidationError("give the folder to write into: --to DIR")
        }
        let exporting = Exporting(
            opened, to: folder, templates: try ReportTemplates(folder: installation.templates + "/report", store),
            store: store)
        let wanted = names(formats).compactMap(ExportForm.init(rawValue:))
        if let stranger = wanted.first(where: { !exporting.applicable.contains($0) }) {
            throw ExportError.notApplicable(stranger)
        }
        let forms = wanted.isEmpty ? exporting.applicable : wanted
        let needsTask = opened.run != nil && !Set(forms).isDisjoint(with: [.ollama, .lmEval, .card])
        let task = needsTask ? try heldOut(opened, installation, store) : nil
        let types = names(type).compactMap { GGUFType(named: $0) }
        let parts = try exporting.write(
            forms, types: types.isEmpty ? [.float16, .q8_0] : types, task: task, hone: Hone.configuration.version
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

    /// Whether the source is a run in which nothing was trained.
    private func isDecisionOnly(_ store: FileStore) -> Bool {
        store.isFile(source + "/manifest.json") && !store.isFile(source + "/plan.yaml")
    }

    private func writeDeliverables(to target: String?, _ installation: Installation, _ store: FileStore) throws {
        guard formats.isEmpty, type.isEmpty else {
            throw ValidationError(
                "nothing was trained in this run, so there is no model to write with --format or --type")
        }
        let run = RunFolder(path: URL(fileURLWithPath: source).path), folder = target ?? run.export
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        let written = try DeliverableExporting(run, templates: templates, store: store)
            .write(to: folder, documents: documents)
        if json {
            let recall = JSONObject(
                (written.starter?.recall ?? []).map { ("\($0.count)", JSONValue($0.share.value)) })
            return Terminal.data(
                JSONValue.object([
                    "folder": JSONValue(folder), "files": .array(written.paths.map { JSONValue($0) }),
                    "recall": .object(recall),
                ]).text(.pretty))
        }
        Terminal.data(folder)
        for path in written.paths { Terminal.data("  " + path) }
        guard let starter = written.starter else {
            return Terminal.say("next: read \(shellWord(folder + "/prompt/README.md"))")
        }
        Terminal.data("")
        Terminal.data("  passages  found   95 % interval   of \(starter.recall.first?.share.n ?? 0) questions")
        for recall in starter.recall {
            let number = String(recall.count), share = recall.share
            Terminal.data(
                String(repeating: " ", count: 10 - number.count) + number + "  " + fixed(share.value * 100, 1) + " %  "
                    + "\(fixed(share.low * 100, 1)) – \(fixed(share.high * 100, 1))")
        }
        if starter.recall.isEmpty { Terminal.say("no question names an indexed document, so nothing was measured") }
        Terminal.say("next: hone ask \"…\" --index \(shellWord(folder + "/retrieval/index.sqlite"))")
    }

    private func heldOut(
        _ source: ExportSource, _ installation: Installation, _ store: FileStore
    ) throws -> HeldOutTask? {
        guard let run = source.run, let plan = source.plan else { return nil }
        return try HeldOutTask(
            PreparedRun(plan, in: installation, isForLooking: true, store: store), run: run, store: store)
    }

    private func writeConfigs(to target: String?, _ installation: Installation, _ store: FileStore) throws {
        let isRun = store.isFile(source + "/plan.yaml")
        let file = isRun ? source + "/plan.yaml" : source
        guard store.isFile(file) else {
            throw ValidationError("--config needs a plan: \(source) is neither a run folder nor a plan file")
        }
        let plan = try RunPlan(yaml: try store.readText(file), file: file)
        let folder = target ?? (isRun ? RunFolder(path: URL(fileURLWithPath: source).path).export : nil)
        guard let folder else { throw ValidationError("give the folder to write into: --to DIR") }
        if isRun, store.isFile(source + "/manifest.json") {
            let run = RunFolder(path: URL(fileURLWithPath: source).path)
            try RunManifest.read(run, store: store).enterWorkingFolder(of: run)
        }
        let prepared = try PreparedRun(plan, in: installation, isForLooking: true, store: store)
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        let paths = try ConfigExporting(prepared, templates: templates, store: store)
            .write(names(config).compactMap(OtherTool.init(rawValue:)), to: folder)
        if json {
            return Terminal.data(
                JSONValue.object(["folder": JSONValue(folder), "files": .array(paths.map { JSONValue($0) })]).text(
                    .pretty))
        }
        Terminal.data(folder)
        for path in paths { Terminal.data("  " + path) }
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
