import Datasets
import Evaluation
import JSONText
import Plan
import Tensors
import Tokenization
import Transformer

/// The held-out rows as they are put to every form of a model, and how one form's answers stand beside another's.
struct LadderQuestions {
    let rows: [HeldOutRow]
    /// Of the model that was evaluated.
    let encoder: ChatEncoder
    let settings: EvaluationSettings
    let metric: Metric

    struct Answers {
        /// Greedy, in the order of the rows that ask something.
        let texts: [GeneratedText]
        let result: ArmResult
        /// Mean negative log-likelihood of the expected answers, in nats per token.
        let loss: Double?
    }

    var asked: [HeldOutRow] { rows.filter { $0.prompt != nil } }

    /// The ids of a row's question in a form's own tokenizer and template; nil where it has no template.
    func prompt(_ row: HeldOutRow, _ encoder: ChatEncoder) throws -> [Int32] {
        if encoder.fingerprint == self.encoder.fingerprint { return row.prompt ?? [] }
        let tools = row.example.tools.isEmpty ? nil : row.example.tools
        return try encoder.promptIDs(messages: row.example.prompt.map(\.json), tools: tools)
    }

    /// The same as text.
    func promptText(_ row: HeldOutRow, _ encoder: ChatEncoder) throws -> String {
        let tools = row.example.tools.isEmpty ? nil : row.example.tools
        return try encoder.promptText(messages: row.example.prompt.map(\.json), tools: tools)
    }

    func ask(_ model: LlamaModel, _ encoder: ChatEncoder, _ stops: Set<Int32>) throws -> Answers {
        // A form without a template cannot be asked its own way; what is wrong is said by `differences`.
        let own = encoder.template == nil ? self.encoder : encoder
        let texts = try Generator(model: model).generate(
            prompts: try asked.map { try prompt($0, own) }, limit: settings.maxNewTokens, stopIDs: stops)
        let arm = Arm(name: "rung", kind: .tuned, model: "")
        let outputs = texts.map { (own.tokenizer.decode($0.ids, skipSpecialTokens: true), $0.finish == .stop) }
        var reading = settings
        reading.metrics = [Metric.perplexity.rawValue]
        let evaluator = Evaluator(encoder: self.encoder, stopIDs: stops, settings: reading)
        let losses = try evaluator.measure(arm, model, rows, evaluator.metrics(for: rows, taskKind: nil)).items
            .compactMap(\.loss)
        let tokens = losses.reduce(0) { $0 + $1.tokens }
        return Answers(
            texts: texts, result: scored(outputs),
            loss: tokens == 0 ? nil : losses.reduce(0) { $0 + $1.sum } / Double(tokens))
    }

    /// Answers as texts, and whether each came to its end.
    func scored(_ outputs: [(text: String, ends: Bool)]) -> ArmResult {
        let items = zip(asked, outputs).map { row, output in
            var item = ItemResult(row)
            item.output = output.text
            item.finish = output.ends ? .stop : .length
            return item
        }
        let scoring = ItemScoring(metrics: [metric, .stopRate], expected: asked.map(\.expected))
        return ArmResult(arm: Arm(name: "rung", kind: .tuned, model: ""), items: items, scoring: scoring)
    }

    /// - Parameter model: What gave the answers; nil where only whole answers are compared.
    func fill(
        _ rung: inout ShippingLadder.Rung, _ found: Answers, beside wanted: Answers, _ model: LlamaModel?,
        _ stops: Set<Int32>
    ) throws {
        rung.score = found.result.figures[metric]
        rung.stopRate = found.result.figures[.stopRate]?.value
        rung.loss = found.loss
        let isEqual = zip(found.texts, wanted.texts).map { $0 == $1 }
        rung.equalAnswers = isEqual.count { $0 }
        guard let model else { return }
        for (text, isEqual) in zip(wanted.texts, isEqual) {
            let count = Self.choices(text)
            rung.tokens += count
            if isEqual { rung.agreedTokens += count }
        }
        let different = isEqual.indices.filter { !isEqual[$0] }
        rung.agreedTokens += try agreed(model, different, wanted.texts, stops)
    }

    /// Tokens a model chose for an answer: the end too, where it chose one.
    static func choices(_ text: GeneratedText) -> Int { text.ids.count + (text.finish == .stop ? 1 : 0) }

    /// Of the answers at `places`, the tokens that `model` would have chosen as well, led along the wanted answer.
    private func agreed(
        _ model: LlamaModel, _ places: [Int], _ wanted: [GeneratedText], _ stops: Set<Int32>
    ) throws -> Int {
        // The end of the model that was evaluated stands in no answer, so it can be used to leave one.
        guard !places.isEmpty, let leave = encoder.stopIDs.first else { return 0 }
        var agreed = 0
        var generator = Generator(model: model)
        generator.chooser = { prompt, written, logits in
            let answer = wanted[places[prompt]]
            guard let start = logits.baseAddress, written.count < Self.choices(answer) else { return leave }
            let choice = Int32(Kernels.argmax(logits.count, start))
            guard written.count < answer.ids.count else {
                if stops.contains(choice) { agreed += 1 }
                return leave
            }
            if choice == answer.ids[written.count] { agreed += 1 }
            return answer.ids[written.count]
        }
        let asked = asked
        _ = try generator.generate(
            prompts: places.map { asked[$0].prompt ?? [] }, limit: settings.maxNewTokens + 1, stopIDs: [leave])
        return agreed
    }

    /// What a form's tokenizer, template and end tokens do otherwise.
    func differences(
        _ encoder: ChatEncoder, expected: Set<Int32>, _ found: Set<Int32>
    ) -> [ShippingLadder.Finding] {
        var findings: [ShippingLadder.Finding] = []
        if expected != found {
            func texts(_ ids: Set<Int32>, _ encoder: ChatEncoder) -> [String] {
                ids.sorted().map { encoder.tokenizer.token(ofID: $0) ?? String($0) }
            }
            findings.append(.endTokens(expected: texts(expected, self.encoder), found: texts(found, encoder)))
        }
        guard encoder.template != nil || self.encoder.template == nil else { return findings + [.noTemplate] }
        let others = asked.count { row in (try? prompt(row, encoder)) != row.prompt }
        return others == 0 ? findings : findings + [.promptTokens(rows: others)]
    }
}
