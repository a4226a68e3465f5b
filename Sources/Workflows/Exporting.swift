package import FileStore
import JSONText
package import ModelFiles
import Plan
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

    package init(_ source: ExportSource, to folder: String, templates: ReportTemplates, store: FileStore = FileStore()) {
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
    ///   - rows: The held-out rows, where a task of them is wanted.
    package func write(
        _ forms: [ExportForm], types: [GGUFType], rows: HeldOutTask?, progress: (String) -> Void = { _ in }
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
                Part(path: path, form: form, byteCount: try ExportRecord.size(of: folder + "/" + path, store), caveats: caveats))
        }
        if forms.contains(.adapter), let adapter = source.adapter {
            try add("adapter", .adapter) { try writeAdapter(adapter) }
        }
        if forms.contains(.merged) { try add("merged", .merged) { try writeMerged() } }
        if forms.contains(.gguf) {
            for type in types {
                let path = "gguf/\(source.name)-\(type.name).gguf"
                let made = try tokenizer()
                let caveats = source.model.shape.ggufCaveats.map(ExportCaveat.gguf)
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
        return parts
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

/// Rows as another program's task.
package struct HeldOutTask: Sendable {
    package init() {}
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
