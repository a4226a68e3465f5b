internal import Glibc

/// A file being written beside its final name.
///
/// Until `commit` returns, a reader sees the old file or none. A writer that is dropped without it removes what it wrote.
package final class FileWriter {
    package let path: String
    private let temporaryPath: String
    private let file: OpenFile
    private let store: FileStore
    private var digest = FingerprintBuilder()
    private var isDone = false
    package private(set) var byteCount = 0

    init(path: String, store: FileStore) throws(FileStoreError) {
        self.path = path
        self.store = store
        temporaryPath = FileStore.folder(of: path) + "/." + FileStore.lastName(of: path) + ".\(getpid()).partial"
        file = try OpenFile(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC, store: store)
    }

    deinit {
        if !isDone { try? store.remove(temporaryPath) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileStoreError) {
        try file.write(bytes)
        digest.add(bytes)
        byteCount += bytes.count
    }

    package func write(_ bytes: [UInt8]) throws(FileStoreError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileStoreError) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Makes the content durable and gives it its name. Returns the fingerprint of what was written.
    @discardableResult
    package func commit() throws(FileStoreError) -> Fingerprint {
        try file.sync()
        try store.rename(temporaryPath, to: path)
        isDone = true
        return digest.fingerprint
    }
}
