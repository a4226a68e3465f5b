internal import Glibc

/// A file that only grows, one line at a time (`events.jsonl`, `trail.jsonl`).
///
/// A line torn by an earlier crash is closed with a line break first, so that it spoils only itself.
package final class LineLog {
    package let path: String
    private let file: OpenFile
    private let isDurable: Bool

    /// `isDurable`: each line is on the disk before `append` returns.
    package init(path: String, isDurable: Bool = true, store: FileStore = FileStore()) throws(FileStoreError) {
        self.path = path
        self.isDurable = isDurable
        let isNew = !store.exists(path)
        file = try OpenFile(path, O_RDWR | O_CREAT | O_APPEND, store: store)
        if isNew { try store.syncFolder(FileStore.folder(of: path)) }
        if try endsInsideLine() { try write("\n") }
    }

    /// Adds `line`, which must hold no line break, and the break after it in one write.
    package func append(_ line: String) throws(FileStoreError) {
        try write(line + "\n")
        if isDurable { try file.sync() }
    }

    private func write(_ text: String) throws(FileStoreError) {
        try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(FileStoreError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
    }

    private func endsInsideLine() throws(FileStoreError) -> Bool {
        let end = lseek(file.descriptor, 0, SEEK_END)
        guard end > 0 else { return false }
        var last: UInt8 = 0
        guard pread(file.descriptor, &last, 1, end - 1) == 1 else {
            throw .failed(.read, path: path, errno: errno)
        }
        return last != UInt8(ascii: "\n")
    }
}
