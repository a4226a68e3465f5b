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

/// The line from a decision and a dataset to a plan: tokenise the rows with the model that will be trained, then write.
package struct PlanMaking: Sendable {
    private let book: RuleBook
    private let installation: Installation
    private let machine: MachineProfile
    private let store = FileStore()

    package init(book: RuleBook, installation: Installation, machine: MachineProfile) {
        self.book = book
        self.installation = installation
        self.machine = machine
    }

    /// What the plan is to be made for, beside data and decision.
    package struct Wish: Sendable {
        package var model: ModelReference
        package var dataPaths: [String]
        /// The rows at `dataPaths`, where they were read before.
        package var rows: Dataset?
        /// An id of the device table and how many of them; nil for this machine's processor.
        package var device: String?
        package var deviceCount = 1
        /// The difference between two ways of solving the task that the test rows must be able to show.
        package var detect: Double?
        /// A run that was measured before; what it forgot decides how much general conversation is mixed in.
        package var earlierRun: String?
        /// A file of general conversations, `bundled`, `base_answers` or `none`; nil lets the rules choose.
        package var generalMix: String?

        package init(model: ModelReference, dataPaths: [String]) {
            self.model = model
            self.dataPaths = dataPaths
        }
    }

    /// A plan and what is worth saying about it before anything is computed.
    package struct Made: Sendable {
        package let plan: RunPlan
        package let power: SplitPower
        /// The model has to be downloaded first; lengths were estimated.
        package let download: ModelDownload?
    }

    /// - Parameter decision: What was decided about the case; nil when only data and model are known.
    package func plan(for decision: Decision?, _ wish: Wish) throws -> Made {
        let (found, owned, download) = try self.given(wish)
        var given = found
        given.ownedTrainingRows = owned?.train
        given.dataFingerprint = try DataFingerprint.of(wish.dataPaths, store: store)
        if let device = wish.device, device != LaunchSettings.thisMachine {
            given.accelerator = try accelerator(device, wish, given)
        }
        if let decision {
            let facts = decision.situation.facts
            given.method = decision.method.flatMap(MethodKind.init)
            given.stakesAreHigh = facts["stakes.level"]?.text == "high"
            given.servingContext = facts["serving.context_tokens"]?.number.map { Int($0) }
        }
        if let run = wish.earlierRun { given.hasForgotten = try hasForgotten(RunFolder(path: run)) }
        let share = SplitPower.differingShare(book)
        given.testRowsWanted = wish.detect.flatMap { DetectableEffect.rows(toDetect: $0, discordantShare: share) }
        let plan = try PlanWriter(book).plan(for: given)
        let tested = owned?.test ?? Int((Double(given.rows) * plan.data.split.test).rounded())
        return Made(
            plan: plan,
            power: SplitPower(testRows: tested, rows: given.rows, folds: plan.evaluation.folds, book: book),
            download: download)
    }

    /// Rows of the parts that the owner of the data decided.
    private typealias Owned = (train: Int, test: Int)

    private func given(_ wish: Wish) throws -> (PlanWritingCase, Owned?, ModelDownload?) {
        do {
            let (given, owned) = try measured(wish)
            return (given, owned, nil)
        } catch let error as ModelLocationError {
            guard case .notFound = error, let download = ModelDownload(wish.model.name, book) else { throw error }
            return (try estimated(wish, download), nil, download)
        }
    }

    /// From the rows as the model's own tokenizer and template make them.
    private func measured(_ wish: Wish) throws -> (PlanWritingCase, Owned?) {
        var trial = RunPlan(
            model: wish.model, method: .lora(), data: DataSettings(paths: wish.dataPaths),
            training: TrainingSettings())
        // Long enough that no row is cut: the rows decide the length, not the other way round.
        trial.training.maxLength = 1 << 20
        trial.training.threads = machine.cores
        let prepared = try PreparedRun(trial, rows: wish.rows, in: installation)
        let rows = prepared.encoded.train + prepared.encoded.validation + prepared.encoded.test
        let shape = prepared.model.shape
        var given = PlanWritingCase(
            model: wish.model, parameterCount: ParameterCounts(shape: shape, lora: nil).base,
            contextLength: shape.maxPositions, dataPaths: wish.dataPaths, rows: rows.count,
            lengths: LengthStatistics(lengths: rows.map(\.count), targetTokens: rows.reduce(0) { $0 + $1.targetCount }),
            longestAnswer: rows.map(\.targetCount).max() ?? 0, machine: machine)
        // One more than the first target: the shortest cut that leaves the row something to learn.
        given.leastLength =
            rows.compactMap { row in row.isTarget.dropFirst().firstIndex(of: true).map { $0 + 1 } }.max() ?? 0
        given.facts = prepared.facts
        given.templateFingerprint = prepared.encoder.fingerprint
        let usual = prepared.location.isPractice ? GeneralMix.bundledName : GeneralMix.baseAnswersName
        given.generalMixSource = mix(wish, usual: usual)
        given.generalRowTargets = try generalRowTargets(given.generalMixSource, prepared.encoder)
        let isOwned = prepared.split.origin == .owner
        return (given, isOwned ? (prepared.encoded.train.count, prepared.encoded.test.count) : nil)
    }

    /// Counted on the first general rows; the base model's own answers are as long as it makes them.
    private func generalRowTargets(_ source: String?, _ encoder: ChatEncoder) throws -> Double? {
        guard let source, source != GeneralMix.baseAnswersName else { return nil }
        let path = source == GeneralMix.bundledName ? installation.models + "/base/general_mix.jsonl" : source
        let rows = try DatasetReader(threads: machine.cores).read(paths: [path]).examples.prefix(
            Self.generalRowsCounted)
        let encoding = DatasetEncoder(encoder: encoder, maxLength: .max)
        let counts = try rows.enumerated().map { try encoding.encode($1, index: $0).targetCount }
        return counts.isEmpty ? nil : Double(counts.reduce(0, +)) / Double(counts.count)
    }

    private static let generalRowsCounted = 500

    /// From the bytes of the rows, for a model that is not here yet.
    private func estimated(_ wish: Wish, _ download: ModelDownload) throws -> PlanWritingCase {
        let bytesPerToken = book.table("training_defaults")?["bytes_per_token"]?.number("number") ?? 4
        let dataset = try DatasetReader(threads: machine.cores).read(paths: wish.dataPaths)
        func tokens(_ bytes: Int, messages: Int) -> Int {
            Int((Double(bytes) / bytesPerToken).rounded(.up)) + messages * Self.tokensPerMessage
        }
        let lengths = dataset.examples.map { example in
            let messages = example.messages
            let bytes =
                messages.isEmpty
                ? example.completion.utf8.count : messages.reduce(0) { $0 + $1.content.utf8.count }
            return tokens(bytes, messages: messages.count)
        }
        let answers = dataset.examples.map { tokens($0.completion.utf8.count, messages: 1) }
        var given = PlanWritingCase(
            model: wish.model, parameterCount: Int(download.parametersBillion * 1e9),
            contextLength: download.contextTokens, dataPaths: wish.dataPaths, rows: dataset.examples.count,
            lengths: LengthStatistics(lengths: lengths, targetTokens: answers.reduce(0, +)),
            longestAnswer: answers.max() ?? 0, machine: machine)
        given.lengthsAreEstimated = true
        given.generalMixSource = mix(wish, usual: GeneralMix.baseAnswersName)
        if let architecture = try MemoryTables(book).architecture(named: wish.model.name),
            let shape = architecture.shape(context: download.contextTokens)
        {
            given.facts = ModelFacts(shape: shape, storedBytes: ByteCount(Int(download.gigabytes * 1e9)))
        }
        return given
    }

    /// Role, and the tokens before and after a message that usual templates write.
    private static let tokensPerMessage = 5

    /// Whether the general probe of a run fell by more than the margin of the rule book.
    private func hasForgotten(_ run: RunFolder) throws -> Bool {
        let margin = book.table("training_defaults")?["forgetting_margin"]?.number("number") ?? 0
        let summary = try JSONValue.parse(try store.readText(run.evalSummary))
        let fall = summary["general_knowledge"]?["comparison"]?["difference"]?["value"]?.doubleValue ?? 0
        return fall < -margin
    }

    private func mix(_ wish: Wish, usual: String) -> String? {
        let source = wish.generalMix ?? usual
        return source == "none" ? nil : source
    }

    private func accelerator(_ id: String, _ wish: Wish, _ given: PlanWritingCase) throws -> PlanAccelerator {
        let tables = try MemoryTables(book)
        guard let device = tables.device(id) else {
            let known = tables.devices.map(\.id)
            throw DeviceQuestionError.unknownDevice(id, suggestion: didYouMean(id, among: known), known: known)
        }
        let question = DeviceQuestion(model: wish.model.name)
        let architecture: Architecture
        if let known = tables.architecture(named: wish.model.name) {
            architecture = known
        } else if let facts = given.facts {
            architecture = Architecture(facts.shape, name: wish.model.name)
        } else {
            architecture = try question.run(tables).architecture
        }
        return PlanAccelerator(device: device, count: wish.deviceCount, architecture: architecture, tables: tables)
    }
}

/// What the test rows of a plan can show, said before anything is computed.
package struct SplitPower: Sendable, Hashable {
    package let testRows: Int
    /// The smallest difference between two ways of solving the task that these rows show 80 times of 100.
    package let detectable: Double?
    package let differingShare: Double
    /// Parts in which the ways that train nothing answer every row; nil where they answer the test rows alone.
    package let folds: Int?
    /// The smallest difference those show over every row.
    package let detectableInFolds: Double?

    package init(testRows: Int, rows: Int, folds: Int?, book: RuleBook) {
        self.testRows = testRows
        differingShare = SplitPower.differingShare(book)
        detectable = DetectableEffect.paired(rows: testRows, discordantShare: differingShare)
        self.folds = folds.flatMap { $0 > 1 ? $0 : nil }
        detectableInFolds = self.folds.flatMap { [differingShare] _ in
            DetectableEffect.paired(rows: rows, discordantShare: differingShare)
        }
    }

    static func differingShare(_ book: RuleBook) -> Double {
        book.table("training_defaults")?["differing_share"]?.number("number") ?? 0
    }
}
