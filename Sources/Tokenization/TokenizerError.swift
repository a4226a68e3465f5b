/// Why a tokenizer cannot be used, and where in which file.
package enum TokenizerError: Error, Sendable, Hashable {
    case unreadable(path: String, reason: String)
}
