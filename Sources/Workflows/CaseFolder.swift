package import FileStore

/// A team's case as a folder: answers, data, and for retrieval the documents.
///
/// `answers.yaml` may be missing (then nothing was answered); data is every `data.*` file, or when there is none, every
/// data file of the folder; `documents/` holds what a retrieval would search.
package struct CaseFolder: Sendable, Hashable {
    package let path: String
    package let answers: String?
    package let data: [String]
    package let documents: [String]

    /// Spellings `DatasetReader` opens.
    private static let dataEndings = [".jsonl", ".json", ".csv", ".tsv"]

    package init(path: String, store: FileStore = FileStore()) throws(CaseFolderError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        guard store.isFolder(path) else { throw .notAFolder(path: path) }
        do {
            let names = try store.list(path)
            answers = names.contains("answers.yaml") ? path + "/answers.yaml" : nil
            let files = names.filter { name in
                Self.dataEndings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") || name.hasSuffix($0 + ".zst") }
            }
            let named = files.filter { $0.hasPrefix("data.") }
            data = (named.isEmpty ? files : named).map { path + "/" + $0 }
            let folder = path + "/documents"
            documents = store.isFolder(folder) ? try store.list(folder).map { folder + "/" + $0 }.filter(store.isFile) : []
        } catch {
            throw .file(error)
        }
        if answers == nil, data.isEmpty { throw .nothingInIt(path: path) }
    }

    /// The folder's own name, for run ids and titles.
    package var name: String { FileStore.lastName(of: path) }
}

/// Why a folder is not a case.
package enum CaseFolderError: Error, Sendable, Hashable {
    case notAFolder(path: String)
    /// Neither answers nor data.
    case nothingInIt(path: String)
    case file(FileStoreError)
}
