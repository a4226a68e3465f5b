package import FileStore
package import FoundationEssentials
import JSONText
package import Plan

/// The root of a run's record: what the run was made from, by fingerprint.
package struct RunManifest: Sendable, Hashable {
    package static let currentVersion = 1

    package var id: String
    package var created: Date
    package var honeVersion: String
    /// Relative paths of the plan start here; a resumed run goes back to it.
    package var workingFolder: String
    package var model: String
    /// SHA-256 by what it covers: `plan`, `data`, `model`, `rules`, `adapter`.
    package var fingerprints: [String: String]

    package init(
        id: String, created: Date, honeVersion: String, workingFolder: String, model: String,
        fingerprints: [String: String] = [:]
    ) {
        self.id = id
        self.created = created
        self.honeVersion = honeVersion
        self.workingFolder = workingFolder
        self.model = model
        self.fingerprints = fingerprints
    }

    package func write(to run: RunFolder, store: FileStore) throws(FileStoreError) {
        let prints = fingerprints.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        let json: JSONValue = [
            "version": JSONValue(RunManifest.currentVersion), "id": .string(id),
            "created": .string(created.formatted(.iso8601)), "hone": .string(honeVersion),
            "working_folder": .string(workingFolder), "model": .string(model),
            "fingerprints": .object(JSONObject(prints)),
        ]
        try store.write(json.text(.pretty) + "\n", to: run.manifest)
    }

    package static func read(_ run: RunFolder, store: FileStore) throws(LaunchError) -> RunManifest {
        guard let text = try? store.readText(run.manifest), let json = try? JSONValue.parse(text),
            let id = json["id"]?.stringValue, let folder = json["working_folder"]?.stringValue
        else { throw .notARunFolder(path: run.path, missing: "a readable manifest.json") }
        var fingerprints: [String: String] = [:]
        for member in json["fingerprints"]?.objectValue ?? [:] { fingerprints[member.key] = member.value.stringValue }
        let created = json["created"]?.stringValue.flatMap { try? Date($0, strategy: .iso8601) }
        return RunManifest(
            id: id, created: created ?? Date(timeIntervalSince1970: 0), honeVersion: json["hone"]?.stringValue ?? "",
            workingFolder: folder, model: json["model"]?.stringValue ?? "", fingerprints: fingerprints)
    }
}

extension RunFolder {
    /// Makes a new run folder whose name sorts by time: `20261121-114501-task-api`, in UTC.
    package static func create(
        in output: String, name: String, at time: Date, store: FileStore
    ) throws(FileStoreError) -> RunFolder {
        let stamp = time.formatted(.iso8601).filter { $0.isNumber || $0 == "T" }.replacing("T", with: "-")
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let label = words.isEmpty ? "run" : String(words.joined(separator: "-").prefix(40))
        var run = RunFolder(path: "\(output)/\(stamp)-\(label)")
        var attempt = 1
        // Two runs within one second get distinct names.
        while store.exists(run.path) {
            attempt += 1
            run = RunFolder(path: "\(output)/\(stamp)-\(label)-\(attempt)")
        }
        try store.createFolder(run.path)
        try store.createFolder(run.checkpoints)
        return run
    }
}
