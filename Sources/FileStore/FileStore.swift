internal import Glibc

/// Files as the rest of hone needs them: whole, or as they were before.
///
/// Everything that changes a file goes through here, so that a full disk, a kill or a power cut leaves either the old
/// content or the new one, and so that a test can make each single operation fail.
package struct FileStore: Sendable {
    /// Asked before each operation that changes something; what it returns happens instead.
    package typealias FaultHook = @Sendable (FileOperation, _ path: String) -> FileFault?

    let fault: FaultHook?

    package init() { fault = nil }
    package init(fault: @escaping FaultHook) { self.fault = fault }

    /// Replaces the file: written beside it, synced, renamed over it, and the folder synced.
    package func write(_ bytes: [UInt8], to path: String) throws(FileStoreError) {
        let writer = try writer(to: path)
        try writer.write(bytes)
        try writer.commit()
    }

    package func write(_ text: String, to path: String) throws(FileStoreError) { try write(Array(text.utf8), to: path) }

    /// A file that appears under its name only when all of it is written and `commit` was called.
    package func writer(to path: String) throws(FileStoreError) -> FileWriter {
        try FileWriter(path: path, store: self)
    }

    package func read(_ path: String) throws(FileStoreError) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY, store: self)
        var bytes: [UInt8] = []
        // Small files in a chunk of their own size: filling a large one takes longer than reading them.
        var chunk = [UInt8](repeating: 0, count: min(max(file.size, 1 << 12), 1 << 18))
        while true {
            let count = try file.read(into: &chunk)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// The file as text; a byte that is not UTF-8 is an error, never a replacement character.
    package func readText(_ path: String) throws(FileStoreError) -> String {
        let bytes = try read(path)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw .notText(path: path, byteOffset: Self.firstInvalidByte(of: bytes))
    }

    private static func firstInvalidByte(of bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }

    /// The fingerprint of a file's content, read in pieces.
    package func fingerprint(ofFile path: String) throws(FileStoreError) -> Fingerprint {
        let file = try OpenFile(path, O_RDONLY, store: self)
        var digest = FingerprintBuilder()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try file.read(into: &chunk)
            guard count > 0 else { return digest.fingerprint }
            chunk.withUnsafeBytes { digest.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// Throws what the hook wants to see fail.
    func check(_ operation: FileOperation, _ path: String) throws(FileStoreError) {
        switch fault?(operation, path) {
        case nil: break
        case .fail(let code), .tear(_, let code): throw .failed(operation, path: path, errno: code)
        }
    }
}

/// A descriptor that closes itself and retries interrupted calls.
final class OpenFile {
    let descriptor: Int32
    let path: String
    let store: FileStore

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o644, store: FileStore) throws(FileStoreError) {
        let isWriting = flags & (O_WRONLY | O_RDWR) != 0
        if isWriting { try store.check(.open, path) }
        descriptor = open(path, flags | O_CLOEXEC, mode)
        self.path = path
        self.store = store
        guard descriptor >= 0 else { throw .failed(.open, path: path, errno: errno) }
    }

    deinit { close(descriptor) }

    /// Bytes as the file system says; 0 for what has no size, such as a pipe.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    func read(into chunk: inout [UInt8]) throws(FileStoreError) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno != EINTR { throw .failed(.read, path: path, errno: errno) }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileStoreError) {
        var rest = bytes
        let fault = store.fault?(.write, path)
        if case .tear(let count, _) = fault { rest = UnsafeRawBufferPointer(rebasing: bytes.prefix(count)) }
        if case .fail(let code) = fault { throw .failed(.write, path: path, errno: code) }
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .failed(.write, path: path, errno: errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        if case .tear(_, let code) = fault { throw .failed(.write, path: path, errno: code) }
    }

    func sync(as operation: FileOperation = .sync) throws(FileStoreError) {
        try store.check(operation, path)
        guard fsync(descriptor) == 0 else { throw .failed(operation, path: path, errno: errno) }
    }
}
