import ArgumentParser
import Foundation
import RuleEngine

/// Which rule book to use.
struct RuleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The rule folder to use instead of the one hone came with.", valueName: "dir"))
    var rules: String?

    func load(withCases: Bool = false) throws -> RuleBook {
        try RuleBook.load(RuleFolder(path: try folder()), withCases: withCases)
    }

    private func folder() throws -> String {
        if let rules { return rules }
        return "rules"
    }
}

/// The text of a file, or an error that says why not.
func readText(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else { throw UnreadableFile(path: path) }
    guard let text = String(validating: data, as: UTF8.self) else { throw UnreadableFile(path: path, isText: false) }
    return text
}

struct UnreadableFile: Explained {
    let path: String
    var isText = true

    var explanation: Explanation {
        guard isText else { return Explanation("\(path) is not UTF-8 text", hint: "save it as UTF-8", exitCode: .failed) }
        return Explanation("\(path) cannot be read", causes: [String(cString: strerror(errno))], hint: "check the path and its permissions")
    }
}
