import ArgumentParser

extension Hone {
    /// Says what went wrong on stderr and ends the process with the code of the contract.
    static func leave(with error: any Error) -> Never {
        switch error {
        case let outcome as Outcome:
            outcome.exitCode.leave()
        case let explained as any Explained:
            let explanation = explained.explanation
            Terminal.say(explanation.text)
            explanation.exitCode.leave()
        case let error where exitCode(for: error).isSuccess:
            Terminal.data(fullMessage(for: error))
            ExitCode.done.leave()
        case let error where exitCode(for: error) == .validationFailure:
            Terminal.say(usageExplanation(of: error).text)
            ExitCode.wrongUsage.leave()
        default:
            Terminal.say(Explanation("\(error)").text)
            ExitCode.failed.leave()
        }
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
