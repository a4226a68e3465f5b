import Feasibility
import Plan

extension Refusal: Explained {
    var explanation: Explanation {
        switch self {
        case .doesNotFit(let check):
            Explanation(
                "the plan needs \(check.memory.p50.rounded) at its peak, this machine has "
                    + "\(check.usable?.rounded ?? "an unknown amount") to give",
                causes: [
                    check.memory.largestFirst.prefix(4).map { "\($0.part.words) \($0.bytes.rounded)" }.joined(
                        separator: " · "),
                    "peak while \(check.memory.phase.words)",
                ] + check.levers.dropFirst().map { "or " + $0.words },
                hint: check.levers.first.map(\.words) ?? "train a smaller model, or on a machine with more memory",
                exitCode: .doesNotFit)
        case .notCarriedOut(let key, let value):
            Explanation(
                "the bundled trainer does not carry out `\(key): \(value)` yet",
                causes: ["training without it would be another training than the plan asks for"],
                hint: "remove `\(key)` from the plan", exitCode: .doesNotFit)
        case .diskTooSmall(let needed, let free):
            Explanation(
                "checkpoints and results need \(needed.rounded) of disk, \(free.rounded) are free",
                hint: "free some space, choose another `output` folder, or lower `training.save_total_limit`",
                exitCode: .doesNotFit)
        case .nothingToTrain:
            Explanation(
                "the data holds no target token to train on",
                hint: "`hone encode DATA --model MODEL --show` shows what is trained")
        }
    }
}

extension Lever {
    /// `change training.micro_batch from 32 to 8 and …: saves 2.1 GiB, then it fits`.
    var words: String {
        let list = changes.map { "`\($0.key): \($0.to)`" }.joined(separator: " and ")
        return "set \(list): saves \(saves.rounded), \(isEnough ? "and then it fits" : "which is not yet enough")"
    }
}

extension MemoryEstimate.Part {
    var words: String {
        switch self {
        case .weights: "weights"
        case .reading: "tensor being read"
        case .weightGradients: "gradients of the weights"
        case .adapter: "adapter and its gradients"
        case .optimizer: "optimizer moments"
        case .activations: "activations and logits"
        case .data: "training data"
        case .checkpoint: "checkpoint while it is written"
        case .process: "program and libraries"
        }
    }
}

extension MemoryEstimate.Phase {
    var words: String {
        switch self {
        case .load: "loading the model"
        case .step: "taking a step"
        case .save: "saving a checkpoint"
        }
    }
}
