import Glibc

/// The bytes of a data file, unpacked, and what they show about the file.
struct FileBytes {
    var bytes: [UInt8]
    var notes: [SourceFile.Note] = []

    /// `-` reads standard input.
    init(path: String) throws(DatasetError) {
        if path == "-" {
            bytes = try Self.read(descriptor: STDIN_FILENO, path: path)
        } else {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
            defer { close(descriptor) }
            bytes = try Self.read(descriptor: descriptor, path: path)
        }
        if let program = Self.decompressor(of: bytes) {
            notes.append(.compressed(with: program))
            bytes = try Decompression(program: program, path: path).output(of: bytes)
        }
        if let unsupported = Self.unsupported(bytes, path: path) { throw .unsupportedFormat(path: path, unsupported) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { notes.append(.byteOrderMark) }
    }

    /// For tests and for rows that are already in memory.
    init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { notes.append(.byteOrderMark) }
    }

    /// Where the text begins.
    var start: Int { notes.contains(.byteOrderMark) ? 3 : 0 }

    private static func read(descriptor: Int32, path: String) throws(DatasetError) -> [UInt8] {
        var status = stat()
        let expected = fstat(descriptor, &status) == 0 && status.st_size > 0 ? Int(status.st_size) : 0
        if (status.st_mode & S_IFMT) == S_IFDIR { throw .unreadable(path: path, errno: EISDIR) }
        var bytes: [UInt8] = []
        var failure: Int32 = 0
        // One byte more than expected, so that the end of a regular file is seen without growing.
        var room = max(expected + 1, 1 << 16)
        while failure == 0 {
            let before = bytes.count
            bytes.reserveCapacity(before + room)
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                while count < room {
                    let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, room - count)
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { failure = errno }
                    guard got > 0 else { return }
                    count += got
                }
            }
            if before == 0 { bytes = chunk } else { bytes += chunk }
            if chunk.count < room { break }
            room = bytes.count
        }
        guard failure == 0 else { throw .unreadable(path: path, errno: failure) }
        return bytes
    }

    private static func decompressor(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x1F, 0x8B]) { return "gzip" }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
        return nil
    }

    private static func unsupported(_ bytes: [UInt8], path: String) -> DatasetError.Unsupported? {
        if bytes.starts(with: "PAR1".utf8) { return .parquet }
        if bytes.starts(with: "ARROW1".utf8) { return .arrow }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .excel }
        if bytes.starts(with: [0xFF, 0xFE, 0x00, 0x00]) || bytes.starts(with: [0x00, 0x00, 0xFE, 0xFF]) {
            return .utf32
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .utf16 }
        // Without a mark: every second byte of ASCII text is zero.
        if bytes.count >= 4, bytes[0] == 0, bytes[1] != 0 || bytes[1] == 0 && bytes[2] == 0 {
            return bytes[1] == 0 ? .utf32 : .utf16
        }
        if bytes.count >= 4, bytes[0] != 0, bytes[1] == 0 { return bytes[2] == 0 ? .utf32 : .utf16 }
        return nil
    }
}
