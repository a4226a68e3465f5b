package import FileStore
import JSONText
import Plan
package import Registry

/// The folder that holds run folders, with its index.
///
/// The folders are the record. The index only makes them quick to list, and is made anew whenever it cannot be read or does
/// not know the folders that are there.
package struct RunShelf: Sendable {
    package let path: String
    private let store: FileStore

    package init(path: String, store: FileStore = FileStore()) {
        self.path = path
        self.store = store
    }

    package static let indexName = "registry.sqlite"

    /// A folder that looks like a run and whose manifest cannot be read.
    package struct Unreadable: Sendable, Hashable {
        package let path: String
    }

    /// Runs, newest first; those that cannot be listed; whether the index had to be made anew.
    package struct Listing: Sendable {
        package let runs: [RunSummary]
        package let unreadable: [Unreadable]
        package let wasReindexed: Bool
    }

    package func list() throws -> Listing {
        let (manifests, unreadable) = try manifests()
        let known = (try? RunIndex(path: indexPath).summaries()) ?? []
        if Set(known.map(\.id)) == Set(manifests.map(\.id)) {
            return Listing(runs: known, unreadable: unreadable, wasReindexed: false)
        }
        return try reindex()
    }

    /// Makes the index anew from the folders; a damaged one is replaced.
    package func reindex() throws -> Listing {
        let (manifests, unreadable) = try manifests()
        for suffix in ["", "-wal", "-shm", "-journal"] { try store.remove(indexPath + suffix) }
        let index = try RunIndex(path: indexPath)
        try index.rebuild(from: manifests)
        return Listing(runs: try index.summaries(), unreadable: unreadable, wasReindexed: true)
    }

    private var indexPath: String { path + "/" + Self.indexName }

    private func manifests() throws(FileStoreError) -> ([RunManifest], [Unreadable]) {
        var manifests: [RunManifest] = [], unreadable: [Unreadable] = []
        for name in try store.list(path) where store.isFile(path + "/\(name)/manifest.json") {
            let folder = RunFolder(path: path + "/" + name)
            do {
                manifests.append(try RunManifest.read(folder, store: store))
            } catch {
                unreadable.append(Unreadable(path: folder.path))
            }
        }
        return (manifests, unreadable)
    }
}
