import Datasets
package import Tokenization

/// Answers to the bundled general-knowledge questions, which no training data contains: what training made it forget.
package struct ProbeResult: Sendable, Hashable {
    /// How the questions are marked: their answers are names and numbers, so case, articles and full stops
    /// do not count.
    package static let metric = Metric.answerMatch

    /// The same questions to the base model, then to the tuned one.
    package var arms: [ArmResult]
    package var comparison: Comparison?

    package init(arms: [ArmResult], comparison: Comparison?) {
        self.arms = arms
        self.comparison = comparison
    }

    package init(arms: [ArmResult], bootstrap: Bootstrap = .init()) {
        self.arms = arms
        comparison =
            arms.count < 2
            ? nil : Comparison(Self.metric, of: arms[arms.count - 1], against: arms[0], bootstrap: bootstrap)
    }

    /// Reads the questions: conversations whose last answer is the right one.
    package static func questions(path: String, _ encoder: ChatEncoder) throws -> [HeldOutRow] {
        let dataset = try DatasetReader().read(paths: [path])
        let rows = DatasetEncoder(encoder: encoder, maxLength: .max)
        return try dataset.examples.enumerated().map { index, example in
            try HeldOutRow(example, encoded: try rows.encode(example, index: index), encoder)
        }
    }
}
