import Advisor
import ArgumentParser
import Datasets
import FileStore
import Glibc
import JSONText
import Publishing
import RuleEngine
import Workflows

struct AdviseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advise",
        abstract: "Decide whether to fine-tune at all, and say why.",
        discussion: """
            Reads the answers, looks into the data, applies the rules and prints the verdict with its sources, the \
            options in their order, what would change it and who says otherwise. Without answers, at a terminal, it \
            asks. Exit code 5 means undecided: the questions that would decide are named.
            """)

    @Option(help: "A YAML file with one `fact: value` per line.")
    var answers: String?

    @Option(help: "Data files to count and audit; what they show replaces what was answered.")
    var data: [String] = []

    @Option(help: ArgumentHelp("Set one fact, such as `data.examples=800`; may be repeated.", valueName: "fact=value"))
    var set: [String] = []

    @Flag(help: "Ask the open questions one by one, even when some answers are given.")
    var ask = false

    @Option(help: "Write the answers to this file; `--answers` replays them.")
    var save: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Show every rule that was tried, not only those that decided.")
    var trace = false

    @Option(help: "Also write the decision as one page for the person who signs, with its cost chart beside it.")
    var paper: String?

    @Option(help: "Decide many cases: one JSON object of facts per line of this file.")
    var batch: String?

    @Flag(help: "With --batch: print a Markdown table instead of one JSON object per line.")
    var markdown = false

    @Flag(help: "With --batch: search for flips of every case.")
    var flips = false

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let book = try rules.load()
        let advisor = try Advisor(book)
        if let batch {
            return try BatchAdvice(advisor: advisor, search: flips ? .flips : .none, asMarkdown: markdown).run(batch)
        }
        let profile = try data.isEmpty ? nil : look(book)
        let measured: @Sendable (Answers) -> Situation = { answers in
            var situation = Situation(answers)
            if let profile { situation.look(at: profile) }
            return situation
        }
        let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
        let given = try answered(advisor, page, measured)
        let decision = advisor.decide(measured(given))
        let next = nextCommand(decision)
        if let paper { try write(decision, next: next, sources: book.sources, to: paper) }
        if json {
            Terminal.data(decision.json(book.sources, next: next).text(.pretty))
        } else {
            let view = DecisionView(decision: decision, sources: book.sources, next: next, showsTrace: trace, page: page)
            Terminal.data(view.text)
        }
        if decision.verdict == .undecided { throw Outcome(exitCode: .inconclusive) }
    }

    private func look(_ book: RuleBook) throws -> DatasetProfile {
        let dataset = try DatasetReader().read(paths: data)
        return try DatasetAudit(book: book).profile(dataset)
    }

    /// The answers of the file, changed by `--set`, then completed in an interview where one is wanted and possible.
    private func answered(
        _ advisor: Advisor, _ page: Page, _ measured: @escaping @Sendable (Answers) -> Situation
    ) throws -> Answers {
        var given = Answers(advisor.book.vocabulary)
        if let answers { given = try Answers.read(try FileStore().readText(answers), file: answers, given.vocabulary) }
        for setting in set { try given.set(setting) }
        let isAlone = answers == nil && set.isEmpty && isatty(STDIN_FILENO) == 1 && Terminal.isInteractive
        if ask || isAlone {
            var interview = Interview(questionnaire: Questionnaire(advisor, given, measured: measured), page: page)
            given = interview.hold()
            Terminal.say()
        }
        if let save { try FileStore().write(given.yaml, to: save) }
        return given
    }

    private func write(_ decision: Decision, next: String, sources: SourceBook, to path: String) throws {
        let store = FileStore()
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        let name = FileStore.lastName(of: path)
        let page = try DecisionPaper(decision, sources, next: next, name: name, templates)
        try store.createFolder(FileStore.folder(of: path))
        for file in page.files { try store.write(file.text, to: FileStore.folder(of: path) + "/" + file.name) }
        Terminal.say("written: \(path)")
    }

    /// A command that can be typed as it stands.
    private func nextCommand(_ decision: Decision) -> String {
        let file = (save ?? answers).map { " --answers \(shellWord($0))" } ?? ""
        if decision.verdict == .undecided, let fact = decision.unknown.first,
            let definition = decision.situation.facts.vocabulary[fact]
        {
            let settings = set.map { " --set \(shellWord($0))" }.joined()
            let files = data.map { " --data \(shellWord($0))" }.joined()
            return "hone advise\(file)\(files)\(settings) --set \(fact)=\(definition.exampleValue)"
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
