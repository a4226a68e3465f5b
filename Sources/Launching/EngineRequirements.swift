package import FileStore
package import Plan

/// The Python packages an engine needs, as pip reads them: one `name==version` or `name>=version` per line.
package struct EngineRequirements: Sendable, Hashable {
    package static let fileName = "requirements.txt"

    package struct Package: Sendable, Hashable {
        package let name: String
        package let version: String
        /// Only this minor version will do; otherwise this one or a later.
        package let isExact: Bool

        package var spelling: String { (isExact ? "==" : ">=") + version }

        /// By the first two numbers: a patch changes no behaviour that counts here.
        package func accepts(_ found: String) -> Bool {
            let wanted = Package.minor(version), found = Package.minor(found)
            return isExact ? found == wanted : !found.lexicographicallyPrecedes(wanted)
        }

        private static func minor(_ version: String) -> [Int] {
            version.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        }
    }

    package let packages: [Package]

    package init(text: String) {
        packages = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#") else { return nil }
            for (mark, isExact) in [("==", true), (">=", false)] {
                let parts = String(line).split(separator: mark, maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                if parts.count == 2, line.contains(mark) {
                    return Package(name: parts[0], version: parts[1], isExact: isExact)
                }
            }
            return nil
        }
    }

    /// What every run needs, and what the plan's method and strategy add to it.
    package static func text(
        for plan: RunPlan, templates: String, _ store: FileStore
    ) throws(FileStoreError) -> String {
        var files = [fileName]
        if plan.method.kind == .qlora { files.append("requirements-qlora.txt") }
        if plan.launch.strategy == .zero2 || plan.launch.strategy == .zero3 {
            files.append("requirements-deepspeed.txt")
        }
        var text = ""
        for file in files { text += try store.readText(templates + "/engine/" + file) }
        return text
    }
}
