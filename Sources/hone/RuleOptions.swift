import ArgumentParser
import FileStore
import Foundation
import RuleEngine

/// Which rule book to use.
struct RuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The rule folder to use instead of the one hone came with.", valueName: "dir"))
    var rules: String?

    func load(withCases: Bool = false) throws -> RuleBook {
        let environment = ProcessInfo.processInfo.environment
        let folder = try RuleFolder(path: try rules ?? Self.shippedFolder(environment))
        return try RuleBook.load(folder, withCases: withCases, cache: RuleBookCache(environment: environment))
    }

    private static func shippedFolder(_ environment: [String: String]) throws -> String {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return try Installation.find(environment: environment, executable: executable).rules
    }
}
