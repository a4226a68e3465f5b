import FileStore
import Glibc

extension FileStoreError: Explained {
    var explanation: Explanation {
        switch self {
        case .failed(let operation, let path, let number):
            Explanation(
                "cannot \(operation.words) \(path): \(String(cString: strerror(number)))", hint: hint(operation, path, number))
        case .notText(let path, let offset):
            Explanation(
                "\(path) is not UTF-8 text", causes: ["the byte at offset \(offset) belongs to no character"],
                hint: "convert it: iconv -t UTF-8 \(shellWord(path))")
        }
    }

    private func hint(_ operation: FileOperation, _ path: String, _ number: Int32) -> String {
        switch number {
        case ENOENT: "check the spelling; paths start in the folder hone is run from"
        case EACCES, EPERM: "ask for the right to use it, or choose another place"
        case ENOSPC, EDQUOT, EFBIG: "free some space; what was saved before is intact"
        case EISDIR: "it is a folder where a file is needed"
        case EROFS: "the disk is read-only; choose another place"
        default: "\(operation.rawValue) failed with system error \(number)"
        }
    }
}

extension FileOperation {
    fileprivate var words: String {
        switch self {
        case .open, .read, .write, .sync, .rename, .remove, .list, .map: rawValue
        case .createFolder: "create the folder"
        case .syncFolder: "secure the folder"
        case .inspect: "look at"
        }
    }
}

extension InstallationError: Explained {
    var explanation: Explanation {
        switch self {
        case .notFound(let looked):
            Explanation(
                "hone's rules and templates were not found", causes: ["looked in: " + looked.joined(separator: ", ")],
                hint: "set HONE_HOME to the folder that holds rules/ and templates/")
        case .noRules(let path):
            Explanation("there is no rule folder \(path)", hint: "check the path behind --rules", exitCode: .wrongUsage)
        }
    }
}
