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
    package func run(_ kind: Arm.Kind, _ model: LlamaModel) throws -> ArmResult? {
        guard applies(kind) else { return nil }
        switch kind {
        case .majority, .echo, .nearestNeighbour, .classifier: return floorResult(kind)
        case .base: return try measure(arm(kind), model, material.test, metrics)
        case .instructed: return 
            try measure(arm(kind), model, asked(material.test, model) { example, _ in prompts.instructed(example) })
        case .constrained: return try constrainedResult(arm(kind), model)
        case .fewShot: return try fewShotResult(model)
        case .retrieval, .tunedWithRetrieval: return try retrievalResult(arm(kind), model)
        case .probe, .tuned, .outputs, .endpoint: return nil
        }
    }

    /// Answers another system gave to the same rows.
    package func result(of outputs: OutputsFile, named name: String, path: String) throws(OutputsFileError) -> ArmResult {
        let items = outputs.items(for: material.test.map(\.example))
        guard items.contains(where: { $0.finish != .missing }) else {
            throw .noneFits(path: path, answers: outputs.count, rows: items.count)
        }
        return scored(Arm(name: name, kind: .outputs, model: outputs.model ?? name), items)
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
        return scored(Arm(name: Arm.Kind.endpoint.rawValue, kind: .endpoint, model: endpoint.model), items)
    }

    private func scored(_ arm: Arm, _ items: [ItemResult]) -> ArmResult {
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
        let chosen = min(settings.validationRows, material.validation.count)
        return switch kind {
        case .majority, .echo, .nearestNeighbour, .classifier: 0
        case .fewShot:
            mean * (rows * (1 + (settings.shots.max() ?? 0)) + chosen * 2 * settings.shots.reduce(0, +))
        case .retrieval, .tunedWithRetrieval:
            mean * (rows * (1 + (settings.passages.max() ?? 0)) + chosen * settings.passages.reduce(0, +))
        default: mean * rows
        }
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
        guard let items = floor.items(kind, for: material.test.map(\.example)) else { return nil }
        let seconds = (clock.now - start) / .seconds(1)
        let arm = Arm(name: kind.rawValue, kind: kind, model: FloorArms.noModel)
        return ArmResult(
            arm: arm, items: items, scoring: ItemScoring(metrics: metrics.all, expected: items.map(\.expected)),
            seconds: seconds)
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

    private func fewShotResult(_ model: LlamaModel) throws -> ArmResult? {
        var tried: [(count: Int, choice: ArmPrompts.Choice)] = []
        for choice in ArmPrompts.Choice.allCases { for count in settings.shots { tried.append((count, choice)) } }
        let best = try chosen(among: tried, for: .fewShot, model) { example, count, choice in
            prompts.fewShot(example, count: count, choice)
        }
        guard let best else { return nil }
        let rows = try asked(material.test, model, upTo: best.count) { prompts.fewShot($0, count: $1, best.choice) }
        return try measure(
            arm(.fewShot, detail: "\(best.count) \(best.choice.rawValue)"), model, rows)
    }

    private func retrievalResult(_ arm: Arm, _ model: LlamaModel) throws -> ArmResult? {
        let tried = settings.passages.map { (count: $0, choice: ArmPrompts.Choice.nearest) }
        let best = try chosen(among: tried, for: arm.kind, model) { example, count, _ in prompts.retrieved(example, count: count) }
        guard let best else { return nil }
        let rows = try asked(material.test, model, upTo: best.count) { prompts.retrieved($0, count: $1) }
        let what = prompts.searchesDocuments ? "passages" : "training rows"
        return try measure(self.arm(arm.kind, detail: "\(best.count) \(what)"), model, rows)
    }

    /// The way that scores best on validation rows; of equal ones the one with fewer examples. Without validation rows the
    /// middle one is taken.
    private func chosen(
        among ways: [(count: Int, choice: ArmPrompts.Choice)], for kind: Arm.Kind, _ model: LlamaModel,
        _ prompt: (Example, Int, ArmPrompts.Choice) -> [ChatMessage]
    ) throws -> (count: Int, choice: ArmPrompts.Choice)? {
        let rows = material.validation.sampled(limit: settings.validationRows)
        guard !rows.isEmpty, ways.count > 1 else { return ways.isEmpty ? nil : ways[ways.count / 2] }
        var best: (way: (count: Int, choice: ArmPrompts.Choice), score: Double)?
        for way in ways.sorted(by: { $0.count < $1.count }) {
            let asked = try asked(rows, model, upTo: way.count) { prompt($0, $1, way.choice) }
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
