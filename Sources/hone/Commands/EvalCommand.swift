import ArgumentParser
import Datasets
import Evaluation
import FileStore
import Foundation
import Glibc
import JSONText
import Plan
import Tokenization
import Transformer
import Workflows

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Score a model on the rows of a file, or a trained run before and after.",
        discussion: """
            `hone eval RUN` asks the held-out rows of a trained run, before and after, and writes its report.

            With --model and --data every row of the file is asked. Without --metrics those are used that suit the expected answers; they are \
            printed with their 95 % intervals, never without the number of rows behind them.

            With --arms the data is split and the ways of solving the task are measured beside each other on the same \
            held-out rows: floors without a model, a plain text classifier, the model with an instruction, with examples, \
            with retrieved passages, with constrained output, and with --arm or --endpoint your own alternative.
            """)

    @Argument(help: ArgumentHelp("The folder of a run that was trained.", valueName: "run"))
    var runFolder: String?

    @OptionGroup var model: ModelOptions
    @OptionGroup var arms: ArmOptions

    @Option(help: "Data files or folders; `-` reads standard input.")
    var data: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What to measure: \(Metric.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "metric"))
    var metrics: [String] = []

    @Option(help: ArgumentHelp("The longest answer, in tokens.", valueName: "tokens"))
    var maxNewTokens = EvaluationSettings().maxNewTokens

    @Option(help: ArgumentHelp("Use at most this many rows, evenly spread over the file.", valueName: "rows"))
    var limit: Int?

    @Option(help: ArgumentHelp("Write every row with its answer and scores here.", valueName: "file.jsonl"))
    var items: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "With --arms: the folder that receives the run folder with every answer of every arm.")
    var output = "runs"

    @Flag(help: "Let the engine `trl` that trained the run answer the rows, with transformers.")
    var inEngine = false

    @Option(help: ArgumentHelp("The Python of that engine, as with `hone train`.", valueName: "path"))
    var python: String?

    @Option(
        help: ArgumentHelp(
            "With RUN: judgements of pairs of its answers, one {\"line\", \"first\", \"second\", \"winner\"} per line, each pair in both orders.",
            valueName: "file.jsonl"))
    var judgements: String?

    @OptionGroup var book: RuleOptions
    private var rules: InstallationOptions { book.place }

    func validate() throws {
        guard (runFolder == nil) != data.isEmpty else {
            throw ValidationError("give either the folder of a trained run or --data FILE")
        }
        guard judgements == nil || runFolder != nil else {
            throw ValidationError("--judgements goes with the folder of a run: its answers were judged")
        }
        guard maxNewTokens > 0 else { throw ValidationError("--max-new-tokens must be at least 1") }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        if let runFolder, let judgements {
            return try JudgedAnswers(run: RunFolder(path: runFolder), path: judgements, isJSON: json).show()
        }
        if let runFolder { return try await finish(RunFolder(path: URL(fileURLWithPath: runFolder).path)) }
        if arms.areWanted { return try measureArms() }
        let opened = try model.open(rules.installation())
        var settings = EvaluationSettings()
        settings.metrics = metrics.flatMap { $0.split(separator: ",").map(String.init) }
        settings.maxNewTokens = maxNewTokens
        let dataset = try DatasetReader(threads: opened.threads).read(paths: data)
        for reason in dataset.dropReasons { Terminal.say("left out: \(reason.count) rows (\(reason.problem.id))") }
        let rows = try heldOut(dataset, opened).sampled(limit: limit)
        var evaluator = Evaluator(encoder: opened.encoder, stopIDs: try opened.stopIDs(), settings: settings)
        evaluator.progress = { _, done, total in
            if Terminal.isInteractive { Terminal.replaceLine("asked \(done) of \(total) rows") }
        }
        let set = try evaluator.metrics(for: rows, taskKind: nil)
        let weights = try opened.weights(longestRow: rows.map(\.encoded.count).max() ?? 0)
        let kind: Arm.Kind = opened.adapter == nil ? .base : .tuned
        let arm = Arm(
            name: kind.rawValue, kind: kind, model: opened.reference.name,
            isPracticeModel: opened.isPractice)
        let result = try evaluator.measure(arm, weights, rows, set)
        if Terminal.isInteractive { Terminal.replaceLine("") }
        if let items { try FileStore().write(result.items.map { $0.json.text() + "\n" }.joined(), to: items) }
        Terminal.data(json ? summary(of: result, set).text(.pretty) : table(of: result, set))
        if result.arm.isPracticeModel, !json {
            Terminal.say("practice model: these figures say nothing about another model")
        }
    }

    private func measureArms() throws {
        let began = Date()
        let dataset = try DatasetReader(threads: model.threads).read(paths: data)
        let run = ArmCommand(arms: arms, model: model.model, threads: model.threads, book: book)
        var question = ArmMeasuring.Question()
        question.limit = limit
        question.metrics = metrics.flatMap { $0.split(separator: ",").map(String.init) }
        question.maxNewTokens = maxNewTokens == EvaluationSettings().maxNewTokens ? nil : maxNewTokens
        let result = try run.measure(dataset, question)
        let folder = try run.keep(
            result, name: FileStore.lastName(of: data[0]).split(separator: ".").first.map(String.init) ?? "arms",
            output: output, seconds: Date().timeIntervalSince(began))
        Terminal.data(json ? result.json.text(.pretty) : ArmTable(result: result).text)
        Terminal.say("every answer: \(shellWord(folder.eval))")
        Terminal.say("next: hone report \(shellWord(folder.path))")
    }

    /// Measures a trained run as `hone run` would have done.
    private func finish(_ run: RunFolder) async throws {
        let store = FileStore()
        let trained = try TrainedRun(run, store: store)
        try trained.manifest.enterWorkingFolder(of: run)
        let installation = try rules.installation()
        let prepared = try PreparedRun(trained.plan, in: installation, store: store)
        let answers = try await engineAnswers(prepared, run, installation)
        let finishing = FinishingRun(installation: installation, now: { Date() })
        let report = try finishing.finish(run, prepared: prepared, answers: answers) { arm, done, total in
            if Terminal.isInteractive { Terminal.replaceLine("measuring \(arm.name): \(done) of \(total)") }
        }
        if Terminal.isInteractive { Terminal.replaceLine("") }
        Terminal.data(json ? try store.readText(run.evalSummary) : report)
        Terminal.say("next: read \(shellWord(report))")
    }

    /// The answers of the engine that trained the run, where they were asked for or hone's decoder cannot hold the model.
    private func engineAnswers(
        _ prepared: PreparedRun, _ run: RunFolder, _ installation: Installation
    ) async throws -> GivenAnswers? {
        let asking = EngineAnswers(prepared, run, in: installation)
        guard prepared.plan.engine == .trl else {
            guard !inEngine else { throw ForOtherEngines(option: "--in-engine") }
            return nil
        }
        guard inEngine || asking.areNeeded else { return nil }
        if !inEngine { Terminal.say("the model is too large for hone's decoder here: the engine answers the rows") }
        let start = try TRLStart(prepared.plan, installation: installation, python: python)
        try await start.require(devices: prepared.plan.launch.gpusPerNode > 0 ? 1 : 0)
        let given = try await asking.ask(python: start.python) { arm, done, total in
            if Terminal.isInteractive { Terminal.replaceLine("asking \(arm) in the engine: \(done) of \(total)") }
        }
        if Terminal.isInteractive { Terminal.replaceLine("") }
        return given
    }

    /// Rows are not cut: a long expected answer counts in full.
    private func heldOut(_ dataset: Dataset, _ opened: OpenedModel) throws -> [HeldOutRow] {
        let encoder = DatasetEncoder(encoder: opened.encoder, maxLength: .max, threads: opened.threads)
        return try dataset.examples.enumerated().map { index, example in
            try HeldOutRow(example, encoded: try encoder.encode(example, index: index), opened.encoder)
        }
    }

    /// The contract's keys first.
    private func summary(of result: ArmResult, _ set: MetricSet) -> JSONValue {
        let losses = result.items.compactMap(\.loss)
        var object: JSONObject = ["examples": JSONValue(result.items.count)]
        if !losses.isEmpty {
            let sum = losses.reduce(0) { $0 + $1.sum }, tokens = losses.reduce(0) { $0 + $1.tokens }
            object["target_tokens"] = JSONValue(tokens)
            object["nll_sum"] = JSONValue(sum)
            object["nll_mean"] = JSONValue(sum / Double(max(tokens, 1)))
        }
        for metric in [Metric.perplexity, .bitsPerByte] {
            object[metric.rawValue] = result.figures[metric].map { JSONValue($0.value) }
        }
        object["metrics"] = .object(
            JSONObject(set.all.compactMap { metric in result.figures[metric].map { (metric.rawValue, $0.json) } }))
        object["model"] = JSONValue(result.arm.model)
        object["practice_model"] = JSONValue(result.arm.isPracticeModel)
        return .object(object)
    }

    private func table(of result: ArmResult, _ set: MetricSet) -> String {
        var lines = [column("metric", 16) + padded("value", 10) + padded("95 % interval", 22) + padded("rows", 8)]
        for metric in set.all {
            guard let figure = result.figures[metric] else { continue }
            let interval = "\(spelled(figure.low, metric)) – \(spelled(figure.high, metric))"
            lines.append(
                column(metric.rawValue, 16) + padded(spelled(figure.value, metric), 10) + padded(interval, 22)
                    + padded(String(figure.n), 8))
        }
        return lines.joined(separator: "\n")
    }

    private func spelled(_ value: Double, _ metric: Metric) -> String {
        metric.scale == .ratio ? fixed(value, 3) : fixed(value * 100, 1) + " %"
    }

    private func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
