import Foundation

/// The files of a rule folder, read but not yet understood.
package struct RuleFolder: Sendable {
    package let path: String
    /// Name relative to the folder (`decisions/approach.yaml`) and content, sorted by name.
    package let files: [(name: String, text: String)]

    /// Reads every `.yaml` file below `path`, following ordinary symlinks.
    package init(path: String) throws(RuleBookError) {
        let manager = FileManager.default
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
            throw .unreadable(path: path, problem: "there is no such folder")
        }
        guard let names = manager.enumerator(atPath: root)?.compactMap({ $0 as? String }) else {
            throw .unreadable(path: path, problem: "the folder cannot be listed")
        }
        var files: [(name: String, text: String)] = []
        for name in names.sorted() where name.hasSuffix(".yaml") {
            guard let data = manager.contents(atPath: root + "/" + name) else {
                throw .unreadable(path: path + "/" + name, problem: "the file cannot be read")
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw .unreadable(path: path + "/" + name, problem: "the file is not UTF-8 text")
            }
            files.append((name, text))
        }
        guard !files.isEmpty else { throw .empty(folder: path) }
        self.path = path
        self.files = files
    }

    /// Files given in memory, for tests and for an organisation's overlay.
    package init(path: String, files: [(name: String, text: String)]) {
        self.path = path
        self.files = files.sorted { $0.name < $1.name }
    }
}

extension RuleFolder {
    /// Names and contents in one number; two folders with the same fingerprint decide alike.
    package var fingerprint: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for file in files {
            for byte in file.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            for byte in file.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
