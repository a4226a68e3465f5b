import Evaluation
import JSONText
import Transformer
import Workflows
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

extension OutputsFileError: Explained {
    var explanation: Explanation {
        let shape = #"{"line": 7, "output": "…"} or {"prompt": "…", "output": "…"}, one per line"#
        return switch self {
        case .notJSON(let error, let place):
            Explanation("\(place.path):\(place.line):\(error.column): not JSON", hint: shape)
        case .noOutput(let keys, let place):
            Explanation(
                "\(place.path):\(place.line): no `output`",
                causes: keys.isEmpty ? [] : ["it has " + keys.map { "`\($0)`" }.joined(separator: ", ")], hint: shape)
        case .noRow(let place):
            Explanation("\(place.path):\(place.line): neither `line` nor `prompt` says which row was answered", hint: shape)
        case .twice(let what, let place):
            Explanation("\(place.path):\(place.line): \(what) was answered before", hint: "every row has one answer")
        case .empty(let path): Explanation("\(path) holds no answers", hint: shape)
        case .severalFiles(let path, let line):
            Explanation(
                "\(path) answers line \(line), and several data files have a row there",
                hint: "give `prompt` (the last user message) beside `line`")
        case .noneFits(let path, let answers, let rows):
            Explanation(
                "none of the \(answers) answers of \(path) belongs to one of the \(rows) held-out rows",
                hint: "`line` is the line of the data file, `prompt` the last user message")
        }
    }
}

extension EndpointError: Explained {
    var explanation: Explanation {
        switch self {
        case .badAddress(let address):
            Explanation(
                "`\(address)` is not an address", hint: "--endpoint https://host/v1", exitCode: .wrongUsage)
        case .noCurl: Explanation("curl is not installed", hint: "apt-get install curl")
        case .unreachable(let address, let said):
            Explanation("\(address) cannot be reached", causes: said.isEmpty ? [] : [said], hint: "is the server running?")
        case .refused(let address, let status, let said):
            Explanation(
                "\(address) answered with status \(status)", causes: said.isEmpty ? [] : [said],
                hint: status == 401 || status == 403
                    ? "put the key into the environment variable that --key-variable names"
                    : status == 429 ? "lower --rate" : "what the server says is above")
        case .notAnAnswer(let address, let said):
            Explanation(
                "\(address) answered something that is no chat completion", causes: said.isEmpty ? [] : [said],
                hint: "the address of an OpenAI-compatible server ends in /v1")
        case .cache(let error): error.explanation
        }
    }
}

extension ArmMeasuringError: Explained {
    var explanation: Explanation {
        switch self {
        case .noPrompts:
            Explanation(
                "the rule book lacks the words of the prompts",
                hint: "`tables/arm_prompts.yaml` has the rows labels, json, text and passages")
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

extension JudgementError: Explained {
    var explanation: Explanation {
        switch self {
        case .notJSON(let error, let place):
            Explanation("\(place.path):\(place.line):\(error.column): not JSON", hint: "one object per line")
        case .incomplete(let place):
            Explanation(
                "\(place.path):\(place.line) does not say which answers were judged",
                hint: "`line` is the row's line in the data file, `first` and `second` name two arms of the run")
        case .unknownWinner(let word, let place):
            Explanation(
                "\(place.path):\(place.line): `\(word)` is no winner", hint: "write first, second, tie or the name of the arm")
        case .twice(let line, let place):
            Explanation(
                "\(place.path):\(place.line) judges the answers to line \(line) a second time in the same order",
                hint: "keep one judgement per row, order and judge")
        case .empty(let path): Explanation("\(path) holds no judgement", hint: "one JSON object per line")
        case .noneFits(let path, let arms):
            Explanation(
                "\(path) judges no row in both orders for two arms of this run",
                hint: "the arms are \(arms.joined(separator: ", ")); judge each pair once with either answer first")
        }
    }
}

extension RunComparisonError: Explained {
    var explanation: Explanation {
        switch self {
        case .tooFew: Explanation("one run has nothing to stand beside", hint: "give two or more run folders")
        case .notMeasured(let path):
            Explanation("nothing was measured in \(path)", hint: "hone eval \(shellWord(path))")
        case .otherMetric(let path, let metric, let first):
            Explanation(
                "\(path) was measured by \(metric.rawValue), the first run by \(first.rawValue)",
                hint: "set `evaluation.metrics` in both plans and measure again with hone eval RUN")
        case .noSharedRow:
            Explanation(
                "the runs answered no row in common",
                hint: "runs of one data file and one `data.split.seed` share their held-out rows")
        }
    }
}
