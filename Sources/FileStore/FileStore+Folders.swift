internal import Glibc

extension FileStore {
    /// Makes the folder and those above it; one that is there already is fine.
    package func createFolder(_ path: String) throws(FileStoreError) {
        if isFolder(path) { return }
        let parent = Self.folder(of: path)
        if parent != path && !isFolder(parent) { try createFolder(parent) }
        try check(.createFolder, path)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST && isFolder(path) else {
            throw .failed(.createFolder, path: path, errno: errno)
        }
        try syncFolder(parent)
    }

    /// Names in the folder, sorted, without `.` and `..`.
    package func list(_ path: String) throws(FileStoreError) -> [String] {
        guard let folder = opendir(path) else { throw .failed(.list, path: path, errno: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

    package func isFile(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    private func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    package func size(ofFile path: String) throws(FileStoreError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .failed(.inspect, path: path, errno: errno) }
        return Int(status.st_size)
    }

    /// Bytes of a file, or of all files in a folder and below; 0 for what is not there.
    package func sizeOfContent(_ path: String) -> Int {
        guard isFolder(path) else { return (try? size(ofFile: path)) ?? 0 }
        return ((try? list(path)) ?? []).reduce(0) { $0 + sizeOfContent(path + "/" + $1) }
    }

    /// Bytes an ordinary user may still write to the disk that holds `path`; nil when the system does not say.
    package func freeSpace(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail)) * Int(clamping: UInt64(status.f_frsize))
    }

    /// Gives a file or folder another name on the same disk, durably; a file in the way is replaced.
    package func rename(_ path: String, to newPath: String) throws(FileStoreError) {
        try check(.rename, newPath)
        guard Glibc.rename(path, newPath) == 0 else { throw .failed(.rename, path: newPath, errno: errno) }
        try syncFolder(Self.folder(of: newPath))
    }

    package func copyFile(_ path: String, to newPath: String) throws(FileStoreError) {
        let source = try OpenFile(path, O_RDONLY, store: self)
        let writer = try writer(to: newPath)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try source.read(into: &chunk)
            guard count > 0 else { break }
            try writer.write(Array(chunk[..<count]))
        }
        try writer.commit()
    }

    /// Removes a file, or a folder with everything in it. What is not there needs no removing.
    package func remove(_ path: String) throws(FileStoreError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .failed(.inspect, path: path, errno: errno)
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder {
            for name in try list(path) { try remove(path + "/" + name) }
        }
        try check(.remove, path)
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 else { throw .failed(.remove, path: path, errno: errno) }
    }

    /// Fills a folder beside `path` and gives it its name when `fill` has returned: it is there as a whole or not at all.
    ///
    /// A folder already at `path` is replaced; between its removal and the rename there is a moment with neither.
    package func publishFolder<Failure>(
        _ path: String, fill: (_ temporaryPath: String) throws(Failure) -> Void
    ) throws {
        let temporary = Self.folder(of: path) + "/." + Self.lastName(of: path) + ".partial"
        try remove(temporary)
        try createFolder(temporary)
        do {
            try fill(temporary)
            try syncFolder(temporary)
            try remove(path)
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
    }

    func syncFolder(_ path: String) throws(FileStoreError) {
        try check(.syncFolder, path)
        let folder = try OpenFile(path, O_RDONLY | O_DIRECTORY, store: FileStore())
        guard fsync(folder.descriptor) == 0 else { throw .failed(.syncFolder, path: path, errno: errno) }
    }

    /// The path without its last name; `.` for a bare name.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func lastName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
