package import FileStore
import JSONText
package import Plan
package import YAMLText

/// Another tool's configuration as a plan of hone, with a list of what could not be carried over.
package struct ImportedPlan: Sendable {
    package enum Tool: String, Sendable, Hashable, CaseIterable {
        case axolotl
        case llamaFactory = "llama-factory"
        case trl
    }

    /// A setting of the file that the plan does not hold.
    package struct LeftOut: Sendable, Hashable {
        package let key: String
        package let value: String
        package let reason: Reason
    }

    package enum Reason: Sendable, Hashable {
        /// hone has no such setting.
        case noPlace
        /// hone always does something else here.
        case otherwise(String)
        /// hone has the setting and not this value.
        case refused(String)
    }

    package let tool: Tool
    package let plan: RunPlan
    /// Their key and hone's, in the order of the file.
    package let carried: [(theirs: String, ours: String)]
    package let leftOut: [LeftOut]

    /// - Parameters:
    ///   - text: The YAML.
    ///   - path: Where it lies: data files are looked for beside it.
    package init(yaml text: String, path: String, store: FileStore = FileStore()) throws {
        let map: YAMLMap
        do { map = try YAMLNode.parse(text, file: path).map() } catch { throw ImportError.unreadable(error) }
        let entries = map.entries.map { (key: $0.key.text, value: ImportedValue($0.value)) }
        let values = Dictionary(entries.map { ($0.key, $0.value) }) { _, last in last }
        guard let tool = Self.tool(values) else { throw ImportError.unknownTool(path: path) }
        let table = ImportTable(tool)
        guard let model = (values["base_model"] ?? values["model_name_or_path"])?.text else {
            throw ImportError.missing(path: path, key: tool == .axolotl ? "base_model" : "model_name_or_path")
        }
        let data = ImportedData(tool, values, beside: FileStore.folder(of: path), store)
        guard !data.paths.isEmpty else { throw ImportError.noData(path: path, names: data.names) }
        var plan = RunPlan(
            model: ModelReference(model), method: table.method(values), data: DataSettings(paths: data.paths),
            training: TrainingSettings())
        plan.origins = ["model": .you(was: nil), "method.kind": .you(was: nil), "data.paths": .you(was: nil)]
        var carried: [(String, String)] = [], leftOut = data.leftOut
        for (key, value) in entries where !table.isDone(key) && !data.keys.contains(key) && !value.isNull {
            switch table.meaning(of: key, value, values) {
            case .setting(let ours, let text):
                do {
                    plan = try plan.setting(ours, to: text)
                    plan.origins[ours] = .you(was: nil)
                    carried.append((key, ours))
                } catch {
                    leftOut.append(LeftOut(key: key, value: value.words, reason: .refused(ours)))
                }
            case .nothing: break
            case .otherwise(let words): leftOut.append(LeftOut(key: key, value: value.words, reason: .otherwise(words)))
            case nil: leftOut.append(LeftOut(key: key, value: value.words, reason: .noPlace))
            }
        }
        if table.packs(values) {
            let rows = values[table.rowsKey]?.number.map { Int($0) } ?? 1
            plan.training.batching = .packed(tokens: max(1, rows) * plan.training.maxLength)
            plan.origins["training.packing"] = .you(was: nil)
            carried.append((table.packingKey, "training.packing"))
        }
        try plan.validate()
        (self.tool, self.plan, self.carried, self.leftOut) = (tool, plan, carried, leftOut)
    }

    private static func tool(_ values: [String: ImportedValue]) -> Tool? {
        if values["base_model"] != nil { return .axolotl }
        guard values["model_name_or_path"] != nil else { return nil }
        return values["stage"] != nil || values["finetuning_type"] != nil || values["cutoff_len"] != nil
            ? .llamaFactory : .trl
    }
}

package enum ImportError: Error {
    case unreadable(YAMLError)
    /// Neither `base_model` nor `model_name_or_path`.
    case unknownTool(path: String)
    case missing(path: String, key: String)
    /// It names data sets that are no files here.
    case noData(path: String, names: [String])
}

/// A value as other tools write it: `1e-4` is a number to them, where YAML reads a text.
struct ImportedValue {
    let node: YAMLNode

    init(_ node: YAMLNode) { self.node = node }

    var isNull: Bool { node.isNull }
    var text: String? { try? node.string() }
    var flag: Bool? { (try? node.bool()) ?? (text.flatMap { ["true": true, "false": false][$0.lowercased()] }) }
    var number: Double? { (try? node.double()) ?? text.flatMap { Double($0) } }
    var texts: [String]? { try? node.strings() }

    var words: String {
        switch node {
        case .scalar(let scalar): scalar.text
        case .list(let list): "\(list.elements.count) entries"
        case .map(let map): "\(map.entries.count) keys"
        }
    }
}

/// The files a configuration trains on.
private struct ImportedData {
    var paths: [String] = []
    /// Names that are no files here.
    var names: [String] = []
    /// Keys that were read here.
    var keys: Set<String> = []
    var leftOut: [ImportedPlan.LeftOut] = []

    init(_ tool: ImportedPlan.Tool, _ values: [String: ImportedValue], beside folder: String, _ store: FileStore) {
        func add(_ name: String) {
            let places = [name, folder + "/" + name]
            if let found = places.first(where: { store.isFile($0) || store.isFolder($0) }) {
                paths.append(found)
            } else {
                names.append(name)
            }
        }
        switch tool {
        case .axolotl:
            keys = ["datasets", "test_datasets", "val_set_size"]
            guard case .list(let list)? = values["datasets"]?.node else { return }
            for case .map(let entry) in list.elements {
                let fields = Dictionary(entry.entries.map { ($0.key.text, ImportedValue($0.value)) }) { $1 }
                for name in fields["data_files"]?.texts ?? fields["path"]?.texts ?? [] { add(name) }
            }
        case .llamaFactory:
            keys = ["dataset", "dataset_dir"]
            let directory = values["dataset_dir"]?.text ?? "data"
            let info = [folder + "/" + directory, directory].map { $0 + "/dataset_info.json" }.first(
                where: store.isFile)
            let json = info.flatMap { try? JSONValue.parse(try store.readText($0)) }
            for name in (values["dataset"]?.text ?? "").split(separator: ",").map({ $0.trimmed }) {
                guard let info, let file = json?[name]?["file_name"]?.stringValue else {
                    names.append(name)
                    continue
                }
                add(FileStore.folder(of: info) + "/" + file)
            }
        case .trl:
            keys = ["dataset_name", "dataset_train_split", "dataset_test_split", "dataset_config"]
            for name in values["dataset_name"]?.texts ?? [] { add(name) }
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
