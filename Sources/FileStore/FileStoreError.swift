/// What the system refused, where, and with which error number.
package enum FileStoreError: Error, Sendable, Hashable {
    case failed(FileOperation, path: String, errno: Int32)
    /// A file that must hold text holds bytes that are not UTF-8; the first of them is at this offset.
    case notText(path: String, byteOffset: Int)
}

/// One thing asked of the file system.
package enum FileOperation: String, Sendable, Hashable, CaseIterable {
    case open, read, write, sync, rename, remove, list, map
    case createFolder = "create folder"
    /// Making the names in a folder survive a power cut.
    case syncFolder = "sync folder"
    case inspect
}

/// A failure put in place of a real operation, so that tests can see what a full or dying disk leaves behind.
package enum FileFault: Sendable, Hashable {
    case fail(errno: Int32)
    /// Only the first bytes of the write reach the file, then it fails.
    case tear(bytes: Int, errno: Int32)
}
