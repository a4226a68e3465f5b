package import FileStore
package import JSONText

/// Why a tokenizer cannot be used: which file, where in it, and the value found there.
package enum TokenizerError: Error, Sendable, Hashable {
    case unreadable(FileStoreError)
    case notJSON(file: String, JSONSyntaxError)
    case missing(Place)
    case wrongKind(Place, found: JSONValue.Kind, wanted: JSONValue.Kind)
    /// A component, option or pattern of the file that hone cannot follow exactly. Guessing would change ids silently.
    case unsupported(Place, value: String)
    /// A merge, a post-processor or a role names a token that no vocabulary entry has.
    case unknownToken(Place, token: String)
    /// Ids are whole numbers from 0 to 2^31 - 1.
    case badID(Place, token: String, value: String)
    /// Two tokens claim one id, so decoding could not tell them apart.
    case sameID(Place, token: String, other: String, id: Int)
    case outOfMemory(file: String)

    /// A key path such as `model.merges[17]` in a file.
    package struct Place: Sendable, Hashable, CustomStringConvertible {
        package var file: String
        package var path: String

        package init(file: String, path: String) {
            self.file = file
            self.path = path
        }

        package var description: String { path.isEmpty ? file : "\(file): \(path)" }
    }
}
