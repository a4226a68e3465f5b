import Glibc

/// The data files behind the paths a person gave.
package enum DataFolder {
    private static let endings = [".jsonl", ".ndjson", ".json", ".csv", ".tsv"]

    package static func files(of paths: [String]) throws(DatasetError) -> [String] {
        var files: [String] = []
        for path in paths {
            guard isFolder(path) else {
                files.append(path)
                continue
            }
            let names = try names(in: path)
            let found = names.filter { isData($0) && !isBeside($0, names) }.sorted().map {
                path.hasSuffix("/") ? path + $0 : path + "/" + $0
            }
            guard !found.isEmpty else { throw .noDataFiles(folder: path, looked: endings) }
            files += found
        }
        return files
    }

    private static func isData(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasPrefix(".")
            && endings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") || name.hasSuffix($0 + ".zst") }
    }

    /// What hone writes beside data: a split's manifest, the rows of the test part that are real once more, ledgers of
    /// repairs.
    private static func isBeside(_ name: String, _ names: [String]) -> Bool {
        name == SplitFiles.manifestName || name.hasSuffix(DatasetRepair.ledgerEnding)
            || name == SplitFiles.realTestName && names.contains("test.jsonl")
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }

    private static func names(in folder: String) throws(DatasetError) -> [String] {
        guard let handle = opendir(folder) else { throw .unreadable(path: folder, errno: errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
