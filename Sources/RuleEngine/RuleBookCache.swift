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

    /// One file of a rule folder, its node not yet made.
    struct Document: Sendable {
        let name: String
        /// The id of the table it holds, nil for any other file.
        let table: String?
        let node: ArraySlice<UInt8>

        /// The node as it was kept; from the file itself should the bytes not give one.
        func root(in folder: RuleFolder) -> YAMLNode? {
            let path = folder.path + "/" + name
            var snapshot = YAMLSnapshot(bytes: node)
            if let root = snapshot.readNode(file: path) { return root }
            return folder.files.first { $0.name == name }.flatMap { try? YAMLNode.parse($0.text, file: path) }
        }
    }

    static func roots(of documents: [Document], in folder: RuleFolder) -> [(name: String, root: YAMLNode)] {
        documents.compactMap { document in document.root(in: folder).map { (document.name, $0) } }
    }

    func load(_ fingerprint: Fingerprint) -> [Document]? {
        guard let bytes = try? store.read(path(fingerprint)), bytes.count > 64 else { return nil }
        let payload = bytes[64...]
        guard Fingerprint(of: payload).hex == String(decoding: bytes.prefix(64), as: UTF8.self) else { return nil }
        var snapshot = YAMLSnapshot(bytes: payload)
        guard snapshot.readNumber() == Self.version, let count = snapshot.readNumber() else { return nil }
        var documents: [Document] = []
        for _ in 0..<max(0, count) {
            guard let name = snapshot.readText(), let table = snapshot.readText(), let node = snapshot.readBytes() else {
                return nil
            }
            documents.append(Document(name: name, table: table.isEmpty ? nil : table, node: node))
        }
        return documents
    }

    func save(_ documents: [(name: String, root: YAMLNode)], _ fingerprint: Fingerprint) {
        var snapshot = YAMLSnapshot()
        snapshot.write(Self.version)
        snapshot.write(documents.count)
        for (name, root) in documents {
            let table = name.hasPrefix(RuleTable.folder) ? try? root.map().required("table").string() : nil
            var node = YAMLSnapshot()
            node.write(root)
            snapshot.write(name)
            snapshot.write(table ?? "")
            snapshot.write(bytes: node.bytes)
        }
        let payload = snapshot.bytes
        try? store.createFolder(folder)
        try? store.write(Array(Fingerprint(of: payload).hex.utf8) + payload, to: path(fingerprint))
    }

    /// Raise it when the bytes change their meaning.
    private static let version = 2
}
