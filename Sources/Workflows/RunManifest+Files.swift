package import FileStore
import JSONText
package import Launching
package import Plan
package import Registry

extension RunManifest {
    /// Reads `manifest.json` of a run folder.
    package static func read(_ run: RunFolder, store: FileStore) throws(LaunchError) -> RunManifest {
        guard let text = try? store.readText(run.manifest), let json = try? JSONValue.parse(text),
            let manifest = try? RunManifest(json)
        else { throw .notARunFolder(path: run.path, missing: "a readable manifest.json") }
        return manifest
    }

    package func write(to run: RunFolder, store: FileStore) throws(FileStoreError) {
        try store.write(json.text(.pretty) + "\n", to: run.manifest)
    }
}
