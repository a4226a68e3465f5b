internal import Glibc

/// A file's content as memory, read by the system when it is touched and never copied.
///
/// Read-only and private. A file that shrinks while it is mapped kills the process (SIGBUS): hone replaces files by
/// renaming and never shortens them.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    /// Valid as long as this object lives; whoever keeps the pointer keeps the object.
    package let bytes: UnsafeRawBufferPointer

    package init(path: String) throws(FileStoreError) {
        self.path = path
        let file = try OpenFile(path, O_RDONLY, store: FileStore())
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { throw .failed(.inspect, path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .failed(.map, path: path, errno: EISDIR) }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0), start != MAP_FAILED else {
            throw .failed(.map, path: path, errno: errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Lets go of the whole pages behind bytes that will not be needed again soon; they are read from disk if they are.
    package func release(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page, end = range.upperBound / page * page
        guard let base = bytes.baseAddress, end > start else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
