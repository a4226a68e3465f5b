import Training

extension LearningError: Explained {
    var explanation: Explanation {
        let gentler =
            "lower `training.learning_rate` or set `training.max_grad_norm: 1`; checkpoints before it are intact"
        return switch self {
        case .noTargets(let step):
            Explanation(
                "step \(step + 1) has no token to learn", causes: ["every token of its rows is masked"],
                hint: "`hone encode --show` prints the loss mask of each row")
        case .lossNotFinite(let microBatch, let step, let culprits):
            Explanation(
                "the loss is not a number in step \(step + 1), micro-batch \(microBatch + 1)", causes: culprits.words,
                hint: gentler)
        case .gradientNotFinite(let step, let culprits):
            Explanation("the gradient is not a number in step \(step + 1)", causes: culprits.words, hint: gentler)
        }
    }
}

extension Culprits {
    fileprivate var words: [String] {
        func list(_ rows: [RowPlace]) -> String { rows.prefix(20).map(\.words).joined(separator: ", ") }
        return switch self {
        case .unknown: []
        case .rows(let rows): ["it comes from \(list(rows)) of the data"]
        case .together(let rows): ["none of its rows gives that alone: \(list(rows)) of the data"]
        case .weights: ["every row gives that: it is the weights that have left the range of numbers"]
        }
    }
}

extension CheckpointError: Explained {
    var explanation: Explanation {
        switch self {
        case .none(let path):
            Explanation("\(path) holds no checkpoint that is whole", hint: "start a new run from the plan")
        case .damaged(let path, let file):
            Explanation(
                "\(path)/\(file) is missing or was changed after it was written",
                hint: "remove \(path); an earlier checkpoint is used then")
        case .otherRun(let path, let key, let found, let expected):
            Explanation(
                "\(path) belongs to another run: \(key.words) changed since",
                causes: ["then: \(found.prefix(12))", "now: \(expected.prefix(12))"],
                hint: "put plan, data and model back as they were, or start a new run")
        }
    }
}

extension String {
    /// What a key of a checkpoint's identity stands for.
    fileprivate var words: String {
        switch self {
        case "data": "the encoded data"
        case "model": "the base model"
        case "settings": "the plan's training settings"
        case "total_steps": "the number of steps"
        default: self
        }
    }
}
