import Advisor
import ArgumentParser
import FileStore
import Glibc

import JSONText
import RuleEngine

struct AdviseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advise",
        abstract: "Decide whether to fine-tune at all, and say why.",
        discussion: """
            Reads the answers, applies the rules and prints the verdict with its sources, the options in their order, \
            what would change it and who says otherwise. Exit code 5 means undecided: the questions that would decide \
            are named.
            """)

    @Option(help: "A YAML file with one `fact: value` per line.")
    var answers: String?

    @Option(help: ArgumentHelp("Set one fact, such as `data.examples=800`; may be repeated.", valueName: "fact=value"))
    var set: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Show every rule that was tried, not only those that decided.")
    var trace = false

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let book = try rules.load()
        var given = Answers(book.vocabulary)
        if let answers { given = try Answers.read(try FileStore().readText(answers), file: answers, book.vocabulary) }
        for setting in set { try given.set(setting) }
        let decision = try Advisor(book).decide(Situation(given))
        let next = nextCommand(decision)
        if json {
            Terminal.data(decision.json(book.sources, next: next).text(.pretty))
        } else {
            let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
            let view = DecisionView(decision: decision, sources: book.sources, next: next, showsTrace: trace, page: page)
            Terminal.data(view.text)
        }
        if decision.verdict == .undecided { throw Outcome(exitCode: .inconclusive) }
    }

    /// A command that can be typed as it stands.
    private func nextCommand(_ decision: Decision) -> String {
        let file = answers.map { " --answers \(shellWord($0))" } ?? ""
        if decision.verdict == .undecided, let fact = decision.unknown.first,
            let definition = decision.situation.facts.vocabulary[fact]
        {
            let settings = set.map { " --set \(shellWord($0))" }.joined()
            return "hone advise\(file)\(settings) --set \(fact)=\(definition.exampleValue)"
        }
        if let answers, answers.hasSuffix("/answers.yaml") {
            return "hone run \(shellWord(String(answers.dropLast("/answers.yaml".count))))"
        }
        return "hone rules why \(decision.decidedBy.first ?? "approach")"
    }
}

extension FactDefinition {
    /// Some legal value, for a command shown as an example.
    fileprivate var exampleValue: String {
        switch kind {
        case .choice, .set: values.first ?? "unknown"
        case .yes_no: "yes"
        case .whole, .number: FactValue.spelled(min(maximum ?? 1000, max(minimum ?? 0, 1000)))
        case .text, .list: "unknown"
        }
    }
}

/// Quotes a word only where a shell would take it apart.
func shellWord(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.utf8.allSatisfy { byte in
        let character = Character(UnicodeScalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber || "_-./=:@%+,".contains(character))
    }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
