import Datasets
import Foundation
import ModelFiles
import Plan
import Tensors
import Testing
import Tokenization
import Transformer

@testable import Evaluation

/// On a model of random weights over the embedded tokenizer: what it says is noise, what is counted is not.
@Suite("Evaluator")
struct EvaluatorTests {
    let tokenizer: Tokenizer
    let evaluator: Evaluator

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        tokenizer = try Tokenizer(folder: root.appending(path: "models/base").path)
        var settings = EvaluationSettings()
        settings.maxNewTokens = 6
        let encoder = ChatEncoder(tokenizer: tokenizer, template: try ChatTemplate(source: "{{ messages }}"))
        evaluator = Evaluator(encoder: encoder, stopIDs: [2], settings: settings)
    }

    @Test("losses are counted per row, however the rows are packed")
    func lossesPerRow() throws {
        let rows = self.rows(count: 9), metrics = try #require(MetricSet.given([.perplexity], expected: []))
        let packed = try evaluator.measure(arm, model(maxBatchTokens: 64), rows, metrics)
        let alone = try rows.map { try evaluator.measure(arm, model(maxBatchTokens: 64), [$0], metrics).items[0].loss }
        for (item, single) in zip(packed.items, alone) {
            let loss = try #require(item.loss), expected = try #require(single)
            #expect(loss.tokens == expected.tokens && loss.bytes == expected.bytes)
            #expect(abs(loss.sum - expected.sum) < 1e-3)
        }
        #expect(packed.figures[.perplexity]?.n == 9)
        #expect(packed.items.allSatisfy { $0.finish == nil })
    }

    @Test("a fresh adapter changes nothing, and the comparison says so")
    func freshAdapterIsBase() throws {
        let model = try model(trainable: .adapter(LoRASettings(rank: 2, alpha: 4)))
        let rows = self.rows(count: 12)
        let result = try evaluator.beforeAndAfter(
            model, model, named: "random", isPracticeModel: true, rows: rows, questions: Array(rows.prefix(4)), split: "test",
            taskKind: nil)
        let before = try #require(result.arm(of: .base)), after = try #require(result.arm(of: .tuned))
        #expect(before.items == after.items)
        #expect(before.items.contains { !$0.output.isEmpty } && before.items.allSatisfy { $0.finish != nil })
        #expect(result.metrics.form == .shortText)
        let comparison = try #require(result.comparison(result.metrics.primary, of: "tuned", against: "base"))
        #expect(comparison.difference.value == 0 && comparison.pValue == 1)
        #expect(result.probe?.arms.map(\.items.count) == [4, 4])
        #expect(model.usesAdapter)
        #expect(EvaluationResult(json: result.json, items: items(of: result)) == result)
    }

    @Test("a prompt that fills the context is a wrong answer, not a missing row")
    func longPrompt() throws {
        var rows = self.rows(count: 2)
        rows[0] = HeldOutRow(rows[0].example, encoded: rows[0].encoded, prompt: [Int32](repeating: 5, count: 200))
        let result = try evaluator.measure(arm, model(), rows, .generalKnowledge)
        #expect(result.items[0].finish == .missing && result.items[0].output.isEmpty)
        #expect(result.figures[.answerMatch]?.n == 2)
    }

    @Test("no rows, and a metric nobody knows, are errors")
    func refusals() throws {
        #expect(throws: EvaluationError.noRows) { try evaluator.measure(arm, model(), [], .generalKnowledge) }
        var settings = EvaluationSettings()
        settings.metrics = ["exact_mach"]
        let asked = Evaluator(encoder: evaluator.encoder, stopIDs: [], settings: settings)
        #expect(throws: EvaluationError.unknownMetric("exact_mach")) {
            try asked.metrics(for: rows(count: 2), taskKind: nil)
        }
    }

    @Test("the number of examples is chosen on validation rows, never on held-out ones")
    func chosenOnValidation() throws {
        let rows = self.rows(count: 10), model = try model()
        let metrics = try #require(MetricSet.given([.exactMatch], expected: rows.map(\.expected)))
        var asked: [String: Int] = [:]
        var watching = evaluator
        watching.progress = { arm, _, total in asked[arm.name, default: 0] += total }
        var material = ArmSuite.Material(
            training: rows[..<4].map(\.example), validation: Array(rows[4..<7]), test: Array(rows[7...]))
        material.task = "Say"
        let wording = ArmPrompts.Wording(labels: "{labels}", json: "{keys}", text: "Brief.", passages: "{passages}\n{request}")
        let suite = ArmSuite(
            watching, modelNamed: "random", isPracticeModel: true, material,
            ArmSuite.Settings(wording: wording, shots: [1, 2], passages: [1], validationRows: 2), metrics)
        var race = ArmRace(suite, primary: .exactMatch)
        try race.run([.majority, .base, .fewShot, .retrieval, .classifier, .tunedWithRetrieval]) { _ in model }
        #expect(race.results.map(\.arm.kind) == [.majority, .base, .fewShot, .retrieval])
        let trials = asked.filter { $0.key.hasSuffix("on validation rows") }
        #expect(trials.count == 2 * 2 && trials.values.allSatisfy { $0 == 2 })
        #expect(asked.filter { trials[$0.key] == nil } == ["base": 3, "few_shot": 3, "retrieval": 3])
        #expect(race.results.allSatisfy { $0.items.map(\.line) == [8, 9, 10] })
        #expect(race.results.allSatisfy { $0.arm.kind.isFloor || $0.arm.isPracticeModel })
        #expect(Set(race.skipped.map(\.kind)) == [.classifier, .tunedWithRetrieval])

        var hurried = ArmRace(suite, primary: .exactMatch, budget: 1e-9)
        try hurried.run([.majority, .base, .fewShot]) { _ in model }
        guard case .budget? = hurried.skipped.first(where: { $0.kind == .fewShot })?.reason else {
            Issue.record("an arm ran beyond the budget")
            return
        }
    }

    @Test("in folds every row is asked once, copies count as one draw, and what does not fit the budget is asked less")
    func folds() throws {
        let rows = self.rows(count: 12), model = try model()
        let metrics = try #require(MetricSet.given([.exactMatch], expected: rows.map(\.expected)))
        let wording = ArmPrompts.Wording(labels: "{labels}", json: "{keys}", text: "Brief.", passages: "{passages}\n{request}")
        func suite(_ material: ArmSuite.Material) -> ArmSuite {
            let asked = Set(material.test.map(\.example.line)), examples = Set(material.training.map(\.line))
            #expect(asked.isDisjoint(with: examples))
            #expect(Set(material.validation.map(\.example.line)).isDisjoint(with: examples))
            return ArmSuite(
                evaluator, modelNamed: "random", isPracticeModel: true, material,
                ArmSuite.Settings(wording: wording, shots: [1, 2], passages: [1], validationRows: 2), metrics)
        }
        let parts = [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
        let folds = ArmFolds(rows, parts: parts, together: [[0, 3]], metrics, suite: suite)
        let heldOut = suite(
            ArmSuite.Material(training: rows[..<8].map(\.example), validation: [], test: Array(rows[8...])))
        var race = ArmRace(heldOut, primary: .exactMatch)
        race.folds = folds
        try race.run([.nearestNeighbour, .instructed, .fewShot, .tunedWithRetrieval]) { _ in model }
        #expect(race.results.map(\.folds) == [3, 3, 3])
        #expect(race.results.allSatisfy { $0.items.map(\.line) == Array(1...12) })
        let nearest = race.results[0]
        #expect(nearest.items[0].group == nearest.items[3].group && nearest.items[0].group != nil)
        #expect(nearest.items[1].group == nil && nearest.figures[.exactMatch]?.clusters == 11)
        #expect(race.results[2].arm.detail?.isEmpty == false)
        var result = EvaluationResult(
            split: "test", metrics: metrics, decoding: evaluator.decoding,
            arms: race.results + [try evaluator.measure(arm, model, Array(rows[8...]), metrics)])
        #expect(result.items == 4 && result.folded.count == 3)
        #expect(result.comparisons.contains { $0.difference.n == 4 } && result.comparisons.contains { $0.difference.n == 12 })
        result.arms[0].usage.preparationSeconds = 0.5
        #expect(EvaluationResult(json: result.json, items: items(of: result)) == result)

        var hurried = ArmRace(heldOut, primary: .exactMatch, budget: 3600)
        hurried.folds = folds
        try hurried.run([.majority], { _ in model })
        #expect(hurried.results[0].folds == 3)
        let two = ArmFolds(rows, parts: [Array(0..<6), Array(6..<12)], together: [], metrics, suite: suite)
        #expect(try two.run(.fewShot, model)?.items.count == 12)
    }

    @Test("a limit takes rows from the whole file")
    func sampling() {
        #expect(rows(count: 10).sampled(limit: 3).map(\.example.line) == [1, 4, 7])
        #expect(rows(count: 3).sampled(limit: 5).count == 3)
    }

    private let arm = Arm(name: "base", kind: .base, model: "random")

    private func rows(count: Int) -> [HeldOutRow] {
        (1...count).map { line in
            let question = "What is item \(line) called?", answer = "It is number \(line)"
            let prompt = tokenizer.encode(question, addSpecialTokens: false)
            let ids = prompt + tokenizer.encode(answer, addSpecialTokens: false) + [2]
            let example = Example(
                place: RowPlace(file: 0, line: line, byteOffset: 0), shape: .messages,
                body: .chat([
                    ChatMessage(role: .user, content: question), ChatMessage(role: .assistant, content: answer),
                ]))
            let isTarget = ids.indices.map { $0 >= prompt.count }
            return HeldOutRow(
                example, encoded: EncodedExample(index: line - 1, line: line, inputIDs: ids, isTarget: isTarget),
                prompt: prompt)
        }
    }

    private func model(
        trainable: LlamaModel.Trainable = .none, maxBatchTokens: Int = 256
    ) throws -> LlamaModel {
        let shape = ModelShape(
            vocabularySize: tokenizer.vocabularySize, hiddenSize: 16, intermediateSize: 32, layerCount: 2,
            attentionHeadCount: 2, keyValueHeadCount: 1, headSize: 8, maxPositions: 128)
        var state: UInt64 = 1
        return LlamaModel(
            shape: shape, trainable: trainable, team: ThreadTeam(threads: 1), maxBatchTokens: maxBatchTokens
        ) { name, dimensions, values in
            for place in 0..<dimensions.reduce(1, *) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                values[place] = name.contains("norm") ? 1 : Float(Int64(bitPattern: state) >> 40) / Float(1 << 24)
            }
        }
    }

    private func items(of result: EvaluationResult) -> [String: [ItemResult]] {
        var items: [String: [ItemResult]] = [:]
        for arm in result.arms { items[arm.arm.name] = arm.items }
        for arm in result.probe?.arms ?? [] { items["general-knowledge-" + arm.arm.name] = arm.items }
        return items
    }
}
