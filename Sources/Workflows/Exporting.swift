package import Datasets
package import Evaluation
package import FileStore
import JSONText
package import ModelFiles
package import Plan
package import Publishing
import Tokenization

/// A form in which a model leaves hone.
package enum ExportForm: String, Sendable, Hashable, CaseIterable {
    /// The adapter in PEFT's format.
    case adapter
    /// Base and adapter as one folder of safetensors.
    case merged
    case gguf
    /// The adapter alone, for llama.cpp and Ollama.
    case ggufAdapter = "gguf-adapter"
    /// A `Modelfile` beside the GGUF it names.
    case ollama
    /// The held-out rows as a task of EleutherAI's harness.
    case lmEval = "lm-eval"
    /// The model card.
    case card
}

/// The line from a source to files other programs load. Every part is there as a whole or not at all.
package struct Exporting {
    package let source: ExportSource
    package let folder: String
    package let templates: ReportTemplates
    private let store: FileStore

    package init(_ source: ExportSource, to folder: String, templates: ReportTemplates, store: FileStore = FileStore())
    {
        (self.source, self.folder, self.templates, self.store) = (source, folder, templates, store)
    }

    /// Something that was written, and what a reader should know of it.
    package struct Part: Sendable, Hashable {
        /// Inside the export folder.
        package let path: String
        package let form: ExportForm
        package let byteCount: Int
        package var caveats: [ExportCaveat] = []
    }

    /// The forms that make sense for this source.
    package var applicable: [ExportForm] {
        ExportForm.allCases.filter { form in
            switch form {
            case .adapter: source.adapter != nil
            case .ggufAdapter:
                source.adapter.map { !$0.settings.useDoRA && $0.settings.modulesToSave.isEmpty } ?? false
            case .lmEval: source.plan != nil
            case .ollama: source.encoder.template != nil
            case .merged, .gguf, .card: true
            }
        }
    }

    /// The record of what an earlier export wrote: only that is ever replaced.
    package static let recordName = "export.json"

    /// - Parameters:
    ///   - types: Number formats of the GGUF models.
    ///   - task: What the run was measured on; a Modelfile, a harness task and a card say more with it.
    ///   - hone: The version that writes, for the card.
    package func write(
        _ forms: [ExportForm], types: [GGUFType], task: HeldOutTask?, hone: String,
        progress: (String) -> Void = { _ in }
    ) throws -> [Part] {
        var forms = Set(forms)
        // A Modelfile names a GGUF beside it.
        if forms.contains(.ollama) { forms.insert(.gguf) }
        try store.createFolder(folder)
        var record = try ExportRecord(folder: folder, store)
        var parts: [Part] = []
        func add(_ path: String, _ form: ExportForm, _ caveats: [ExportCaveat] = [], write: () throws -> Void) throws {
            try record.allow(path, in: folder, store)
            progress(path)
            try write()
            try record.add(path, in: folder, store)
            parts.append(
                Part(
                    path: path, form: form, byteCount: try ExportRecord.size(of: folder + "/" + path, store),
                    caveats: caveats))
        }
        if forms.contains(.adapter), let adapter = source.adapter {
            try add("adapter", .adapter) { try writeAdapter(adapter) }
        }
        if forms.contains(.merged) { try add("merged", .merged) { try writeMerged() } }
        if forms.contains(.gguf) {
            for type in types {
                let path = "gguf/\(source.name)-\(type.name).gguf"
                let made = try tokenizer()
                let caveats =
                    source.model.shape.ggufCaveats.map(ExportCaveat.gguf)
                    + (made.leftOut.isEmpty ? [] : [.gguf(.stopIDsLeftOut(made.leftOut))])
                try add(path, .gguf, caveats) { try writeGGUF(path, type, made.tokenizer) }
            }
        }
        if forms.contains(.ggufAdapter), let adapter = source.adapter {
            let path = "gguf/\(source.name)-adapter.gguf"
            try add(path, .ggufAdapter) {
                try store.createFolder(folder + "/gguf")
                try GGUFAdapter.write(
                    adapter, shape: source.model.shape, to: folder + "/" + path, name: source.name,
                    baseModel: source.baseName, store: store)
            }
        }
        if forms.contains(.ollama) {
            let file = try modelfile(types, task)
            try add("ollama", .ollama, file.turns == nil ? [.noOllamaTemplate] : []) {
                let text = try file.text(templates)
                try store.publishFolder(folder + "/ollama") { (temporary) throws in
                    try store.write(text, to: temporary + "/Modelfile")
                }
            }
        }
        if forms.contains(.lmEval), let task {
            let files = try HarnessTask(
                name: source.name, rows: task.rows, primary: task.primary, stops: try stopTexts(),
                longestAnswer: task.longestAnswer
            ).files(templates)
            try add("lm-eval", .lmEval) {
                try store.publishFolder(folder + "/lm-eval") { (temporary) throws in
                    for file in files { try store.write(file.text, to: temporary + "/" + file.name) }
                }
            }
        }
        if forms.contains(.card) {
            var card = ModelCard(name: source.name, base: source.baseName, hone: hone)
            (card.isPracticeBase, card.plan, card.evaluation) = (source.isPractice, source.plan, task?.evaluation)
            (card.task, card.ladder) = (task?.summary, nil)
            card.parts = record.parts.keys.filter { $0 != "README.md" }.sorted().map { ($0, Self.use(of: $0)) }
            let text = try card.text(templates)
            try add("README.md", .card) { try store.write(text, to: folder + "/README.md") }
        }
        return parts
    }

    private static func use(of path: String) -> String {
        switch path.split(separator: "/").first {
        case "adapter": "PEFT, vLLM with adapters"
        case "merged": "transformers, vLLM, lm-evaluation-harness"
        case "gguf": path.hasSuffix("-adapter.gguf") ? "llama.cpp with --lora" : "llama.cpp, Ollama, LM Studio"
        case "ollama": "`ollama create`"
        case "lm-eval": "lm-evaluation-harness"
        default: ""
        }
    }

    private func stopTexts() throws -> [String] {
        try source.stopIDs(store: store).compactMap { source.encoder.tokenizer.token(ofID: Int32($0)) }
    }

    private func modelfile(_ types: [GGUFType], _ task: HeldOutTask?) throws -> OllamaModelfile {
        // The finest of those that are written is what was evaluated.
        let type = types.first ?? .float16
        return OllamaModelfile(
            model: "../gguf/\(source.name)-\(type.name).gguf", turns: try turns(), stops: try stopTexts(),
            system: task?.system, contextLength: source.model.shape.maxPositions, longestAnswer: task?.longestAnswer)
    }

    /// Nil where the template cannot be said in Ollama's language.
    private func turns() throws -> OllamaModelfile.Turns? {
        guard let template = source.encoder.template, let parts = ChatTurns(template) else { return nil }
        // Ollama lets llama.cpp write the begin token, where the file says so.
        let begin = try tokenizer().tokenizer.roles
        let text = begin.addsBegin ? begin.begin.flatMap { source.encoder.tokenizer.token(ofID: Int32($0)) } ?? "" : ""
        func withoutBegin(_ part: String) -> String { part.hasPrefix(text) ? String(part.dropFirst(text.count)) : part }
        var turns = OllamaModelfile.Turns(
            opening: withoutBegin(parts.opening), openingWithSystem: withoutBegin(parts.openingWithSystem),
            user: (parts.user.before, parts.user.after), assistant: (parts.assistant.before, parts.assistant.after),
            answerStart: parts.answerStart)
        switch parts.system {
        case .turn(let turn): turns.system = (withoutBegin(turn.before), turn.after)
        case .insideUser(let between): turns.systemInUser = between
        case nil: break
        }
        return turns
    }

    private func writeAdapter(_ adapter: AdapterFolder) throws {
        try store.publishFolder(folder + "/adapter") { (temporary) throws in
            for name in [AdapterFolder.configName, AdapterFolder.weightsName] {
                try store.copyFile(adapter.path + "/" + name, to: temporary + "/" + name)
            }
            try ModelFolder.copyTokenizer(from: source.tokenizerFolder, to: temporary, store)
        }
    }

    private func writeMerged() throws {
        let tokens = ModelFolder.TokenIDs(
            bos: source.model.config.bosID, eos: try source.model.stopIDs(store: store), pad: source.model.config.padID)
        let weights = try source.tensors()
        try store.publishFolder(folder + "/merged") { (temporary) throws in
            try ModelFolder.write(
                to: temporary, shape: source.model.shape, tokens: tokens, weights: weights, config: source.model.config,
                copying: source.tokenizerFolder, store: store)
        }
    }

    private func tokenizer() throws -> (tokenizer: GGUFTokenizer, leftOut: [Int]) {
        try GGUFTokenizer.make(
            from: source.encoder, folder: source.tokenizerFolder, begin: source.model.config.bosID,
            stops: try source.stopIDs(store: store), store: store)
    }

    private func writeGGUF(_ path: String, _ type: GGUFType, _ tokenizer: GGUFTokenizer) throws {
        var heading = GGUFModel.Heading(name: source.name)
        heading.baseModel = source.baseName
        try store.createFolder(folder + "/gguf")
        try GGUFModel.write(
            to: folder + "/" + path, shape: source.model.shape, tensors: try source.tensors(), type: type,
            tokenizer: tokenizer, heading: heading, configPath: source.model.config.path, store: store)
    }
}

/// What a reader of an export should know.
package enum ExportCaveat: Sendable, Hashable {
    case gguf(GGUFCaveat)
    /// The chat template cannot be said in Ollama's language; Ollama then goes by the template inside the GGUF.
    case noOllamaTemplate
}

/// What a run was measured on, for other programs.
package struct HeldOutTask: Sendable {
    package let rows: [Example]
    package let primary: Metric
    package let longestAnswer: Int
    /// The system message most rows carry.
    package let system: String?
    package let summary: String?
    package let evaluation: EvaluationResult?

    /// Of a finished run: its test rows, and what was measured on them.
    package init(_ prepared: PreparedRun, run: RunFolder, store: FileStore = FileStore()) throws {
        rows = prepared.split.test.map { prepared.dataset.examples[$0] }
        longestAnswer = prepared.plan.evaluation.maxNewTokens
        var counts: [String: Int] = [:]
        for example in prepared.dataset.examples {
            if let text = example.systemPrompt { counts[text, default: 0] += 1 }
        }
        let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        system = common.flatMap { $0.value * 2 > prepared.dataset.examples.count ? $0.key : nil }
        let input = try ReportInput(folder: run, store)
        evaluation = input.evaluation
        summary = input.answers.first { $0.fact == "task.summary" }?.value
        let held = try [HeldOutRow](prepared.encoded.test, of: prepared.dataset, prepared.encoder)
        primary =
            try input.evaluation?.metrics.primary
            ?? Evaluator(encoder: prepared.encoder, stopIDs: [], settings: prepared.plan.evaluation)
            .metrics(for: held, taskKind: nil).primary
    }
}

/// What stands in the way of an export.
package enum ExportError: Error, Sendable, Hashable {
    /// Something hone did not write.
    case inTheWay(path: String)
    case recordBroken(path: String)
    /// A form that this source does not have.
    case notApplicable(ExportForm)
}

/// `export.json`: the parts of an export folder with their SHA-256.
package struct ExportRecord: Sendable, Hashable {
    package private(set) var parts: [String: String] = [:]

    /// An empty record where there is none.
    package init(folder: String, _ store: FileStore) throws {
        let path = folder + "/" + Exporting.recordName
        guard store.isFile(path) else { return }
        guard let parts = try? JSONValue.parse(try store.readText(path))["parts"]?.objectValue else {
            throw ExportError.recordBroken(path: path)
        }
        for member in parts { self.parts[member.key] = member.value.stringValue }
    }

    /// Throws where the path is taken by something that no export wrote.
    func allow(_ path: String, in folder: String, _ store: FileStore) throws(ExportError) {
        guard store.exists(folder + "/" + path), parts[path] == nil else { return }
        throw .inTheWay(path: folder + "/" + path)
    }

    mutating func add(_ path: String, in folder: String, _ store: FileStore) throws {
        parts[path] = try Self.fingerprint(of: folder + "/" + path, store).hex
        let members = parts.sorted { $0.key < $1.key }.map { ($0.key, JSONValue($0.value)) }
        let json: JSONValue = ["version": 1, "parts": .object(JSONObject(members))]
        try store.write(json.text(.pretty) + "\n", to: folder + "/" + Exporting.recordName)
    }

    /// Of a file, or of the names and contents of a folder.
    static func fingerprint(of path: String, _ store: FileStore) throws -> Fingerprint {
        guard store.isFolder(path) else { return try store.fingerprint(ofFile: path) }
        var builder = FingerprintBuilder()
        for name in try store.list(path) {
            builder.add(name)
            builder.add(try fingerprint(of: path + "/" + name, store).hex)
        }
        return builder.fingerprint
    }

    static func size(of path: String, _ store: FileStore) throws -> Int {
        guard store.isFolder(path) else { return try store.size(ofFile: path) }
        return try store.list(path).reduce(0) { $0 + (try size(of: path + "/" + $1, store)) }
    }
}
