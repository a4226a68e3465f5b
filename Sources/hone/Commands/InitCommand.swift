import Advisor
import ArgumentParser
import Datasets
import FileStore
import Foundation
import RuleEngine
import Workflows

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a project folder from a data file: look at the rows, ask six questions, give a first verdict.",
        discussion: """
            The folder holds a copy of the data and an answers.yaml; every other command takes it from there. Each \
            question may be answered `unknown`. Without a terminal the answers are read from standard input, one per line.
            """)

    @Argument(help: "The data file.")
    var data: String

    @Argument(help: "The folder to make; named after the file when left out.")
    var folder: String?

    @Option(
        help: ArgumentHelp("Answer one question beforehand, such as `data.can_get_more=yes`.", valueName: "fact=value"))
    var set: [String] = []

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let store = FileStore(), book = try rules.load()
        let target = try emptyFolder(store)
        let dataset = try DatasetReader().read(paths: [data])
        let profile = try DatasetAudit(book: book).profile(dataset)
        let page = Page(width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour)
        for line in AuditView(profile: profile, page: page, next: "").header { Terminal.say(line) }
        let answers = try self.answers(book, profile, page)

        try store.createFolder(target)
        let name = "data" + ending(of: FileStore.lastName(of: data))
        try store.copyFile(data, to: target + "/" + name)
        try store.write(heading + answers.yaml, to: target + "/answers.yaml")

        var situation = Situation(answers)
        situation.look(at: profile)
        let decision = try Advisor(book).decide(situation)
        Terminal.say()
        Terminal.data("\(target): \(name), answers.yaml")
        Terminal.data("first verdict: \(decision.verdict.rawValue) (\(decision.confidence.rawValue))")
        for reason in decision.reasons.prefix(2) { Terminal.data("  " + reason.rule.title) }
        Terminal.say("next: \(next(decision, target, profile))")
    }

    /// The questions of rules/tables/first_questions.yaml that neither the data nor `--set` has answered.
    private func answers(_ book: RuleBook, _ profile: DatasetProfile, _ page: Page) throws -> Answers {
        var given = Answers(book.vocabulary)
        for setting in set { try given.set(setting) }
        let measured: @Sendable (Answers) -> Situation = { answers in
            var situation = Situation(answers)
            situation.look(at: profile)
            return situation
        }
        let facts = book.table("first_questions")?.rows.map(\.id) ?? []
        let questionnaire = Questionnaire(try Advisor(book), given, measured: measured)
        var interview = Interview(questionnaire: questionnaire, page: page)
        return interview.hold(only: facts)
    }

    private func next(_ decision: Decision, _ target: String, _ profile: DatasetProfile) -> String {
        if !profile.blocking.isEmpty { return "hone audit \(shellWord(target))" }
        let answers = shellWord(target + "/answers.yaml")
        if decision.verdict == .undecided {
            return "hone advise --answers \(answers) --data \(shellWord(target)) --ask --save \(answers)"
        }
        return decision.verdict.trains ? "hone plan \(shellWord(target))" : "hone run \(shellWord(target))"
    }

    private var heading: String {
        "# What is known about the case, one `fact: value` per line; a missing line means unknown.\n"
            + "# `hone rules list --facts` shows every fact, `hone advise --ask` asks for those that matter.\n"
    }

    /// The folder named, or one named after the file beside it; what lies there already is never written over.
    private func emptyFolder(_ store: FileStore) throws -> String {
        let stem = FileStore.lastName(of: data).prefix { $0 != "." }
        let target = folder ?? (stem.isEmpty ? "project" : String(stem))
        if store.isFile(target) { throw FolderInTheWay(path: target) }
        if store.isFolder(target), try !store.list(target).isEmpty { throw FolderInTheWay(path: target) }
        return target
    }

    /// `.jsonl`, `.csv.gz`: from the first dot on.
    private func ending(of name: String) -> String {
        name.firstIndex(of: ".").map { String(name[$0...]) } ?? ".jsonl"
    }
}

/// `hone init` would write over something.
struct FolderInTheWay: Explained {
    let path: String

    var explanation: Explanation {
        Explanation(
            "\(path) is there already and not empty", hint: "name another folder: `hone init DATA FOLDER`",
            exitCode: .wrongUsage)
    }
}
