import ArgumentParser
import FileStore
import Foundation
import RuleEngine

/// Which rule book to use.
struct RuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The rule folder to use instead of the one hone came with.", valueName: "dir"))
    var rules: String?

    func load(withCases: Bool = false) throws -> RuleBook {
        let folder = try RuleFolder(path: try rules ?? installation().rules)
        let cache = RuleBookCache(environment: ProcessInfo.processInfo.environment)
        return try RuleBook.load(folder, withCases: withCases, cache: cache)
    }

    /// Where rules, templates and the embedded model lie.
    func installation() throws -> Installation {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return try Installation.find(rules: rules, environment: ProcessInfo.processInfo.environment, executable: executable)
    }
}
