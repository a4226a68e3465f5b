package import FileStore
import YAMLText

/// Parsed rule files between two starts of the program, kept under the fingerprint of the files themselves.
///
/// It is only ever a shortcut: a cache that is missing, torn, foreign or not writable changes nothing but the time taken.
package struct RuleBookCache: Sendable {
    private let folder: String
    private let store: FileStore

    package init(folder: String, store: FileStore = FileStore()) {
        self.folder = folder
        self.store = store
    }

    /// Nil where the environment names no folder for caches.
    package init?(environment: [String: String], store: FileStore = FileStore()) {
        guard let folder = CacheFolder(environment: environment) else { return nil }
        self.init(folder: folder.path, store: store)
    }

    private func path(_ fingerprint: Fingerprint) -> String { "\(folder)/rules-\(fingerprint.hex).parsed" }

    func load(_ fingerprint: Fingerprint, path folder: String) -> [(name: String, root: YAMLNode)]? {
        guard let bytes = try? store.read(path(fingerprint)), bytes.count > 64 else { return nil }
        let payload = Array(bytes.dropFirst(64))
        guard Fingerprint(of: payload).hex == String(decoding: bytes.prefix(64), as: UTF8.self) else { return nil }
        var snapshot = YAMLSnapshot(bytes: payload)
        guard snapshot.readNumber() == Self.version, let count = snapshot.readNumber() else { return nil }
        var documents: [(name: String, root: YAMLNode)] = []
        for _ in 0..<max(0, count) {
            guard let name = snapshot.readText(), let root = snapshot.readNode(file: folder + "/" + name) else { return nil }
            documents.append((name, root))
        }
        return documents
    }

    func save(_ documents: [(name: String, root: YAMLNode)], _ fingerprint: Fingerprint) {
        var snapshot = YAMLSnapshot()
        snapshot.write(Self.version)
        snapshot.write(documents.count)
        for (name, root) in documents {
            snapshot.write(name)
            snapshot.write(root)
        }
        let payload = snapshot.bytes
        try? store.createFolder(folder)
        try? store.write(Array(Fingerprint(of: payload).hex.utf8) + payload, to: path(fingerprint))
    }

    /// Raise it when the bytes change their meaning.
    private static let version = 1
}
