import Evaluation
import JSONText
import Transformer
import YAMLText

extension EvaluationError: Explained {
    var explanation: Explanation {
        switch self {
        case .unknownMetric(let name):
            Explanation(
                "there is no metric `\(name)`",
                hint: didYouMean(name, among: Metric.allCases.map(\.rawValue)).map { "did you mean `\($0)`?" }
                    ?? "metrics are " + Metric.allCases.map(\.rawValue).joined(separator: ", "),
                exitCode: .wrongUsage)
        case .notForStopping(let name, let known):
            Explanation(
                "training cannot stop early by `\(name)`",
                causes: ["`training.early_stopping_metric` is loss, or a metric that is better when it is higher"],
                hint: didYouMean(name, among: ["loss"] + known).map { "did you mean `\($0)`?" }
                    ?? "use loss, or one of " + known.joined(separator: ", "),
                exitCode: .wrongUsage)
        case .noRows:
            Explanation(
                "there are no held-out rows to ask", hint: "give the plan a larger `data.split.test`, or more data")
        case .model(let arm, let error):
            Explanation("the \(arm) model cannot be asked", causes: [error.text])
        }
    }
}

extension PromptError: Explained {
    var explanation: Explanation {
        switch self {
        case .notJSON(let error, let place):
            Explanation(
                "\(place.path):\(place.line):\(error.column): not JSON", hint: "every line holds one JSON object")
        case .noPrompt(let keys, let place):
            Explanation(
                "\(place.path):\(place.line): neither `messages` nor `prompt`",
                causes: keys.isEmpty ? [] : ["it has " + keys.map { "`\($0)`" }.joined(separator: ", ")],
                hint: #"{"messages": [{"role": "user", "content": "…"}]} or {"prompt": "…"}"#)
        case .empty(let place): Explanation("\(place.path):\(place.line): the prompt is empty")
        case .noRows(let path): Explanation("\(path) holds no prompts", hint: "every line holds one JSON object")
        }
    }
}

extension TransformerError {
    /// As a cause below another error.
    var text: String {
        switch self {
        case .tooManyTokens(let count, let limit):
            "a batch of \(count) tokens is larger than the \(limit) there is room for"
        case .unknownToken(let id, _, let vocabulary): "token \(id) is not among the \(vocabulary) the model knows"
        case .positionTooLarge(let position, _, let limit):
            "\(position + 1) tokens do not fit into a context of \(limit)"
        case .noSuchRow(let row, let tokens): "row \(row) of \(tokens) does not exist"
        case .emptyPrompt(let index): "prompt \(index + 1) is empty"
        case .noAdapter: "the model has no adapter"
        }
    }
}
