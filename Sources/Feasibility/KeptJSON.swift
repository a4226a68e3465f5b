import FileStore
import JSONText

/// A JSON value kept in a file between two starts of the program.
struct KeptJSON: Sendable {
    let path: String
    let store: FileStore

    init(path: String, store: FileStore) {
        self.path = path
        self.store = store
    }

    /// `name` in the folder for caches; nil where the environment names none.
    init?(named name: String, environment: [String: String], store: FileStore) {
        guard let folder = CacheFolder(environment: environment) else { return nil }
        self.init(path: folder.path + "/" + name, store: store)
    }

    /// Nil when there is none; a torn file is none.
    func load() -> JSONValue? { (try? store.read(path)).flatMap { try? JSONValue.parse(utf8: $0) } }

    func save(_ value: JSONValue) throws(FileStoreError) {
        try store.createFolder(FileStore.folder(of: path))
        try store.write(value.text(.pretty) + "\n", to: path)
    }
}
