package import Datasets
package import Evaluation
import Feasibility
package import FileStore
import Foundation
import ModelFiles
package import Plan
package import RuleEngine
import Tensors
import Tokenization
import Transformer

/// What somebody wants to have measured beside what hone measures on its own.
package struct ArmWishes: Sendable {
    /// Nil means every arm that applies.
    package var kinds: Set<Arm.Kind>?
    /// Answers of other systems, by the name of the arm.
    package var outputs: [(name: String, path: String)] = []
    package var endpoint: Endpoint?
    /// A folder to search, or single files.
    package var documents: [String] = []
    package var budgetSeconds: Double?
    /// Parts in which the arms that train nothing answer every row; nil lets the rules say, 0 means held-out rows alone.
    package var folds: Int?
    /// Run the tests that rows bring with their answers. Code a model wrote is not run unless somebody says so.
    package var allowsCode = false
    /// Seconds for training on parts of the rows beside the tuned model of a run; nil for none.
    package var curveSeconds: Double?

    package init() {}

    /// Nothing beside the base and the tuned model.
    package static var none: ArmWishes {
        var wishes = ArmWishes()
        wishes.kinds = []
        return wishes
    }

    package func wants(_ kind: Arm.Kind) -> Bool { kinds?.contains(kind) ?? true }

    /// Training takes longest, so it is wanted only where it was named.
    package var wantsLearningCurve: Bool { kinds?.contains(.probe) ?? false }
}

extension ArmSuite.Settings {
    /// Nil where the rule book lacks a word of a prompt.
    package init?(_ book: RuleBook) {
        func words(_ id: String) -> String? { book.table("arm_prompts")?[id]?.text("words") }
        func counts(_ id: String) -> [Int] {
            (book.table("arm_settings")?[id]?.list("counts") ?? []).compactMap { Int($0) }.filter { $0 > 0 }.sorted()
        }
        guard let labels = words("labels"), let json = words("json"), let text = words("text"),
            let passages = words("passages")
        else { return nil }
        self.init(
            wording: ArmPrompts.Wording(labels: labels, json: json, text: text, passages: passages),
            shots: counts("examples_in_the_prompt"), passages: counts("retrieved_passages"),
            validationRows: book.armAmount("validation_rows", otherwise: 40))
    }
}

extension RuleBook {
    /// What arms are priced by: what was said, what is listed, and what a machine's hour costs.
    func armPrices(given: TokenPrices?) -> ArmPrices {
        var listed: [String: TokenPrices] = [:]
        for row in table("prices")?.rows ?? [] {
            guard let name = row.text("name"), let input = row.number("input_usd"), let output = row.number("output_usd")
            else { continue }
            let price = TokenPrices(inputPerMillion: input, outputPerMillion: output)
            for key in [row.id, name] where listed[key.lowercased()] == nil { listed[key.lowercased()] = price }
        }
        return ArmPrices(
            given: given, listed: listed,
            machineHour: table("arm_settings")?["machine_hour"]?.number("amount"))
    }

    /// A number of the table of arm settings.
    package func armAmount(_ id: String, otherwise: Int) -> Int {
        table("arm_settings")?[id]?.number("amount").map { Int($0) } ?? otherwise
    }
}

/// The line from rows and a model to every cheaper way of solving the task, measured on the same held-out rows. Nothing is
/// trained for it but a text classifier.
package struct ArmMeasuring {
    private let book: RuleBook
    private let installation: Installation
    private let threads: Int
    private let store: FileStore
    package var progress: (_ arm: Arm, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    /// What is said before anything is computed: rows that will be asked, and the smallest difference they can show.
    package struct Outlook: Sendable, Hashable {
        package let rows: Int
        package let detectable: Double?
        /// Parts in which every row is asked; nil where only held-out rows are.
        package let folds: Int?
    }

    package var announce: (Outlook) -> Void = { _ in }

    package init(book: RuleBook, installation: Installation, threads: Int, store: FileStore = FileStore()) {
        self.book = book
        self.installation = installation
        self.threads = threads
        self.store = store
    }

    /// What the facts of the case say that measuring needs.
    package struct Question: Sendable {
        package var taskKind: String?
        package var task: String?
        /// The value of the primary metric that counts as success.
        package var target: Double?
        /// The model in question, where it was named.
        package var modelInQuestion: String?
        package var limit: Int?
        package var maxNewTokens: Int?
        package var metrics: [String] = []
        /// Prices of tokens somebody gave for the case.
        package var prices: TokenPrices?
        /// `stakes.domain` of the case: some questions of the safety probe are for one domain.
        package var domain: String?

        package init() {}
    }

    /// - Parameter model: The model on this machine that the prompted arms run on.
    package func measure(
        _ dataset: Dataset, model reference: ModelReference, _ wishes: ArmWishes, _ question: Question
    ) throws -> EvaluationResult {
        let location = try ModelLocation(reference, in: installation, store: store)
        let folder = try ModelFolder(path: location.path, store: store)
        let encoder = try ChatEncoder(folder: location.path)
        let split = Split(
            dataset, settings: SplitSettings(),
            testAtLeast: book.armAmount("held_out_rows", otherwise: 100))
        var settings = EvaluationSettings()
        settings.metrics = question.metrics
        settings.limit = question.limit
        let rows = DatasetEncoder(encoder: encoder, maxLength: .max, threads: threads)
        func asked(_ places: [Int], limit: Int?) throws -> [HeldOutRow] {
            try evenly(places, limit).map { place in
                try HeldOutRow(
                    dataset.examples[place], encoded: try rows.encode(dataset.examples[place], index: place), encoder)
            }
        }
        let test = try asked(split.test, limit: question.limit)
        guard !test.isEmpty else { throw EvaluationError.noRows }
        let validation = try asked(split.validation, limit: book.armAmount("validation_rows", otherwise: 40))
        // Whoever limits the rows wants to spend little.
        let folded =
            question.limit != nil
            ? nil
            : try FoldedRows(
                dataset, split, wanted: wishes.folds, seed: SplitSettings().seed, encoder, book: book, threads: threads)
        let longestAnswer = (test + validation + (folded?.rows ?? [])).map(\.encoded.targetCount).max() ?? 0
        settings.maxNewTokens = question.maxNewTokens ?? min(settings.maxNewTokens, longestAnswer * 2 + 16)
        let documents = try Self.documents(wishes.documents, store)
        var evaluator = Evaluator(
            encoder: encoder, stopIDs: Set(try folder.stopIDs().map(Int32.init)).union(encoder.stopIDs),
            settings: settings)
        evaluator.progress = progress
        evaluator.checks = AnswerChecks(book, documents: documents, allowsCode: wishes.allowsCode)
        let metrics = try evaluator.metrics(for: test, taskKind: question.taskKind)
        let groups = Set(test.compactMap(\.example.group)).count + test.count { $0.example.group == nil }
        let share = SplitPower.differingShare(book)
        let detectable =
            folded.map { $0.detectable(differingShare: share) }
            ?? DetectableEffect.paired(rows: groups, discordantShare: share)
        announce(
            Outlook(rows: folded?.rows.count ?? test.count, detectable: detectable, folds: folded?.folds.parts.count))

        guard let tried = ArmSuite.Settings(book) else { throw ArmMeasuringError.noPrompts }
        func suite(_ material: ArmSuite.Material) -> ArmSuite {
            var material = material
            (material.task, material.documents) = (question.task, documents)
            return ArmSuite(
                evaluator, modelNamed: reference.name, isPracticeModel: location.isPractice, material, tried, metrics)
        }
        let heldOut = suite(
            ArmSuite.Material(
                training: split.train.map { dataset.examples[$0] }, validation: validation, test: test))
        var race = ArmRace(heldOut, primary: metrics.primary, budget: wishes.budgetSeconds, target: question.target)
        race.folds = folded?.arms(metrics, suite: suite)
        race.isModelInQuestion = !location.isPractice && question.modelInQuestion.map { $0 == reference.name } ?? true
        for (name, path) in wishes.outputs {
            let file = try OutputsFile(text: try store.readText(path), path: path)
            race.add(try heldOut.result(of: file, named: name, path: path, folds: race.folds))
        }
        var weights: LlamaModel?
        let longest = (test + validation + (folded?.rows ?? [])).map(\.encoded.count).max() ?? 0
        let kinds = ArmSuite.order.filter { wishes.wants($0) && $0 != .tunedWithRetrieval }
        try race.run(kinds) { _ in
            if let weights { return weights }
            let loaded = try LlamaModel(
                folder: folder, trainable: .none, team: ThreadTeam(threads: threads),
                maxBatchTokens: max(longest, 2048))
            weights = loaded
            return loaded
        }
        if let endpoint = wishes.endpoint {
            let arm = Arm(name: Arm.Kind.endpoint.rawValue, kind: .endpoint, model: endpoint.model)
            race.add(try heldOut.result(of: endpoint) { progress(arm, $0, $1) })
        }
        var trained: [ArmResult] = [], curve: LearningCurve?, notTrained: [SkippedArm] = []
        if wishes.wantsLearningCurve {
            weights = nil
            let probes = try probeTraining(dataset, split, reference, encoder, folder)
            var arms = LearningCurveArms(
                probes, model: (reference.name, location.isPractice), metric: metrics.primary,
                budget: wishes.budgetSeconds.map { max(0, $0 - race.elapsed) }
            ) { arm, model in try evaluator.measure(arm, model, test, metrics.withoutTokenLosses) }
            curve = try arms.measure(target: question.target)
            (trained, notTrained) = (arms.arms, arms.skipped)
        }
        var result = EvaluationResult(
            split: Split.Part.test.rawValue, metrics: metrics, decoding: evaluator.decoding,
            arms: race.results + trained)
        result.curve = curve
        result.skipped = race.skipped + notTrained
        result.detectableBefore = detectable
        result.arms = result.arms.map { $0.priced(book.armPrices(given: question.prices)) }
        return result
    }

    /// As a plan for these rows and this model would train; the parts leave no trace.
    private func probeTraining(
        _ dataset: Dataset, _ split: Split, _ model: ModelReference, _ encoder: ChatEncoder, _ base: ModelFolder
    ) throws -> ProbeTraining {
        var wish = PlanMaking.Wish(model: model, dataPaths: dataset.files.map(\.path))
        wish.rows = dataset
        wish.generalMix = "none"
        let making = PlanMaking(book: book, installation: installation, machine: MachineProfile.probe())
        var plan = try making.plan(for: nil, wish).plan
        plan.training.threads = threads
        let rows = DatasetEncoder(encoder: encoder, maxLength: plan.training.maxLength, threads: threads)
        return ProbeTraining(
            plan: plan, base: base, data: try rows.encode(dataset, split: split),
            folder: NSTemporaryDirectory() + "hone-probes-" + UUID().uuidString, store: store)
    }

    private func evenly(_ places: [Int], _ limit: Int?) -> [Int] {
        guard let limit, limit > 0, limit < places.count else { return places }
        return (0..<limit).map { places[$0 * places.count / limit] }
    }

    /// Passages of text files; a folder is read as a whole, in the order of its names.
    static func documents(_ paths: [String], _ store: FileStore) throws -> [Passage] {
        var passages: [Passage] = []
        for path in paths {
            let files = store.isFolder(path) ? try store.list(path).sorted().map { path + "/" + $0 } : [path]
            for file in files where store.isFile(file) {
                passages += Passage.pieces(of: try store.readText(file), source: FileStore.lastName(of: file))
            }
        }
        return passages
    }
}

/// Why the cheaper options could not be measured.
package enum ArmMeasuringError: Error, Sendable, Hashable {
    /// The rule book has no table of prompts.
    case noPrompts
}
