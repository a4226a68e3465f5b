package import Advisor
package import Datasets
import Evaluation
package import Feasibility
package import FileStore
import JSONText
import ModelFiles
package import Plan
package import RuleEngine
import Tokenization
import YAMLText

/// The second pair of eyes on a plan, whoever wrote it: what it names must exist, and the lints look at its values beside
/// the model, the rows and the device.
package struct PlanReview {
    package let document: PlanDocument
    /// Red first. Green is what no finding names.
    package let findings: [PlanFinding]
    package let linter: PlanLinter
    package let power: SplitPower?
    /// Training rows that lose their end, and rows that nothing is left to learn from.
    package let rowsCut: Int?
    package let rowsWithoutTarget: Int?
    /// The rows as the model sees them; nil while the model is not on this disk.
    package let prepared: PreparedRun?

    /// - Parameters:
    ///   - answered: Stakes, licence and serving, where they were answered.
    ///   - isForTraining: What is prepared will be trained.
    ///   - rows: The rows of the plan, where they were read before with nothing but their paths.
    package init(
        _ document: PlanDocument, in installation: Installation, book: RuleBook, machine: MachineProfile,
        answered: Facts? = nil, isForTraining: Bool = false, rows: Dataset? = nil, store: FileStore = FileStore()
    ) throws {
        let plan = document.plan
        linter = PlanLinter(book)
        try PlanReview.requireKnown(document, linter, book)
        try PlanReview.requireFiles(document, store)
        var around = PlanSurroundings()
        around.answered = answered
        let prepared: PreparedRun?
        do {
            prepared = try PreparedRun(
                plan, rows: rows, in: installation, isForLooking: !isForTraining || plan.engine == .trl, store: store)
        } catch let error as ModelLocationError {
            // A plan for accelerators is written where they are not; its model may be somewhere else too.
            guard case .notFound(let name) = error, let download = ModelDownload(name, book) else { throw error }
            guard plan.engine == .trl else { throw ModelNotHere(download: download) }
            around.parameterCount = Int(download.parametersBillion * 1e9)
            around.modelContext = download.contextTokens
            prepared = nil
        }
        if let prepared { around.look(at: prepared, store) }
        if let now = try DataFingerprint.of(plan.data.paths, store: store), let then = plan.data.fingerprint {
            around.dataMatches = now == then
        }
        around.fit = try PlanReview.fit(of: plan, prepared, machine, book)
        findings = linter.findings(PlanFacts(plan, around, book), plan, places: document.places)
        power = around.testRows.map { tested in
            SplitPower(
                testRows: tested, rows: prepared?.dataset.examples.count ?? 0, folds: plan.evaluation.folds, book: book)
        }
        rowsCut = around.rowsCut
        rowsWithoutTarget = around.rowsWithoutTarget
        self.document = document
        self.prepared = prepared
    }

    package var blocking: [PlanFinding] { findings.filter(\.isBlocking) }

    /// Throws unless every red lint was taken on with a reason.
    package func require() throws(PlanGateError) {
        guard blocking.isEmpty else { throw PlanGateError(findings: blocking) }
    }

    /// Words that only the rule book or the metrics know.
    private static func requireKnown(_ document: PlanDocument, _ linter: PlanLinter, _ book: RuleBook) throws {
        let plan = document.plan
        let devices = [LaunchSettings.thisMachine] + (book.table("devices")?.rows.map(\.id) ?? [])
        func require(_ value: String, among known: [String], _ key: String) throws(PlanError) {
            guard !known.contains(value) else { return }
            let place = document.places[key] ?? YAMLPlace(file: key, line: 1, column: 1)
            throw .malformed(.notOneOf(value: value, allowed: known, place))
        }
        try require(plan.launch.device, among: devices, "launch.device")
        for override in plan.overrides {
            try require(override.lint, among: linter.names, "overrides." + override.lint)
        }
        let scores = Metric.allCases.filter { $0.direction == .higherIsBetter }.map(\.rawValue)
        try require(
            plan.training.earlyStoppingMetric, among: [TrainingSettings().earlyStoppingMetric] + scores,
            "training.early_stopping_metric")
        for metric in plan.evaluation.metrics {
            try require(metric, among: Metric.allCases.map(\.rawValue), "evaluation.metrics")
        }
    }

    /// Files and folders a plan names, each with the line that names it.
    private static func requireFiles(_ document: PlanDocument, _ store: FileStore) throws(PlanError) {
        let plan = document.plan
        var named = plan.data.paths.filter { $0 != "-" }.map { ("data.paths", $0) }
        if let adapter = plan.method.initAdapter { named.append(("method.init_adapter", adapter)) }
        if let mix = plan.data.generalMix,
            ![GeneralMix.bundledName, GeneralMix.baseAnswersName].contains(mix.source)
        {
            named.append(("data.general_mix.source", mix.source))
        }
        for (key, path) in named where !store.exists(path) {
            throw .missingFile(key: key, path: path, place: document.places[key])
        }
    }

    private static func fit(
        of plan: RunPlan, _ prepared: PreparedRun?, _ machine: MachineProfile, _ book: RuleBook
    ) throws -> PlanCheck.Verdict? {
        guard plan.engine == .trl else {
            return prepared.map {
                PlanCheck(plan: plan, model: $0.facts, load: $0.load, machine: machine).verdict
            }
        }
        let tables = try MemoryTables(book)
        guard let device = tables.device(plan.launch.device) else { return nil }
        let local = prepared.map { Architecture($0.model.shape, name: plan.model.name) }
        guard let run = try? DeviceQuestion(plan).run(tables, architecture: local) else { return nil }
        return DeviceVerdict(run, usable: ByteCount(gibibytes: device.usableGibibytes)).verdict
    }
}

/// A plan must not be trained as it is.
package struct PlanGateError: Error, Sendable {
    package let findings: [PlanFinding]
}

extension PlanSurroundings {
    fileprivate mutating func look(at prepared: PreparedRun, _ store: FileStore) {
        let encoded = prepared.encoded
        parameterCount = ParameterCounts(shape: prepared.model.shape, lora: nil).base
        modelContext = prepared.model.shape.maxPositions
        rows = encoded.train.count
        tokens = encoded.train.reduce(0) { $0 + $1.count }
        // What counts is what answers make up, whether or not requests are learnt too.
        targetTokens = encoded.train.reduce(0) { $0 + ($1.answerCount ?? $1.targetCount) }
        rowsCut = encoded.truncated.count { $0.part == .train }
        rowsWithoutTarget = encoded.dropped.count { row in
            if case .targetBeyondMaxLength = row.reason { true } else { false }
        }
        validationRows = encoded.validation.count
        testRows = encoded.test.count
        isChatData = prepared.dataset.examples.contains { !$0.messages.isEmpty }
        let folder = prepared.location.path
        let settings = (try? store.read(folder + "/tokenizer_config.json")).flatMap { try? JSONValue.parse(utf8: $0) }
        modelHasTemplate =
            store.isFile(folder + "/chat_template.jinja") || store.isFile(folder + "/chat_template.json")
            || settings?["chat_template"].map { !$0.isNull } ?? false
        tokenizerPadsLeft = settings?["padding_side"]?.stringValue == "left"
        templateMatches = prepared.plan.data.template.map { $0 == prepared.encoder.fingerprint }
    }
}
