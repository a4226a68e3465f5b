import FileStore
import JSONText
import Plan
import Registry

/// Writes the trail of a run; the manifest names its fingerprint, so that lines taken off its end are noticed too.
package struct AuditTrail {
    private let run: RunFolder
    private let store: FileStore

    init(_ run: RunFolder, store: FileStore) {
        self.run = run
        self.store = store
    }

    func read() throws -> Trail { store.isFile(run.trail) ? try Trail(try store.readText(run.trail)) : Trail() }

    /// Adds one entry. The caller saves the manifest afterwards.
    func append(_ kind: Trail.Kind, _ data: JSONValue, at time: String) throws {
        var trail = try read()
        let line = trail.append(kind, data, at: time)
        try LineLog(path: run.trail, store: store).append(line)
    }
}
