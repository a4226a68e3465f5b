package import Datasets
import ModelFiles
import Plan
import Tokenization
package import Transformer

/// The cheaper ways of solving the task, on the same held-out rows with the same decoding as the tuned model.
///
/// Arms are run from the cheapest to the dearest, so that a budget is spent where the answer can still change.
package struct ArmSuite {
    /// What the arms may draw on. Prompts and answers come from training rows only; their number is chosen on validation.
    package struct Material {
        package var training: [Example]
        package var validation: [HeldOutRow]
        package var test: [HeldOutRow]
        package var documents: [Passage] = []
        package var task: String?

        package init(training: [Example], validation: [HeldOutRow], test: [HeldOutRow]) {
            self.training = training
            self.validation = validation
            self.test = test
        }
    }

    package struct Settings: Sendable, Hashable {
        package var wording: ArmPrompts.Wording
        package var shots: [Int]
        package var passages: [Int]
        /// Validation rows that are asked for every number tried.
        package var validationRows: Int

        package init(wording: ArmPrompts.Wording, shots: [Int], passages: [Int], validationRows: Int) {
            self.wording = wording
            self.shots = shots
            self.passages = passages
            self.validationRows = validationRows
        }
    }

    /// Why an arm has no figures.
    package enum Skip: Sendable, Hashable {
        /// It would have taken this long, with less left.
        case budget(needs: Double, left: Double)
        /// This arm, which costs less, has already reached the target beyond doubt.
        case notNeeded(because: String)
        /// Nothing to draw on: no documents, no labels, no shape that answers share.
        case notApplicable
    }

    /// What is chosen on validation rows: how many examples or passages stand in the prompt, and which.
    package struct Way: Sendable, Hashable {
        package let count: Int
        package let choice: ArmPrompts.Choice
    }

    private let evaluator: Evaluator
    private let modelName: String
    private let isPracticeModel: Bool
    private let material: Material
    private let settings: Settings
    private let metrics: MetricSet
    private let prompts: ArmPrompts
    private let floor: FloorArms

    package init(
        _ evaluator: Evaluator, modelNamed name: String, isPracticeModel: Bool, _ material: Material, _ settings: Settings,
        _ metrics: MetricSet
    ) {
        self.evaluator = evaluator
        modelName = name
        self.isPracticeModel = isPracticeModel
        self.settings = settings
        self.metrics = metrics
        self.material = material
        floor = FloorArms(training: material.training)
        prompts = ArmPrompts(
            settings.wording, training: material.training, floor: floor, form: metrics.form, task: material.task,
            documents: material.documents)
    }

    /// Those that apply to every task, cheapest first.
    package static let order: [Arm.Kind] = [
        .majority, .echo, .nearestNeighbour, .classifier, .base, .instructed, .constrained, .fewShot, .retrieval,
        .tunedWithRetrieval,
    ]

    package func applies(_ kind: Arm.Kind) -> Bool {
        switch kind {
        case .classifier: metrics.form == .labels
        case .constrained: grammar != nil
        case .majority, .nearestNeighbour, .fewShot: !material.training.isEmpty
        case .retrieval: prompts.searchesDocuments || !material.training.isEmpty
        case .tunedWithRetrieval: prompts.searchesDocuments
        case .echo, .base, .instructed: true
        case .probe, .tuned, .outputs, .endpoint: false
        }
    }

    /// Nil where the arm does not apply. `model` is used as it stands, with or without its adapter.
    ///
    /// - Parameter way: How many examples, where that was chosen before; else validation rows are asked.
    package func run(_ kind: Arm.Kind, _ model: LlamaModel, _ way: Way? = nil) throws -> ArmResult? {
        guard applies(kind) else { return nil }
        switch kind {
        case .majority, .echo, .nearestNeighbour, .classifier: return floorResult(kind)
        case .base: return try measure(arm(kind), model, material.test, metrics)
        case .instructed: return try measure(arm(kind), model, asked(material.test, model) { example, _ in prompts.instructed(example) })
        case .constrained: return try constrainedResult(arm(kind), model)
        case .fewShot, .retrieval, .tunedWithRetrieval:
            guard let way = try way ?? chosenWay(kind, model) else { return nil }
            let rows = try asked(material.test, model, upTo: way.count) { prompt(kind, $0, $1, way.choice) }
            return try measure(arm(kind, detail: words(way, kind)), model, rows)
        case .probe, .tuned, .outputs, .endpoint: return nil
        }
    }

    /// The way that scores best on validation rows; of equal ones the one with fewer examples. Without validation rows the
    /// middle one is taken. Nil for an arm that has nothing to choose.
    package func chosenWay(_ kind: Arm.Kind, _ model: LlamaModel) throws -> Way? {
        var ways: [Way] = []
        for choice in kind == .fewShot ? ArmPrompts.Choice.allCases : [.nearest] {
            for count in counts(kind) { ways.append(Way(count: count, choice: choice)) }
        }
        let rows = material.validation.sampled(limit: settings.validationRows)
        guard !rows.isEmpty, ways.count > 1 else { return ways.isEmpty ? nil : ways[ways.count / 2] }
        var best: (way: Way, score: Double)?
        for way in ways.sorted(by: { $0.count < $1.count }) {
            let asked = try asked(rows, model, upTo: way.count) { prompt(kind, $0, $1, way.choice) }
            let name = "\(kind.rawValue) with \(way.count) \(way.choice.rawValue) on validation rows"
            let trial = Arm(name: name, kind: kind, model: modelName, isPracticeModel: isPracticeModel)
            let only = MetricSet.given([metrics.primary], expected: rows.map(\.expected)) ?? metrics
            let wanted = only.needsTokenLosses ? metrics.withoutTokenLosses : only
            let result = try evaluator.measure(trial, model, asked, wanted)
            let score = result.figures[metrics.primary]?.value ?? 0
            if score > best?.score ?? -.infinity { best = (way, score) }
        }
        return best?.way
    }

    private func counts(_ kind: Arm.Kind) -> [Int] {
        switch kind {
        case .fewShot: settings.shots
        case .retrieval, .tunedWithRetrieval: settings.passages
        default: []
        }
    }

    private func prompt(
        _ kind: Arm.Kind, _ example: Example, _ count: Int, _ choice: ArmPrompts.Choice
    ) -> [ChatMessage] {
        kind == .fewShot
            ? prompts.fewShot(example, count: count, choice) : prompts.retrieved(example, count: count)
    }

    /// `5 bm25`, `3 passages`.
    private func words(_ way: Way, _ kind: Arm.Kind) -> String {
        if kind == .fewShot { return "\(way.count) \(way.choice.rawValue)" }
        return "\(way.count) " + (prompts.searchesDocuments ? "passages" : "training rows")
    }

    /// Answers another system gave to the same rows.
    ///
    /// - Parameter folds: Where other arms answer every row, so does a file that answers more than the held-out ones.
    package func result(
        of outputs: OutputsFile, named name: String, path: String, folds: ArmFolds? = nil
    ) throws(OutputsFileError) -> ArmResult {
        var rows = material.test
        var items = try outputs.items(for: rows.map(\.example), path: path)
        func given(_ items: [ItemResult]) -> Int { items.count { $0.finish != .missing } }
        if let folds {
            let all = try outputs.items(for: folds.rows.map(\.example), path: path)
            if given(all) > given(items) { (items, rows) = (all, folds.rows) }
        }
        guard given(items) > 0 else {
            throw .noneFits(path: path, answers: outputs.count, rows: items.count)
        }
        return scored(Arm(name: name, kind: .outputs, model: outputs.model ?? name), items, rows)
    }

    /// Asks a model behind an endpoint, each row with the instruction that says what form the answer has.
    package func result(of endpoint: Endpoint, progress: (Int, Int) -> Void) throws(EndpointError) -> ArmResult {
        var items: [ItemResult] = []
        for (place, row) in material.test.enumerated() {
            let answer = try endpoint.answer(to: prompts.instructed(row.example))
            var item = ItemResult(row.example, output: answer.output, finish: answer.isCut ? .length : .stop)
            (item.promptTokens, item.outputTokens, item.seconds) = (
                answer.promptTokens, answer.outputTokens, answer.seconds
            )
            items.append(item)
            progress(place + 1, material.test.count)
        }
        return scored(Arm(name: Arm.Kind.endpoint.rawValue, kind: .endpoint, model: endpoint.model), items, material.test)
    }

    private func scored(_ arm: Arm, _ answers: [ItemResult], _ rows: [HeldOutRow]) -> ArmResult {
        let items = evaluator.checked(answers, rows.map(\.example))
        let times = items.compactMap(\.seconds)
        return ArmResult(
            arm: arm, items: items,
            scoring: ItemScoring(metrics: metrics.withoutTokenLosses.all, expected: items.map(\.expected)),
            seconds: times.count == items.count ? times.reduce(0, +) : nil)
    }

    /// Tokens an arm reads and may write at most: what its time grows with.
    package func tokens(_ kind: Arm.Kind) -> Int {
        let rows = material.test.count, prompt = material.test.reduce(0) { $0 + ($1.prompt?.count ?? 0) }
        let mean = rows == 0 ? 0 : prompt / rows + answerTokens
        return switch kind {
        case .majority, .echo, .nearestNeighbour, .classifier: 0
        case .fewShot, .retrieval, .tunedWithRetrieval:
            mean * rows * (1 + (counts(kind).max() ?? 0)) + choosingTokens(kind)
        default: mean * rows
        }
    }

    /// The part of `tokens` that choosing on validation rows takes.
    func choosingTokens(_ kind: Arm.Kind) -> Int {
        let asked = material.validation.sampled(limit: settings.validationRows)
        let tokens = asked.reduce(0) { $0 + ($1.prompt?.count ?? 0) + $1.encoded.targetCount }
        return tokens * counts(kind).reduce(0) { $0 + 1 + $1 } * (kind == .fewShot ? ArmPrompts.Choice.allCases.count : 1)
    }

    /// How long a token takes, by asking two rows.
    func secondsPerToken(_ model: LlamaModel) throws -> Double? {
        let rows = Array(material.test.prefix(2)), clock = ContinuousClock(), start = clock.now
        let trial = Arm(name: "speed", kind: .base, model: modelName, isPracticeModel: isPracticeModel)
        let items = try evaluator.measure(trial, model, rows, metrics.withoutTokenLosses).items
        let tokens = items.reduce(0) { $0 + ($1.promptTokens ?? 0) + ($1.outputTokens ?? 0) }
        return tokens > 0 ? (clock.now - start) / .seconds(1) / Double(tokens) : nil
    }

    private var answerTokens: Int {
        let targets = material.test.reduce(0) { $0 + $1.encoded.targetCount }
        return targets / max(1, material.test.count)
    }

    private func arm(_ kind: Arm.Kind, detail: String? = nil) -> Arm {
        Arm(name: kind.rawValue, kind: kind, model: modelName, isPracticeModel: isPracticeModel, detail: detail)
    }

    private func floorResult(_ kind: Arm.Kind) -> ArmResult? {
        let clock = ContinuousClock(), start = clock.now
        let classifier = kind == .classifier ? floor.classifier() : nil, trained = clock.now
        guard let items = floor.items(kind, for: material.test.map(\.example), classifier: classifier) else { return nil }
        let seconds = (clock.now - trained) / .seconds(1)
        let arm = Arm(name: kind.rawValue, kind: kind, model: FloorArms.noModel)
        var result = ArmResult(
            arm: arm, items: items, scoring: ItemScoring(metrics: metrics.all, expected: items.map(\.expected)),
            seconds: seconds)
        if kind == .classifier { result.usage.preparationSeconds = (trained - start) / .seconds(1) }
        return result
    }

    /// What the decoder may be held to: the labels, or the shape all training answers share.
    private var grammar: AnswerGrammar? {
        let answers = material.training.map(\.completion)
        switch metrics.form {
        case .labels: return answers.isEmpty ? nil : .labels(Set(answers).sorted())
        case .json: return .inferred(from: answers)
        case .shortText, .openText: return nil
        }
    }

    private func constrainedResult(_ arm: Arm, _ model: LlamaModel) throws -> ArmResult? {
        guard let grammar,
            let decoding = ConstrainedDecoding(
                grammar, tokenizer: evaluator.encoder.tokenizer, stopIDs: evaluator.stopIDs)
        else { return nil }
        let rows = try asked(material.test, model) { example, _ in prompts.instructed(example) }
        return try evaluator.measure(arm, model, rows, metrics.withoutTokenLosses, constrained: decoding)
    }

    private func measure(
        _ arm: Arm, _ model: LlamaModel, _ rows: [HeldOutRow], _ metrics: MetricSet? = nil
    ) throws -> ArmResult {
        try evaluator.measure(arm, model, rows, metrics ?? self.metrics.withoutTokenLosses)
    }

    /// Rows with another prompt; where it leaves no room for an answer, with fewer examples in it.
    private func asked(
        _ rows: [HeldOutRow], _ model: LlamaModel, upTo count: Int = 0, _ prompt: (Example, Int) -> [ChatMessage]
    ) throws -> [HeldOutRow] {
        let room = min(model.shape.maxPositions, model.maxBatchTokens) - evaluator.settings.maxNewTokens
        return try rows.map { row in
            guard row.prompt != nil else { return row }
            var left = count
            while true {
                let asked = try row.asked(with: prompt(row.example, left), evaluator.encoder)
                if left == 0 || asked.prompt?.count ?? 0 <= room { return asked }
                left -= 1
            }
        }
    }
}
