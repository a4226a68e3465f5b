internal import Glibc

/// A file that only grows, one line at a time (`events.jsonl`, `trail.jsonl`).
///
/// A line torn by an earlier crash, or by a disk without room, is closed with a line break first, so that it spoils only
/// itself.
package final class LineLog {
    package let path: String
    private let file: OpenFile
    private let isDurable: Bool
    private var isTorn = false
    private let reserve: Int
    private var reservedEnd = 0

    /// - Parameters:
    ///   - isDurable: Each line is on the disk before `append` returns.
    ///   - reserve: Bytes of disk kept for lines to come, where the file system can, so that a full disk can still be told of.
    package init(
        path: String, isDurable: Bool = true, reserve: Int = 0, store: FileStore = FileStore()
    ) throws(FileStoreError) {
        self.path = path
        self.reserve = reserve
        self.isDurable = isDurable
        let isNew = !store.exists(path)
        file = try OpenFile(path, O_RDWR | O_CREAT | O_APPEND, store: store)
        if isNew { try store.syncFolder(FileStore.folder(of: path)) }
        isTorn = try endsInsideLine()
        keepRoom()
    }

    deinit {
        if reservedEnd > 0 { ftruncate(file.descriptor, lseek(file.descriptor, 0, SEEK_END)) }
    }

    /// Adds `line`, which must hold no line break, and the break after it in one write.
    package func append(_ line: String) throws(FileStoreError) {
        let text = (isTorn ? "\n" : "") + line + "\n"
        // Until all of it is written, some of it may be.
        isTorn = true
        try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(FileStoreError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
        isTorn = false
        if isDurable { try file.sync() }
        keepRoom()
    }

    /// Takes blocks behind the end of the file, which no reader sees.
    private func keepRoom() {
        let end = lseek(file.descriptor, 0, SEEK_END)
        guard reserve > 0, Int(end) + reserve / 2 > reservedEnd else { return }
        let keepSize: Int32 = 1  // FALLOC_FL_KEEP_SIZE
        if systemFallocate(file.descriptor, keepSize, end, off_t(reserve)) == 0 { reservedEnd = Int(end) + reserve }
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

/// fallocate(2), which glibc's headers show to programs in C only when they ask for GNU's extensions.
@_silgen_name("fallocate")
private func systemFallocate(_ file: Int32, _ mode: Int32, _ offset: off_t, _ count: off_t) -> Int32
