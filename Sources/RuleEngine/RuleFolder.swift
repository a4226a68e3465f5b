package import FileStore

/// The files of a rule folder, read but not yet understood.
package struct RuleFolder: Sendable {
    package let path: String
    /// Name relative to the folder (`decisions/approach.yaml`) and content, sorted by name.
    package let files: [(name: String, text: String)]

    /// Reads every `.yaml` file of `path` and of the folders in it.
    package init(path: String, store: FileStore = FileStore()) throws(RuleBookError) {
        do {
            var names = try store.list(path)
            for folder in names where store.isFolder(path + "/" + folder) {
                names += try store.list(path + "/" + folder).map { folder + "/" + $0 }
            }
            var files: [(name: String, text: String)] = []
            for name in names where name.hasSuffix(".yaml") && !store.isFolder(path + "/" + name) {
                files.append((name, try store.readText(path + "/" + name)))
            }
            guard !files.isEmpty else { throw RuleBookError.empty(folder: path) }
            self.init(path: path, files: files)
        } catch let error as FileStoreError {
            throw .unreadable(error)
        } catch let error as RuleBookError {
            throw error
        } catch {
            throw .empty(folder: path)
        }
    }

    /// Files given in memory, for tests and overlays.
    package init(path: String, files: [(name: String, text: String)]) {
        self.path = path
        self.files = files.sorted { $0.name < $1.name }
    }

    /// Over names and contents; two folders with the same fingerprint decide alike.
    package var fingerprint: Fingerprint {
        var builder = FingerprintBuilder()
        for file in files { builder.add("\(file.name)\u{0}\(file.text.utf8.count)\u{0}\(file.text)") }
        return builder.fingerprint
    }
}
