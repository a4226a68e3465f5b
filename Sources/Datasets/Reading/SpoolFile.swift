import Glibc

/// A file on disk for bytes that come through a pipe: data may be larger than memory, a pipe cannot be read twice.
///
/// Its name is removed with the object; what is mapped stays readable.
final class SpoolFile {
    let path: String
    let descriptor: Int32

    init() throws(DatasetError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var name = Array((folder + "/hone-XXXXXX").utf8CString)
        descriptor = mkstemp(&name)
        path = name.withUnsafeBufferPointer { name in name.baseAddress.map { String(cString: $0) } ?? folder }
        guard descriptor >= 0 else { throw .noRoomToSpool(folder: folder, errno: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Everything that `source` still has.
    func fill(from source: Int32, named name: String) throws(DatasetError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: name, errno: errno) }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let wrote = buffer.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, count - written)
                }
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else { throw .noRoomToSpool(folder: path, errno: errno) }
                written += wrote
            }
        }
    }
}
