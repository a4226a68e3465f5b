import JSONText

/// Scores one item; the figures of an arm are built from these.
package struct ItemScoring: Sendable {
    package let metrics: [Metric]
    package let labels: LabelScores
    private let schema: JSONSchema?

    /// `expected` are the expected answers of all items: they say what the labels are.
    ///
    /// Without a `schema` the one counts that all expected answers fit.
    package init(metrics: [Metric], expected: some Sequence<String>, schema: JSONSchema? = nil) {
        self.metrics = metrics
        self.schema = metrics.contains(.schemaValid) ? schema ?? .inferred(from: expected) : nil
        labels =
            metrics.contains(.labelAccuracy) || metrics.contains(.macroF1)
            ? LabelScores(expected: expected) : LabelScores(expected: [])
    }

    /// The item with the scores of every metric that is defined for a single item.
    package func scored(_ item: ItemResult) -> ItemResult {
        var item = item
        let answer = needsJSON ? JSONAnswer(item.output) : nil
        let rouge =
            metrics.contains(where: { $0 == .rouge1 || $0 == .rouge2 || $0 == .rougeL })
            ? ROUGE(output: item.output, expected: item.expected, mode(for: item.expected)) : nil
        let wanted = needsJSON ? JSONAnswer.structure(in: item.expected).map(JSONFields.init) : nil
        for metric in metrics { item.scores[metric] = score(metric, item, answer, wanted, rouge) }
        return item
    }

    private func score(
        _ metric: Metric, _ item: ItemResult, _ answer: JSONAnswer?, _ wanted: JSONFields?, _ rouge: ROUGE?
    ) -> Double? {
        switch metric {
        case .exactMatch: isTrue(trimmed(item.output) == trimmed(item.expected))
        case .answerMatch:
            isTrue(AnswerOverlap.isSame(item.output, item.expected, normalisation(for: item.expected)))
        case .jsonParse: isTrue(answer?.strict != nil)
        case .jsonFound: isTrue(answer?.found != nil)
        case .objectMatch:
            wanted.map { wanted in isTrue(answer?.strict.map { JSONFields($0).matches(wanted) } ?? false) }
        case .fieldF1: wanted.map { wanted in answer?.found.map { JSONFields($0).f1(against: wanted) } ?? 0 }
        case .labelAccuracy: isTrue(labels.index(of: item.output) == labels.index(of: item.expected))
        case .factsRight: NumberFacts.score(item)
        case .tokenF1: AnswerOverlap.f1(item.output, item.expected, normalisation(for: item.expected))
        case .stopRate: item.finish.map { isTrue($0 == .stop) }
        case .echoRate: isTrue(!item.prompt.isEmpty && trimmed(item.output) == trimmed(item.prompt))
        case .rouge1: rouge?.one
        case .rouge2: rouge?.two
        case .rougeL: rouge?.longest
        case .schemaValid: schema.map { schema in isTrue(answer?.strict.map(schema.accepts) ?? false) }
        case .requiredFields:
            JSONAnswer.structure(in: item.expected)?.objectValue.map { wanted in
                isTrue(wanted.keys.allSatisfy { answer?.found?[$0] != nil })
            }
        case .choiceAccuracy:
            isTrue(ChoiceAnswer.letter(in: item.output) == ChoiceAnswer.letter(in: item.expected))
        // Found when the row was asked.
        case .overRefusal, .missedRefusal, .grounded, .testsPass: item.scores[metric]
        case .repetition: Repetition.share(of: item.output)
        case .bleu, .chrF, .macroF1, .perplexity, .bitsPerByte, .lengthRatio: nil
        }
    }

    private var needsJSON: Bool {
        metrics.contains {
            switch $0 {
            case .jsonParse, .jsonFound, .objectMatch, .fieldF1, .schemaValid, .requiredFields: true
            default: false
            }
        }
    }

    private func mode(for expected: String) -> ROUGE.Mode {
        expected.utf8.allSatisfy { $0 < 0x80 } ? .parity : .unicode
    }

    /// SQuAD's rules know ASCII only; other text would be compared with its punctuation on.
    private func normalisation(for expected: String) -> AnswerOverlap.Normalisation {
        expected.utf8.allSatisfy { $0 < 0x80 } ? .squad : .unicode
    }

    private func isTrue(_ claim: Bool) -> Double { claim ? 1 : 0 }
}

func trimmed(_ text: String) -> Substring {
    var text = text[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
}
