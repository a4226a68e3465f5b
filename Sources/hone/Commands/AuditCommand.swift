import ArgumentParser
import Datasets
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import RuleEngine
import Tokenization

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at a dataset before anything is trained on it.",
        discussion: """
            Reads the data, counts what can be used and names what would be learnt in silence: broken rows, copies, \
            contradictions, leaks between train and test, personal data. Exit code 3 means a finding at the level of an error.
            """)

    @Argument(help: "Data files or folders; `-` reads standard input.")
    var data: [String]

    @Option(help: "How rows are spelled: \(DataFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: DataFormat = .auto

    @Option(help: ArgumentHelp("The field whose equal values keep rows together.", valueName: "field"))
    var group: String?

    @Option(help: ArgumentHelp("A model folder: adds lengths in tokens.", valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("With --model: what this maximum length would cut.", valueName: "tokens"))
    var maxLength: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(
        help: ArgumentHelp("Write a report with pictures, for people who do not train models.", valueName: "file.md"))
    var report: String?

    @Option(
        help: ArgumentHelp(
            "Write what can be repaired without asking, and FILE.ledger.jsonl beside it.", valueName: "file.jsonl"))
    var fix: String?

    @Option(help: ArgumentHelp("Write all rows as messages.", valueName: "file.jsonl"))
    var convert: String?

    @Option(help: ArgumentHelp("Write train, validation and test files that share nothing.", valueName: "dir"))
    var writeSplit: String?

    @Option(help: "Share of the rows that become the test part.")
    var test = 0.1

    @Option(help: "Share of the rows that become the validation part.")
    var validation = 0.1

    @Option(help: "Seed of the split.")
    var seed = 17

    @Option(help: "Threads to use.")
    var threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    @OptionGroup var rules: RuleOptions

    func run() throws {
        let book = try rules.load()
        let dataset = try DatasetReader(format: format, groupField: group, threads: threads).read(paths: data)
        let encoder = try model.map { try ChatEncoder(folder: $0) }
        let audit = try DatasetAudit(book: book, threads: threads, encoder: encoder, maxLength: maxLength)
        let profile = audit.profile(dataset)
        if let fix { try writeRepair(of: dataset, book, to: fix) }
        if let convert { try write(dataset.examples, to: convert) }
        if let report { try writeReport(profile, to: report) }
        if let writeSplit { try writeParts(of: dataset, audit, to: writeSplit) }
        if json {
            Terminal.data(profile.json.text(.pretty))
        } else {
            let page = Page(
                width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
            Terminal.data(AuditView(profile: profile, page: page, next: next(profile)).text)
        }
        if profile.worst == .error, fix == nil { throw Outcome(exitCode: .gateSaysNo) }
    }

    /// A command that can be typed as it stands.
    private func next(_ profile: DatasetProfile) -> String {
        let paths = data.map(shellWord).joined(separator: " ")
        let repairs: Set<AuditCheck> = [
            .sameText, .identicalRows, .pythonLiteralAnswer, .fencedJSONAnswer, .labelVariants, .personalData, .secrets,
        ]
        if let fix { return "hone audit \(shellWord(fix))" }
        if profile.dropped > 0 || profile.findings.contains(where: { repairs.contains($0.check) }) {
            return "hone audit \(paths) --fix fixed.jsonl"
        }
        if profile.parts.count < 2, writeSplit == nil { return "hone audit \(paths) --write-split split" }
        return "hone advise --set data.examples=\(profile.effectiveExamples)"
    }

    private func writeRepair(of dataset: Dataset, _ book: RuleBook, to path: String) throws {
        let repair = try DatasetRepair(dataset, book: book, threads: threads)
        try write(repair.examples, to: path)
        let ledger = path + ".ledger.jsonl"
        try FileStore().write(
            repair.ledger.flatMap { $0.json(files: dataset.files).utf8(.pythonStyle) + [0x0A] }, to: ledger)
        let dropped = repair.ledger.count { $0.action == .dropped }
        let changed = repair.ledger.count - dropped
        Terminal.say(
            "\(path): \(repair.examples.count) rows; \(dropped) left out, \(changed) changes, each in \(ledger)")
    }

    private func writeReport(_ profile: DatasetProfile, to path: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let installation = try Installation.find(rules: rules.rules, environment: environment, executable: executable)
        let store = FileStore()
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        let names = data.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
        let made = try AuditReport(
            profile, title: names, needs: profile.needs.map(\.words),
            command: "hone audit \(data.map(shellWord).joined(separator: " ")) --report \(shellWord(path))",
            templates)
        let folder = FileStore.folder(of: path)
        try store.createFolder(folder)
        for file in made.files { try store.write(file.text, to: folder + "/" + file.name) }
        try store.write(made.text, to: path)
        Terminal.say("\(path): written, with \(made.files.count) pictures beside it")
    }

    private func write(_ examples: [Example], to path: String) throws {
        guard !data.contains(path) else { throw ValidationError("\(path) is the input: hone never writes over it") }
        try FileStore().write(examples.flatMap(\.jsonLine), to: path)
    }

    private func writeParts(of dataset: Dataset, _ audit: DatasetAudit, to folder: String) throws {
        let settings = SplitSettings(validation: validation, test: test, group: group, seed: seed)
        let split = Split(dataset, settings: settings, together: audit.nearlyEqual(dataset))
        let files = SplitFiles(dataset, split, settings: settings)
        try files.write(to: folder, FileStore())
        let counts = Split.Part.allCases.map { "\($0.rawValue) \(files.counts[$0] ?? 0)" }
        Terminal.say("\(folder): \(counts.joined(separator: ", ")) rows, and manifest.json")
    }
}

extension DataFormat: ExpressibleByArgument {}
