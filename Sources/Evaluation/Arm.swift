/// One way of solving the task, measured on the held-out rows.
///
/// An arm names the model it ran on: a score on another model than the one in question informs, it never overturns.
package struct Arm: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Floors: what a program without a model scores.
        case majority, echo
        case nearestNeighbour = "nearest_neighbour"
        /// A text classifier without a language model.
        case classifier
        case base, instructed
        case fewShot = "few_shot"
        case retrieval, constrained
        /// A small fine-tune on part of the data.
        case probe
        case tuned
        case tunedWithRetrieval = "tuned_with_retrieval"
        /// Answers some other system gave to the same rows.
        case outputs, endpoint
    }

    /// The key in `summary.json` and the stem of the items file; unique within an evaluation.
    package let name: String
    package let kind: Kind
    package let model: String
    /// True for the embedded model, whose figures show the method and say nothing about a production model.
    package let isPracticeModel: Bool
    /// What was chosen for it on validation rows: `5 bm25`, `3 passages`.
    package let detail: String?

    package init(name: String, kind: Kind, model: String, isPracticeModel: Bool = false, detail: String? = nil) {
        self.detail = detail
        self.name = name
        self.kind = kind
        self.model = model
        self.isPracticeModel = isPracticeModel
    }
}

extension Arm.Kind {
    /// Whether it is a floor: no language model answers.
    package var isFloor: Bool {
        switch self {
        case .majority, .echo, .nearestNeighbour, .classifier: true
        default: false
        }
    }

    /// Whether a language model was trained for this arm.
    package var isTrained: Bool {
        switch self {
        case .probe, .tuned, .tunedWithRetrieval: true
        case .majority, .echo, .nearestNeighbour, .classifier, .base, .instructed, .fewShot, .retrieval, .constrained,
            .outputs, .endpoint:
            false
        }
    }
}
