import ArgumentParser

extension Hone {
    /// Says what went wrong on stderr and ends the process with the code of the contract.
    static func leave(with error: any Error) -> Never {
        switch error {
        case let outcome as Outcome:
            outcome.exitCode.leave()
        case let error where exitCode(for: error).isSuccess:
            Terminal.data(fullMessage(for: error))
            ExitCode.done.leave()
        default:
            let explanation = explanation(of: error)
            Terminal.say(explanation.text)
            explanation.exitCode.leave()
        }
    }

    /// The words for any error: the module's own where there are some, the parser's complaint, or what the error calls itself.
    static func explanation(of error: any Error) -> Explanation {
        if let explained = error as? any Explained { return explained.explanation }
        if exitCode(for: error) == .validationFailure { return usageExplanation(of: error) }
        // An error nobody has worded may describe every row of a file; its beginning is enough to report it.
        return Explanation(String("\(error)".prefix(300)), hint: "this message should have been clearer; please report it")
    }

    /// The parser's own complaint in the shape of every other error.
    private static func usageExplanation(of error: any Error) -> Explanation {
        // The parser ends its message with: See 'hone advise --help' for more information.
        let help = fullMessage(for: error).split(separator: "'").last { $0.hasSuffix("--help") } ?? "hone --help"
        let message = message(for: error)
        return Explanation(
            message.prefix(1).lowercased() + message.dropFirst(), hint: "`\(help)` shows what is accepted",
            exitCode: .wrongUsage)
    }
}
