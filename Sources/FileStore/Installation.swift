/// The folder that holds `rules/`, `templates/` and `models/`.
package struct Installation: Sendable, Hashable {
    package let home: String
    /// `home/rules` unless the person named another folder.
    package let rules: String

    package var templates: String { home + "/templates" }
    package var models: String { home + "/models" }
    package var examples: String { home + "/examples" }

    package init(home: String, rules: String? = nil) {
        self.home = home
        self.rules = rules ?? home + "/rules"
    }

    /// Looks where `HONE_HOME` points, then upward from the executable (a checkout), then in `../share/hone` (installed).
    ///
    /// `HONE_HOME` that points nowhere is an error and not a reason to look on: whoever set it meant it.
    /// - Parameter executable: The path of the running binary without symbolic links.
    package static func find(
        rules: String? = nil, environment: [String: String], executable: String, store: FileStore = FileStore()
    ) throws(InstallationError) -> Installation {
        if let rules, !store.isFolder(rules) { throw .noRules(path: rules) }
        func isHome(_ path: String) -> Bool { store.isFolder(path + "/rules") && store.isFolder(path + "/templates") }
        if let named = environment["HONE_HOME"], !named.isEmpty {
            guard isHome(named) else { throw .notFound(looked: [named]) }
            return Installation(home: named, rules: rules)
        }
        let candidates = places(around: executable)
        guard let home = candidates.first(where: isHome) else { throw .notFound(looked: candidates) }
        return Installation(home: home, rules: rules)
    }

    private static func places(around executable: String) -> [String] {
        var above: [String] = []
        var folder = FileStore.folder(of: executable)
        let installed = FileStore.folder(of: folder) + "/share/hone"
        while folder != "/" && folder != "." {
            above.append(folder)
            folder = FileStore.folder(of: folder)
        }
        return above + [installed]
    }
}

package enum InstallationError: Error, Sendable, Hashable {
    /// None of these folders holds `rules` and `templates`.
    case notFound(looked: [String])
    /// The folder given for the rules is not there.
    case noRules(path: String)
}
