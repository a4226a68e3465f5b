import Feasibility

extension DeviceQuestionError: Explained {
    var explanation: Explanation {
        switch self {
        case .unknownWord(let option, let word, let suggestion, let known):
            Explanation(
                "`\(option) \(word)` is not known" + (suggestion.map { ": did you mean `\($0)`?" } ?? ""),
                hint: known.isEmpty ? nil : "one of: \(known.joined(separator: ", "))", exitCode: .wrongUsage)
        case .unknownModel(let name, let suggestion, let known):
            Explanation(
                "there is no model `\(name)`" + (suggestion.map { ": did you mean `\($0)`?" } ?? ""),
                causes: ["\(known) models are listed in rules/tables/architectures.yaml"],
                hint: "give the folder that holds its config.json", exitCode: .wrongUsage)
        case .unknownDevice(let name, let suggestion, let known):
            Explanation(
                "there is no device `\(name)`" + (suggestion.map { ": did you mean `\($0)`?" } ?? ""),
                hint: "one of: \(known.joined(separator: ", ")), this_machine", exitCode: .wrongUsage)
        case .outOfRange(let option, let value, let lowest, let highest):
            Explanation(
                "`\(option) \(value)` is out of range", hint: "\(option) is a number from \(lowest) to \(highest)",
                exitCode: .wrongUsage)
        case .contradiction(let one, let other):
            Explanation(
                "`\(one)` and `\(other)` contradict each other", hint: "leave one of them out", exitCode: .wrongUsage)
        }
    }
}

extension ArchitectureError: Explained {
    var explanation: Explanation {
        switch self {
        case .missingKey(let key, let path):
            Explanation("\(path): `\(key)` is missing", hint: "give a complete config.json", exitCode: .wrongUsage)
        case .notACount(let key, let value, let path):
            Explanation("\(path): `\(key)` is \(value), not a positive whole number", exitCode: .wrongUsage)
        case .impossible(let what, let path):
            Explanation(
                "\(path): \(what) is more than any machine holds", hint: "correct the number", exitCode: .wrongUsage)
        case .unsupported(let type, let path, let known):
            Explanation(
                "\(path): the tensors of model type `\(type)` are not known to hone",
                hint: "known are \(known.sorted().joined(separator: ", "))", exitCode: .wrongUsage)
        }
    }
}

extension DeviceEstimate.Phase {
    var words: String {
        switch self {
        case .load: "loading the model"
        case .firstBackward: "starting the backward pass"
        case .step: "taking an optimizer step"
        case .evaluation: "evaluating"
        case .save: "saving"
        }
    }
}

extension DeviceEstimate.Part {
    var words: String {
        switch self {
        case .quantisedWeights: "quantised weights"
        case .weights: "weights"
        case .plainWeights: "embedding, head and norms"
        case .gathered: "whole model while it is divided"
        case .adapter: "adapter"
        case .gradients: "gradients"
        case .optimizer: "optimizer moments"
        case .stepScratch: "scratch of the step"
        case .checkpoints: "kept block outputs"
        case .layers: "activations"
        case .scores: "attention scores"
        case .logits: "logits and loss"
        case .workspace: "workspaces, dequantised copies"
        case .cached: "held by the allocator"
        case .context: "context of the process"
        }
    }
}
