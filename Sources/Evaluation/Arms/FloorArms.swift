package import Datasets

/// Answers that need no language model. What a fine-tune is worth is counted from here, not from zero.
package struct FloorArms: Sendable {
    /// The name such an arm has in place of a model.
    package static let noModel = "no language model"

    private let training: [Example]
    private let requests: PassageIndex
    private let majority: String

    /// - Parameter training: Rows the answers may come from; never a held-out one.
    package init(training: [Example]) {
        self.training = training
        requests = PassageIndex(training.map(\.request))
        var counts: [String: Int] = [:]
        for example in training { counts[example.completion, default: 0] += 1 }
        majority = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
    }

    /// One result per row. Nil for a kind that is no floor, and for a classifier that was not given.
    package func items(
        _ kind: Arm.Kind, for rows: [Example], classifier: TextClassifier? = nil
    ) -> [ItemResult]? {
        switch kind {
        case .majority: rows.map { ItemResult($0, output: majority) }
        case .echo: rows.map { ItemResult($0, output: $0.request) }
        case .nearestNeighbour: rows.map { ItemResult($0, output: nearest(to: $0, count: 1).first?.completion ?? majority) }
        case .classifier:
            classifier.map { classifier in rows.map { ItemResult($0, output: classifier.label(of: $0.request)) } }
        default: nil
        }
    }

    /// Training rows whose requests share the rarest words with the request of `example`, best first.
    package func nearest(to example: Example, count: Int) -> [Example] {
        requests.nearest(to: example.request, count: count).map { training[$0.place] }
    }

    /// What answers `.classifier`; nil where all rows have one answer.
    package func classifier() -> TextClassifier? {
        TextClassifier(texts: training.map(\.request), labels: training.map(\.completion))
    }
}

extension ItemResult {
    /// An answer without tokens: no model wrote it.
    init(_ example: Example, output: String, finish: Finish? = nil) {
        self.init(
            line: example.line, prompt: example.request, expected: example.completion, output: output, finish: finish,
            group: example.group)
        file = example.place.file
    }
}
