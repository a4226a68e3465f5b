/// Why a template cannot be read or rendered, and where in it.
package enum ChatTemplateError: Error, Sendable, Hashable {
    case notRendered(reason: String)
}
