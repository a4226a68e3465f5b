import ArgumentParser
import Datasets
import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Tokenization
import Workflows
import YAMLText

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at a dataset before anything is trained on it.",
        discussion: """
            Reads the data, counts what can be used and names what would be learnt in silence: broken rows, copies, \
            contradictions, leaks between train and test, personal data. Exit code 3 means a finding at the level of an error.
            """)

    @Argument(help: "Data files or folders; `-` reads standard input. With --plan, the plan's data when left out.")
    var data: [String] = []

    @Option(help: "How rows are spelled: \(DataFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: DataFormat?

    @Option(help: ArgumentHelp("The field whose equal values keep rows together.", valueName: "field"))
    var group: String?

    @Option(
        help: ArgumentHelp(
            "Where a row says who made or checked it: \(RowFields.Field.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "field=column"))
    var map: [FieldColumn] = []

    @Option(help: ArgumentHelp("A stricter profile of the rule book, such as `reviewed`.", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("Owners who said no: one name, address or document per line.", valueName: "file"))
    var optOut: String?

    @Option(help: ArgumentHelp("Requests from production, to compare the rows with.", valueName: "file"))
    var usage: String?

    @Option(
        help: ArgumentHelp(
            "What the model must be able to do: `name: [phrases that show it]` per line.", valueName: "file.yaml"))
    var behaviours: String?

    @Option(
        help: ArgumentHelp(
            "A plan: lengths, cuts and masks with its model, template and maximum length.", valueName: "file.yaml"))
    var plan: String?

    @Option(help: ArgumentHelp("A model folder: adds lengths in tokens.", valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("With --model: what this maximum length would cut.", valueName: "tokens"))
    var maxLength: Int?

    @Option(
        help: ArgumentHelp("Take on this finding for training, for as many rows as show it now.", valueName: "rule"))
    var accept: [String] = []

    @Option(help: ArgumentHelp("Why, for --accept; recorded beside the data.", valueName: "text"))
    var because: String?

    @Option(
        help: ArgumentHelp(
            """
            Stay within this much memory, such as `2GiB`; three times the data, and at least 1 GiB, when left out. \
            Rows without room are read again at every look; what then has no room is sampled.
            """,
            valueName: "size"))
    var memory: ByteCount?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Say what took how many seconds of all threads together.")
    var timings = false

    @OptionGroup var outputs: AuditOutputs

    @Option(help: "Threads to use.")
    var threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    @OptionGroup var rules: RuleOptions

    func validate() throws {
        guard !data.isEmpty || plan != nil else { throw ValidationError("name the data, or a plan with --plan") }
        guard plan == nil || model == nil && maxLength == nil else {
            throw ValidationError("--plan brings its own model and maximum length; leave out --model and --max-length")
        }
        guard accept.isEmpty == (because == nil) else { throw ValidationError("--accept and --because go together") }
        guard threads > 0, maxLength ?? 1 > 0 else {
            throw ValidationError("--threads and --max-length must be at least 1")
        }
        try outputs.check(inputs: data)
        guard memory == nil || !outputs.needAllRows else {
            throw ValidationError("--memory may leave rows out; --fix, --convert and --write-split need all of them")
        }
    }

    func run() throws {
        let book = try rules.load()
        let plan = try plan.map { try RunPlan(yaml: try FileStore().readText($0), file: $0) }
        let paths = data.isEmpty ? plan?.data.paths ?? [] : data
        // Seconds of all threads together: what other programs do at the same time does not count.
        let clock: @Sendable () -> Double = {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
        }
        // Large arrays come and go; each is given back to the system as it goes.
        MemoryLimit.giveBackLargeBlocks()
        let began = clock()
        let dataset = try reader(plan).read(paths: paths)
        let reading = clock() - began

        var audit = try DatasetAudit(book: book, threads: threads, model: try auditModel(plan), strictness: profile)
        audit.optOut = try optOut.map { OptOutList(try FileStore().readText($0)) }
        audit.usage = try usage.map { try UsageSample(path: $0) }
        audit.behaviours = try behaviours.map { try readBehaviours(try FileStore().readText($0), file: $0) } ?? []
        if timings { audit.clock = clock }
        let split = plan.map { Split(dataset, settings: $0.data.split) }
        var profile = audit.profile(dataset, split: split)
        if timings { profile.seconds[.reading] = reading }
        try acceptFindings(of: &profile, paths: paths)

        try outputs.write(dataset, profile, audit, book: book, paths: paths, group: group, rules: rules)
        if json {
            Terminal.data(profile.json.text(.pretty))
        } else {
            let page = Page(
                width: min(max(Terminal.width, 60), 100), hasColour: Terminal.hasColour && isatty(STDOUT_FILENO) == 1)
            Terminal.data(
                AuditView(profile: profile, page: page, next: outputs.next(after: profile, paths: paths)).text)
        }
        if timings { sayTimings(profile) }
        if !profile.blocking.isEmpty, outputs.fix == nil { throw Outcome(exitCode: .gateSaysNo) }
    }

    private func reader(_ plan: RunPlan?) -> DatasetReader {
        var fields = RowFields()
        for column in map { fields.map(column.field, to: column.column) }
        var reader = DatasetReader(
            format: format ?? plan?.data.format ?? .auto, groupField: group ?? plan?.data.split.group, fields: fields,
            threads: threads)
        reader.memory = memory.map { .atMost($0) } ?? (outputs.needAllRows ? .unlimited : .timesData(3))
        return reader
    }

    private func auditModel(_ plan: RunPlan?) throws -> AuditModel? {
        guard let reference = plan?.model ?? model.map({ ModelReference($0) }) else { return nil }
        let location = try ModelLocation(reference, in: try rules.installation())
        let encoder = try ChatEncoder(folder: location.path)
        return plan.map { AuditModel(encoder: encoder, $0.training) } ?? AuditModel(encoder: encoder, maxLength: maxLength)
    }

    /// Earlier exceptions, and those given now, which are recorded beside the data.
    private func acceptFindings(of profile: inout DatasetProfile, paths: [String]) throws {
        profile.accepted = try AcceptedFinding.read(beside: paths)
        guard let because else { return }
        guard let file = AcceptedFinding.file(beside: paths) else {
            throw ValidationError("--accept needs data that lies in a file")
        }
        for rule in accept {
            guard let finding = profile.findings.first(where: { $0.check.rawValue == rule }) else {
                let found = profile.findings.map(\.check.rawValue).joined(separator: ", ")
                throw ValidationError(
                    "there is no finding `\(rule)` to accept; found: \(found.isEmpty ? "nothing" : found)")
            }
            let accepted = AcceptedFinding(
                check: rule, because: because, rows: finding.count, acceptedAt: Date().formatted(.iso8601))
            try accepted.append(toFile: file)
            profile.accepted.append(accepted)
            Terminal.say("\(rule): accepted for \(finding.count) rows, recorded in \(file)")
        }
    }

    private func sayTimings(_ profile: DatasetProfile) {
        let megabytes = Double(profile.files.reduce(0) { $0 + $1.byteCount }) / 1e6
        for stage in AuditStage.allCases {
            guard let seconds = profile.seconds[stage], seconds > 0 else { continue }
            let speed = String(
                format: "%8.3f s  %8.1f MB/s  %9.0f rows/s", seconds, megabytes / seconds,
                Double(profile.kept) / seconds)
            Terminal.say(stage.rawValue.padding(toLength: 18, withPad: " ", startingAt: 0) + speed)
        }
    }
}

/// `reviewer=annotator_id`: which column holds a field.
struct FieldColumn: ExpressibleByArgument {
    let field: RowFields.Field
    let column: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let field = RowFields.Field(rawValue: parts[0]), !parts[1].isEmpty else { return nil }
        self.field = field
        column = parts[1]
    }
}

/// `name: [phrase, …]` per line, or a list of names.
private func readBehaviours(_ text: String, file: String) throws -> [Behaviour] {
    let node = try YAMLNode.parse(text, file: file)
    if node.kind == .list { return try node.strings().map { Behaviour(name: $0) } }
    return try node.map().entries.map { entry in
        Behaviour(name: entry.key.text, phrases: entry.value.isNull ? [] : try entry.value.strings())
    }
}

extension DataFormat: ExpressibleByArgument {}

extension ByteCount: ExpressibleByArgument {
    package init?(argument: String) { self.init(spelling: argument) }
}
