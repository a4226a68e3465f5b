import ArgumentParser
import Datasets
import Evaluation
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import RuleEngine

/// What an audit writes beside its answer. The input is never written over.
struct AuditOutputs: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write a report with pictures, for people who do not train models.", valueName: "file.md"))
    var report: String?

    @Option(
        help: ArgumentHelp(
            "Write what can be repaired without asking, and FILE.ledger.jsonl beside it.", valueName: "file.jsonl"))
    var fix: String?

    @Option(
        help: ArgumentHelp(
            "Write all rows in one spelling: \(Self.shapes.map(\.rawValue).joined(separator: ", ")).",
            valueName: "spelling"))
    var convert: String?

    @Option(help: ArgumentHelp("Where --convert writes; SPELLING.jsonl when left out.", valueName: "file.jsonl"))
    var output: String?

    @Option(help: ArgumentHelp("Write rows for people to judge, those with findings first.", valueName: "file.jsonl"))
    var review: String?

    @Option(help: "Rows of the --review file.")
    var reviewRows = 50

    @Option(help: ArgumentHelp("Write train, validation and test files that share nothing.", valueName: "dir"))
    var writeSplit: String?

    @Option(help: "Share of the rows that become the test part.")
    var test = 0.1

    @Option(
        help: ArgumentHelp(
            "A difference between two models that the test part must be able to show, such as 0.05: makes it large enough.",
            valueName: "share"))
    var detect: Double?

    @Option(help: "Share of the rows that become the validation part.")
    var validation = 0.1

    @Option(help: "Seed of the split and of the rows for review.")
    var seed = 17

    static let shapes: [RowShape] = [.messages, .shareGPT, .alpaca, .promptCompletion]

    func check(inputs: [String]) throws {
        for path in [report, fix, output, review].compactMap(\.self) where inputs.contains(path) {
            throw ValidationError("\(path) is the input: hone never writes over it")
        }
        guard convert == nil || shape != nil else {
            throw ValidationError("--convert takes \(Self.shapes.map(\.rawValue).joined(separator: ", "))")
        }
        guard output == nil || convert != nil else { throw ValidationError("--output belongs to --convert") }
        guard test >= 0, validation >= 0, test + validation < 1 else {
            throw ValidationError("--test and --validation are shares that leave rows to train")
        }
        guard detect == nil || writeSplit != nil else { throw ValidationError("--detect belongs to --write-split") }
        guard detect.map({ $0 > 0 && $0 < 1 }) ?? true else {
            throw ValidationError("--detect is a share between 0 and 1")
        }
    }

    var needAllRows: Bool { fix != nil || convert != nil || writeSplit != nil }

    private var shape: RowShape? { Self.shapes.first { $0.rawValue == convert } }

    func write(
        _ dataset: Dataset, _ profile: DatasetProfile, _ audit: DatasetAudit, book: RuleBook, paths: [String],
        group: String?, rules: RuleOptions
    ) throws {
        if let fix { try writeRepair(of: dataset, book, threads: audit.threads, to: fix) }
        if let shape { try writeConverted(dataset.examples, as: shape) }
        if let review {
            let sample = ReviewSample(dataset, findings: profile.findings, count: max(1, reviewRows), seed: seed)
            try FileStore().write(sample.rows.flatMap { $0.utf8(.pythonStyle) + [0x0A] }, to: review)
            Terminal.say("\(review): \(sample.rows.count) rows to read; fill in correct, harmful, biased and reviewer")
        }
        if let report { try writeReport(profile, paths: paths, rules: rules, to: report) }
        if let writeSplit { try writeParts(of: dataset, audit, group: group, to: writeSplit) }
    }

    /// A command that can be typed as it stands.
    func next(after profile: DatasetProfile, paths: [String]) -> String {
        let data = paths.map(shellWord).joined(separator: " ")
        let repairs: Set<AuditCheck> = [
            .sameText, .identicalRows, .pythonLiteralAnswer, .fencedJSONAnswer, .labelVariants, .personalData, .secrets,
        ]
        if let fix { return "hone audit \(shellWord(fix))" }
        if profile.dropped > 0 || profile.findings.contains(where: { repairs.contains($0.check) }) {
            return "hone audit \(data) --fix fixed.jsonl"
        }
        if profile.parts.count < 2, writeSplit == nil { return "hone audit \(data) --write-split split" }
        return "hone advise --set data.examples=\(profile.effectiveExamples)"
    }

    private func writeRepair(of dataset: Dataset, _ book: RuleBook, threads: Int, to path: String) throws {
        let repair = try DatasetRepair(dataset, book: book, threads: threads)
        try FileStore().write(repair.examples.flatMap(\.jsonLine), to: path)
        let ledger = path + DatasetRepair.ledgerEnding
        try FileStore().write(
            repair.ledger.flatMap { $0.json(files: dataset.files).utf8(.pythonStyle) + [0x0A] }, to: ledger)
        let dropped = repair.ledger.count { $0.action == .dropped }
        let changed = repair.ledger.count - dropped
        Terminal.say(
            "\(path): \(repair.examples.count) rows; \(dropped) left out, \(changed) changes, each in \(ledger)")
    }

    /// Rows a spelling cannot hold (tools, several turns) stay messages, so that none is lost, and are counted.
    private func writeConverted(_ examples: [Example], as shape: RowShape) throws {
        let path = output ?? shape.rawValue + ".jsonl"
        var kept = 0
        let rows = examples.map { example -> JSONValue in
            if let row = example.row(as: shape) { return row }
            kept += 1
            return example.row
        }
        try FileStore().write(rows.flatMap { $0.utf8(.pythonStyle) + [0x0A] }, to: path)
        let note = kept > 0 ? "; \(kept) cannot be said as \(shape.rawValue) and stay messages" : ""
        Terminal.say("\(path): \(examples.count) rows\(note)")
    }

    private func writeReport(_ profile: DatasetProfile, paths: [String], rules: RuleOptions, to path: String) throws {
        let store = FileStore()
        let templates = try ReportTemplates(folder: try rules.installation().templates + "/report", store)
        let names = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
        let made = try AuditReport(
            profile, title: names, needs: profile.needs.map(\.words),
            command: "hone audit \(paths.map(shellWord).joined(separator: " ")) --report \(shellWord(path))", templates)
        let folder = FileStore.folder(of: path)
        try store.createFolder(folder)
        for file in made.files { try store.write(file.text, to: folder + "/" + file.name) }
        try store.write(made.text, to: path)
        Terminal.say("\(path): written, with \(made.files.count) pictures beside it")
    }

    private func writeParts(of dataset: Dataset, _ audit: DatasetAudit, group: String?, to folder: String) throws {
        let settings = SplitSettings(validation: validation, test: test, group: group, seed: seed)
        let wanted =
            detect.flatMap {
                DetectableEffect.rows(toDetect: $0, discordantShare: audit.rules.splitDiscordance)
            } ?? 0
        let split = Split(
            dataset, settings: settings, testAtLeast: wanted, together: audit.nearlyEqual(dataset), byLength: true)
        let files = SplitFiles(dataset, split, settings: settings)
        try files.write(to: folder, FileStore())
        let counts = Split.Part.allCases.map { "\($0.rawValue) \(files.counts[$0] ?? 0)" }
        Terminal.say("\(folder): \(counts.joined(separator: ", ")) rows, and manifest.json")
        let tested = files.counts[.test] ?? 0
        if let visible = DetectableEffect.paired(rows: tested, discordantShare: audit.rules.splitDiscordance) {
            let points = String(format: "%.1f", 100 * visible)
            Terminal.say("\(tested) test rows show differences of \(points) percentage points and more")
        }
        if tested < wanted {
            Terminal.say("warning: \(wanted) test rows were asked for; half of the rows are always trained")
        }
    }
}
