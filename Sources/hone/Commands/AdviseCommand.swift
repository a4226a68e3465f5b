import Advisor
import ArgumentParser
import Datasets
import Evaluation
import FileStore
import Foundation
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

    @Option(help: "A YAML file with one `fact: value` per line, or a form that was filled in.")
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

    @Option(
        help: "Write a form (.html or .md) with all questions, to be filled in anywhere; `--answers` reads it back.")
    var form: String?

    @Option(
        help: ArgumentHelp(
            "Also write the one-week experiment: plan, prompt draft, test sheet, labelling page.", valueName: "dir"))
    var experiment: String?

    @Option(help: "Decide many cases: one JSON object of facts per line of this file.")
    var batch: String?

    @Flag(help: "With --batch: print a Markdown table instead of one JSON object per line.")
    var markdown = false

    @Flag(help: "With --batch: search for flips of every case.")
    var flips = false

    @Flag(help: "Measure the cheaper options on held-out rows of --data first; what was measured may overturn the answers.")
    var measure = false

    @Option(
        help: ArgumentHelp(
            "With --measure: a model folder, or `\(ModelLocation.practiceName)`; with --endpoint the model behind it.",
            valueName: "dir"))
    var model = ModelLocation.practiceName

    @OptionGroup var arms: ArmOptions

    @Option(help: "With --measure: the folder that receives the run folder with every answer and the report.")
    var output = "runs"

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        if measure, data.isEmpty { throw ValidationError("--measure needs --data FILE: there is nothing to ask") }
        if !measure, arms.areWanted { throw ValidationError("--arms, --arm and --endpoint go with --measure") }
    }

    func run() throws {
        let book = try rules.load()
        let today = Day(Date())
        let advisor = try Advisor(book, today: today)
        if let batch {
            return try BatchAdvice(advisor: advisor, search: flips ? .flips : .none, asMarkdown: markdown).run(batch)
        }
        if let form { return try write(form: form, book) }
        let profile = try data.isEmpty ? nil : look(book)
        let measured: @Sendable (Answers) -> Situation = { answers in
            var situation = Situation(answers)
            if let profile { situation.look(at: profile) }
            return situation
        }
        let page = Page(
            width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
        let given = try answered(advisor, page, measured)
        var situation = measured(given)
        let options = try measure ? measuredOptions(&situation) : nil
        let decision = advisor.decide(situation)
        let next = nextCommand(decision)
        if let paper { try write(decision, next: next, sources: book.sources, to: paper) }
        if let experiment {
            try write(experiment: advisor.experiment(for: decision), decision, today: today, to: experiment)
        }
        if json {
            Terminal.data(decision.json(book.sources, next: next).text(.pretty))
        } else {
            let view = DecisionView(
                decision: decision, sources: book.sources, next: next, showsTrace: trace, today: today, page: page)
            Terminal.data(view.text)
        }
        if let options { try keep(options.result, decision, given, seconds: options.seconds) }
        if let rows = options?.judged.rowsToSettle {
            Terminal.say("inconclusive: these rows cannot tell whether the target is reached; about \(grouped(rows)) would")
            throw Outcome(exitCode: .inconclusive)
        }
        if decision.verdict == .undecided { throw Outcome(exitCode: .inconclusive) }
    }

    private struct Measured {
        let result: EvaluationResult
        let judged: MeasuredOptions
        let seconds: Double
    }

    /// Measures and hands the facts over; the table goes to the person, not among the data of a pipe.
    private func measuredOptions(_ situation: inout Situation) throws -> Measured {
        let clock = ContinuousClock(), start = clock.now
        let dataset = try DatasetReader().read(paths: data)
        let question = situation.armQuestion
        let command = ArmCommand(
            arms: arms, model: model, threads: sysconf(Int32(_SC_NPROCESSORS_ONLN)), book: rules)
        let result = try command.measure(dataset, question)
        Terminal.say(ArmTable(result: result).text)
        Terminal.say()
        let judged = MeasuredOptions(
            result, target: question.target, modelInQuestion: question.modelInQuestion)
        situation.take(judged)
        return Measured(result: result, judged: judged, seconds: (clock.now - start) / .seconds(1))
    }

    private func keep(_ result: EvaluationResult, _ decision: Decision, _ given: Answers, seconds: Double) throws {
        let keeping = DecisionRun(
            installation: try rules.installation(), book: try rules.load(), honeVersion: Hone.configuration.version,
            command: (["hone"] + CommandLine.arguments.dropFirst().map(shellWord)).joined(separator: " "),
            ruleOptions: rules.typed, now: { Date() })
        let name = FileStore.lastName(of: data[0]).split(separator: ".").first.map(String.init) ?? "decision"
        let kept = try keeping.record(
            Deciding.DecidedCase(decision: decision, dataset: nil, profile: nil), answers: given.yaml, name: name,
            documents: [], output: output, reportFolder: nil, measured: (result, seconds))
        Terminal.say("written: \(kept.report)")
    }

    private func look(_ book: RuleBook) throws -> DatasetProfile {
        let dataset = try DatasetReader().read(paths: data)
        return try DatasetAudit(book: book).profile(dataset)
    }

    /// What is known already is filled in.
    private func write(form path: String, _ book: RuleBook) throws {
        let ending = path.split(separator: ".").last.map(String.init) ?? ""
        guard let format = AnswerForm.Format(rawValue: ending), path.contains(".") else {
            throw UnknownFormFormat(path: path)
        }
        let store = FileStore()
        let name = FileStore.lastName(of: path)
        let known = try stated(Answers(book.vocabulary))
        let form = try AnswerForm(known, book: book, format: format, name: name, try templates(store))
        try store.createFolder(FileStore.folder(of: path))
        try store.write(form.text, to: path)
        Terminal.data(path)
        Terminal.say("next: fill it in, then hone advise --answers \(shellWord(path))" + rules.typed)
    }

    private func write(experiment: Experiment?, _ decision: Decision, today: Day, to folder: String) throws {
        guard let experiment else { throw MissingExperiment() }
        let store = FileStore()
        let kit = try ExperimentKit(experiment, for: decision, today: today, try templates(store))
        try store.createFolder(folder)
        for file in kit.files { try store.write(file.text, to: folder + "/" + file.name) }
        Terminal.say("written: \(folder)/experiment.md")
    }

    private func templates(_ store: FileStore) throws -> ReportTemplates {
        try ReportTemplates(folder: try rules.installation().templates + "/report", store)
    }

    /// The answers of the file, changed by `--set`.
    private func stated(_ empty: Answers) throws -> Answers {
        var given = empty
        if let answers { given = try Answers.read(try FileStore().readText(answers), file: answers, given.vocabulary) }
        for setting in set { try given.set(setting) }
        return given
    }

    /// The answers of the file, changed by `--set`, then completed in an interview where one is wanted and possible.
    private func answered(
        _ advisor: Advisor, _ page: Page, _ measured: @escaping @Sendable (Answers) -> Situation
    ) throws -> Answers {
        var given = try stated(Answers(advisor.book.vocabulary))
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
        let templates = try templates(store)
        let name = FileStore.lastName(of: path)
        let page = try DecisionPaper(decision, sources, next: next, name: name, templates)
        try store.createFolder(FileStore.folder(of: path))
        for file in page.files { try store.write(file.text, to: FileStore.folder(of: path) + "/" + file.name) }
        Terminal.say("written: \(path)")
    }

    /// A command that can be typed as it stands.
    private func nextCommand(_ decision: Decision) -> String {
        let file = ((save ?? answers).map { " --answers \(shellWord($0))" } ?? "") + rules.typed
        if decision.verdict == .undecided, let fact = decision.unknown.first,
            let definition = decision.situation.facts.vocabulary[fact]
        {
            let settings = set.map { " --set \(shellWord($0))" }.joined()
            let files = data.map { " --data \(shellWord($0))" }.joined()
            return "hone advise\(file)\(files)\(settings) --set \(fact)=\(definition.exampleValue)"
        }
        if decision.experiment != nil && experiment == nil {
            let settings = set.map { " --set \(shellWord($0))" }.joined()
            return "hone advise\(file)\(settings) --experiment experiment"
        }
        if let answers, answers.hasSuffix("/answers.yaml") {
            return "hone run \(shellWord(String(answers.dropLast("/answers.yaml".count))))" + rules.typed
        }
        return "hone rules why \(decision.decidedBy.first ?? "approach")" + rules.typed
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

struct UnknownFormFormat: Explained {
    let path: String

    var explanation: Explanation {
        Explanation("a form is .html or .md, not `\(path)`", hint: "write --form answers.html", exitCode: .wrongUsage)
    }
}

struct MissingExperiment: Explained {
    var explanation: Explanation {
        Explanation(
            "the rule book describes no experiment",
            hint: "`tables/experiment.yaml` and `tables/test_sheet.yaml` are read for it")
    }
}

/// Quotes a word only where a shell would take it apart.
func shellWord(_ word: String) -> String {
    let isPlain =
        !word.isEmpty
        && word.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "_-./=:@%+,".contains(character))
        }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
