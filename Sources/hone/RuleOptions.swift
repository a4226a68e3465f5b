import ArgumentParser
import FileStore
import Foundation
import RuleEngine

/// Where rules, templates and the embedded model lie.
struct InstallationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The rule folder to use instead of the one hone came with.", valueName: "dir"))
    var rules: String?

    func installation() throws -> Installation {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return try Installation.find(
            rules: rules, environment: ProcessInfo.processInfo.environment, executable: executable)
    }
}

/// Which rule book to decide with.
struct RuleOptions: ParsableArguments {
    @OptionGroup var place: InstallationOptions

    @Option(
        help: ArgumentHelp(
            "A folder with your organisation's overlay.yaml: its thresholds, prices and rules on top.", valueName: "dir"
        ))
    var overlay: String?

    var rules: String? { place.rules }

    /// The options as typed, to stand behind a command that is to decide by the same rules.
    var typed: String {
        (rules.map { " --rules \(shellWord($0))" } ?? "") + (overlay.map { " --overlay \(shellWord($0))" } ?? "")
    }

    func load(withCases: Bool = false) throws -> RuleBook {
        let folder = try RuleFolder(path: try rules ?? installation().rules)
        let cache = RuleBookCache(environment: ProcessInfo.processInfo.environment)
        let above = try overlay.map { try RuleFolder(path: $0) }
        return try RuleBook.load(folder, overlay: above, withCases: withCases, cache: cache)
    }

    func installation() throws -> Installation { try place.installation() }
}
