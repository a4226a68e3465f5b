import Datasets
import ModelFiles
package import Plan
package import Tokenization
package import Transformer

/// Asks a model the held-out rows and scores what it says.
package struct Evaluator {
    package let encoder: ChatEncoder
    package let stopIDs: Set<Int32>
    package let settings: EvaluationSettings
    /// Answers in progress at once; recorded with the figures, because it changes the order of sums.
    package var batchSize = 32
    /// Called after each batch with the rows done and the rows there are.
    package var progress: (_ arm: Arm, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    /// What is looked for beside the score; nil for nothing.
    package var checks: AnswerChecks?
    private let clock = ContinuousClock()

    package init(encoder: ChatEncoder, stopIDs: Set<Int32>, settings: EvaluationSettings) {
        self.encoder = encoder
        self.stopIDs = stopIDs
        self.settings = settings
    }

    /// The metrics the plan names, or those that suit the expected answers.
    package func metrics(for rows: [HeldOutRow], taskKind: String?) throws(EvaluationError) -> MetricSet {
        let expected = rows.map(\.expected)
        var asked: [Metric] = []
        for name in settings.metrics {
            guard let metric = Metric(rawValue: name) else { throw .unknownMetric(name) }
            asked.append(metric)
        }
        if let given = MetricSet.given(asked, expected: expected) { return given }
        if rows.allSatisfy({ $0.prompt == nil }) {
            return MetricSet(primary: .bitsPerByte, all: [.bitsPerByte, .perplexity], form: .openText, isGiven: false)
        }
        let checked = Metric.allCases.filter { metric in
            metric.isFoundByChecks && (checks?.measures(metric, rows.map(\.example)) ?? false)
        }
        return MetricSet.suiting(expected: expected, requests: rows.map(\.example.request), taskKind: taskKind)
            .adding(checked)
    }

    /// One arm on all rows. `model` is used as it stands: with or without its adapter (`usesAdapter`).
    package func measure(
        _ arm: Arm, _ model: LlamaModel, _ rows: [HeldOutRow], _ metrics: MetricSet,
        constrained: ConstrainedDecoding? = nil
    ) throws(EvaluationError) -> ArmResult {
        guard !rows.isEmpty else { throw .noRows }
        var items = rows.map(ItemResult.init)
        var seconds: Double?
        do {
            if metrics.needsGeneration { seconds = try generate(arm, model, rows, constrained, into: &items) }
            if metrics.needsTokenLosses { try measureLosses(model, rows, into: &items) }
        } catch {
            throw .model(arm: arm.name, error)
        }
        if metrics.needsGeneration { items = checked(items, rows.map(\.example)) }
        let scoring = ItemScoring(metrics: metrics.all, expected: rows.map(\.expected))
        return ArmResult(arm: arm, items: items, scoring: scoring, seconds: seconds)
    }

    /// What was looked for in each answer.
    func checked(_ items: [ItemResult], _ examples: [Example]) -> [ItemResult] {
        guard let checks else { return items }
        return zip(items, examples).map { checks.checked($0, $1) }
    }

    /// The base model and the tuned one on the same rows and the same questions. They may be one model, which then carries
    /// the adapter and is asked without it first.
    package func beforeAndAfter(
        _ base: LlamaModel, _ tuned: LlamaModel, named name: String, isPracticeModel: Bool, rows: [HeldOutRow],
        questions: [HeldOutRow], split: String, taskKind: String?
    ) throws(EvaluationError) -> EvaluationResult {
        let usedAdapter = tuned.usesAdapter
        defer { tuned.usesAdapter = usedAdapter }
        return try compare(
            named: name, isPracticeModel, rows, questions, split: split, taskKind: taskKind
        ) { (arm, asked, metrics, _) throws(EvaluationError) in
            if base === tuned { tuned.usesAdapter = arm.kind == .tuned }
            return try measure(arm, arm.kind == .tuned ? tuned : base, asked, metrics)
        }
    }

    /// - Parameter measured: Asks one arm the rows, or the questions of the probe where the last argument is true.
    func compare(
        named name: String, _ isPracticeModel: Bool, _ rows: [HeldOutRow], _ questions: [HeldOutRow], split: String,
        taskKind: String?,
        _ measured: (Arm, [HeldOutRow], MetricSet, Bool) throws(EvaluationError) -> ArmResult
    ) throws(EvaluationError) -> EvaluationResult {
        let rows = rows.sampled(limit: settings.limit)
        let metrics = try metrics(for: rows, taskKind: taskKind)
        var arms: [ArmResult] = [], probes: [ArmResult] = []
        for kind in [Arm.Kind.base, .tuned] {
            let arm = Arm(name: kind.rawValue, kind: kind, model: name, isPracticeModel: isPracticeModel)
            arms.append(try measured(arm, rows, metrics, false))
            if !questions.isEmpty { probes.append(try measured(arm, questions, .generalKnowledge, true)) }
        }
        var result = EvaluationResult(
            split: split, metrics: metrics, decoding: decoding, arms: arms,
            probe: probes.isEmpty ? nil : ProbeResult(arms: probes))
        result.real = realSlice(of: arms, rows, metrics)
        return result
    }

    /// What users really asked may differ from what was written for a test, so it has figures of its own.
    private func realSlice(of arms: [ArmResult], _ rows: [HeldOutRow], _ metrics: MetricSet) -> [ArmResult] {
        let places = rows.indices.filter { rows[$0].example.isReal }
        return slice(of: arms, rows, metrics, places)
    }

    /// The same arms on some of their rows; empty where those are none or all.
    package func slice(
        of arms: [ArmResult], _ rows: [HeldOutRow], _ metrics: MetricSet, _ places: [Int]
    ) -> [ArmResult] {
        guard !places.isEmpty, places.count < rows.count else { return [] }
        let scoring = ItemScoring(metrics: metrics.all, expected: rows.map(\.expected))
        return arms.map { arm in
            ArmResult(arm: arm.arm, items: places.map { arm.items[$0] }, scoring: scoring)
        }
    }

    package var decoding: EvaluationResult.Decoding {
        .init(maxNewTokens: settings.maxNewTokens, batchSize: batchSize)
    }

    /// Greedy answers to every row that asks something. Returns the time it took.
    private func generate(
        _ arm: Arm, _ model: LlamaModel, _ rows: [HeldOutRow], _ constrained: ConstrainedDecoding?,
        into items: inout [ItemResult]
    ) throws(TransformerError) -> Double {
        var generator = Generator(model: model)
        generator.slots = batchSize
        if let constrained { generator.chooser = constrained.choose }
        // A prompt that fills the context leaves no room for an answer; it counts as a wrong one.
        let asked = rows.indices.filter { place in
            rows[place].prompt.map {
                !$0.isEmpty && $0.count < model.shape.maxPositions && $0.count <= model.maxBatchTokens
            } ?? false
        }
        for place in rows.indices where rows[place].prompt != nil { items[place].finish = .missing }
        let start = clock.now
        // Several rounds of slots per call keep them busy; one call per few rounds lets progress be shown.
        let piece = batchSize * 4
        for first in stride(from: 0, to: asked.count, by: piece) {
            let places = asked[first..<min(asked.count, first + piece)]
            constrained?.reset()
            let texts = try generator.generate(
                prompts: places.map { rows[$0].prompt ?? [] }, limit: settings.maxNewTokens, stopIDs: stopIDs)
            for (place, text) in zip(places, texts) {
                items[place].output = encoder.tokenizer.decode(text.ids, skipSpecialTokens: true)
                items[place].outputTokens = text.ids.count
                items[place].finish = text.finish == .stop ? .stop : .length
            }
            progress(arm, places.endIndex, asked.count)
        }
        return (clock.now - start) / .seconds(1)
    }

    /// How surprised the model is by every expected answer, in as few passes as its arena allows.
    private func measureLosses(
        _ model: LlamaModel, _ rows: [HeldOutRow], into items: inout [ItemResult]
    ) throws(TransformerError) {
        var batch = PackedBatch(rows: []), places: [Int] = []
        func flush() throws(TransformerError) {
            guard !places.isEmpty else { return }
            var losses = try model.evaluateLoss(batch)[...]
            for place in places {
                let row = rows[place], count = row.encoded.targetCount
                let sum = losses.prefix(count).reduce(0.0) { $0 + Double($1) }
                losses = losses.dropFirst(count)
                items[place].loss = TokenLoss(sum: sum, tokens: count, bytes: row.targetBytes)
            }
            (batch, places) = (PackedBatch(rows: []), [])
        }
        // A row beyond the context has no loss, as it has no answer.
        let fitting = rows.enumerated().filter {
            $1.encoded.targetCount > 0 && $1.encoded.count <= model.shape.maxPositions
        }
        for (place, row) in fitting {
            if batch.tokenCount + row.encoded.count > model.maxBatchTokens { try flush() }
            batch.append(ids: row.encoded.inputIDs, labels: row.encoded.labels)
            places.append(place)
        }
        try flush()
    }
}
