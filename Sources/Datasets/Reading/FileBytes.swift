import FileStore
import Glibc

/// The bytes of a data file, unpacked, and what they show about the file.
///
/// A file is mapped, not read: the system may take its pages back, so a large file costs no memory of its own.
struct FileBytes: Sendable {
    private enum Storage: Sendable {
        case memory([UInt8])
        case mapped(MappedFile)
    }

    private let storage: Storage
    private(set) var notes: [SourceFile.Note] = []

    /// `-` reads standard input. What comes through a pipe is spooled to disk first.
    init(path: String) throws(DatasetError) {
        let name = path == "-" ? "/dev/stdin" : path
        var status = stat()
        guard stat(name, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        if status.st_mode & S_IFMT == S_IFDIR { throw .unreadable(path: path, errno: EISDIR) }
        var spool: SpoolFile?
        if status.st_mode & S_IFMT != S_IFREG {
            let descriptor = open(name, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
            defer { close(descriptor) }
            let own = try SpoolFile()
            try own.fill(from: descriptor, named: path)
            spool = own
        }
        var file = try Self.map(spool?.path ?? name, named: path)
        if let program = Self.decompressor(of: file.bytes) {
            notes.append(.compressed(with: program))
            let unpacked = try SpoolFile()
            try Decompression(program: program, path: path).unpack(spool?.path ?? name, into: unpacked)
            file = try Self.map(unpacked.path, named: path)
            withExtendedLifetime(unpacked) {}
        }
        withExtendedLifetime(spool) {}
        if let unsupported = Self.unsupported(file.bytes) { throw .unsupportedFormat(path: path, unsupported) }
        if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { notes.append(.byteOrderMark) }
        storage = .mapped(file)
    }

    /// For tests and for rows that are already in memory.
    init(bytes: [UInt8]) {
        storage = .memory(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { notes.append(.byteOrderMark) }
    }

    var count: Int {
        switch storage {
        case .memory(let bytes): bytes.count
        case .mapped(let file): file.bytes.count
        }
    }

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch storage {
        case .memory(let bytes): bytes.withUnsafeBufferPointer(body)
        case .mapped(let file): withExtendedLifetime(file) { body(file.bytes.bindMemory(to: UInt8.self)) }
        }
    }

    /// Lets go of the memory behind bytes that will not be needed again soon; they are read from disk if they are.
    func release(_ range: Range<Int>) {
        if case .mapped(let file) = storage { file.release(range) }
    }

    /// Where the text begins.
    var start: Int { notes.contains(.byteOrderMark) ? 3 : 0 }

    private static func map(_ file: String, named path: String) throws(DatasetError) -> MappedFile {
        do throws(FileStoreError) {
            return try MappedFile(path: file)
        } catch {
            guard case .failed(_, _, let code) = error else { throw .unreadable(path: path, errno: EIO) }
            throw .unreadable(path: path, errno: code)
        }
    }

    private static func decompressor(of bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.starts(with: [0x1F, 0x8B]) { return "gzip" }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
        return nil
    }

    private static func unsupported(_ bytes: UnsafeRawBufferPointer) -> DatasetError.Unsupported? {
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
