import Glibc

/// An error that can be said to a person. Each file in `Wording/` makes one module's errors conform.
protocol Explained: Error {
    var explanation: Explanation { get }
}

/// What went wrong, why, and the one thing to do about it.
struct Explanation: Sendable, Hashable {
    /// Lower case, with the value and the place, no full stop: it follows `error: `.
    let what: String
    /// From the nearest cause to the deepest; each becomes an indented line.
    let causes: [String]
    let hint: String?
    let exitCode: ExitCode

    init(_ what: String, causes: [String] = [], hint: String? = nil, exitCode: ExitCode = .failed) {
        self.what = what
        self.causes = causes
        self.hint = hint
        self.exitCode = exitCode
    }

    /// `error: …`, indented causes, a blank line, `hint: …`.
    var text: String {
        var lines = ["error: " + what]
        lines += causes.map { "  " + $0 }
        if let hint { lines += ["", "hint: " + hint] }
        return lines.joined(separator: "\n")
    }
}

/// What the process tells its caller.
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case wrongUsage = 2
    case gateSaysNo = 3
    case doesNotFit = 4
    case inconclusive = 5
    case interrupted = 130

    /// Ends the process.
    func leave() -> Never { exit(rawValue) }
}

/// A command finished its work and the answer is not "done": ends the process with the code and says nothing more.
struct Outcome: Error {
    let exitCode: ExitCode
}
