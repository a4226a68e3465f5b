package import FileStore
package import FoundationEssentials
package import Plan

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
        return run
    }
}
