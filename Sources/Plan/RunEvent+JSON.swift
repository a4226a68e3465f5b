package import FoundationEssentials
package import JSONText

/// One line of `events.jsonl`: an event and when it happened.
package struct EventLine: Sendable, Hashable {
    package var time: Date
    package var event: RunEvent

    package init(time: Date, event: RunEvent) {
        self.time = time
        self.event = event
    }

    /// The line without its newline.
    package var text: String {
        var object = JSONObject()
        object["time"] = .string(time.formatted(EventLine.timeFormat))
        object["event"] = .string(event.name)
        for (key, value) in event.members { object[key] = value }
        return JSONValue.object(object).text(.compact)
    }

    /// Reads one line; nil for an event of a later version, which older readers pass over.
    package init?(_ line: JSONValue) {
        guard let stamp = line["time"]?.stringValue, let time = try? EventLine.timeFormat.parse(stamp) else {
            return nil
        }
        guard let event = RunEvent(line) else { return nil }
        self.init(time: time, event: event)
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension RunEvent {
    var name: String {
        switch self {
        case .started: "started"
        case .step: "step"
        case .eval: "eval"
        case .checkpoint: "checkpoint"
        case .warning: "warning"
        case .finished: "finished"
        case .failed: "failed"
        }
    }

    var members: [(String, JSONValue)] {
        switch self {
        case .started(let start):
            [
                ("engine", .string(start.engine.rawValue)), ("total_steps", JSONValue(start.totalSteps)),
                ("mean_step_tokens", start.meanStepTokens.map { JSONValue($0) } ?? .null),
                ("trainable_parameters", JSONValue(start.trainableParameters)),
                ("train_examples", JSONValue(start.trainExamples)),
                ("general_examples", JSONValue(start.generalExamples)),
                ("validation_examples", JSONValue(start.validationExamples)), ("threads", JSONValue(start.threads)),
                ("instruction_set", .string(start.instructionSet)),
                ("resumed_from", start.resumedFrom.map { JSONValue($0.number) } ?? .null),
            ]
        case .step(let step):
            [
                ("global_step", JSONValue(step.globalStep.number)), ("epoch", JSONValue(step.epoch)),
                ("loss", JSONValue(step.loss)), ("learning_rate", JSONValue(step.learningRate)),
                ("grad_norm", JSONValue(step.gradNorm)), ("tokens", JSONValue(step.tokens.tokens)),
                ("target_tokens", JSONValue(step.targetTokens.tokens)),
                ("tokens_per_second", JSONValue(step.tokensPerSecond)),
                ("peak_rss_bytes", JSONValue(step.peakRSS.bytes)),
            ]
        case .eval(let eval):
            [
                ("global_step", JSONValue(eval.globalStep.number)), ("loss", JSONValue(eval.loss)),
                ("perplexity", JSONValue(eval.perplexity)),
            ] + (eval.score.map { [("score", JSONValue($0))] } ?? [])
        case .checkpoint(let path, let step):
            [("global_step", JSONValue(step.number)), ("path", .string(path))]
        case .warning(let id, let text):
            [("id", .string(id)), ("text", .string(text))]
        case .finished(let finish):
            [
                ("reason", .string(finish.reason.rawValue)), ("global_step", JSONValue(finish.globalStep.number)),
                ("seconds", JSONValue(finish.seconds)), ("peak_rss_bytes", JSONValue(finish.peakRSS.bytes)),
            ]
        case .failed(let error, let hint):
            [("error", .string(error)), ("hint", hint.map(JSONValue.string) ?? .null)]
        }
    }

    /// Numbers that JSON cannot hold (a loss that is not a number) are written as null and read back as NaN.
    init?(_ line: JSONValue) {
        func double(_ key: String) -> Double { line[key]?.doubleValue ?? .nan }
        func int(_ key: String) -> Int? { line[key]?.intValue }
        func string(_ key: String) -> String? { line[key]?.stringValue }
        switch string("event") {
        case "started":
            guard let total = int("total_steps"), let engine = EngineKind(rawValue: string("engine") ?? "") else {
                return nil
            }
            self = .started(
                RunStart(
                    engine: engine, totalSteps: total, meanStepTokens: line["mean_step_tokens"]?.doubleValue,
                    trainableParameters: int("trainable_parameters") ?? 0, trainExamples: int("train_examples") ?? 0,
                    generalExamples: int("general_examples") ?? 0, validationExamples: int("validation_examples") ?? 0,
                    threads: int("threads") ?? 1, instructionSet: string("instruction_set") ?? "",
                    resumedFrom: int("resumed_from").map { GlobalStep($0) }))
        case "step":
            guard let step = int("global_step") else { return nil }
            self = .step(
                StepMetrics(
                    globalStep: GlobalStep(step), epoch: double("epoch"), loss: double("loss"),
                    learningRate: double("learning_rate"), gradNorm: double("grad_norm"),
                    tokens: TokenCount(int("tokens") ?? 0), targetTokens: TokenCount(int("target_tokens") ?? 0),
                    tokensPerSecond: double("tokens_per_second"), peakRSS: ByteCount(int("peak_rss_bytes") ?? 0)))
        case "eval":
            guard let step = int("global_step") else { return nil }
            var eval = EvalMetrics(
                globalStep: GlobalStep(step), loss: double("loss"), perplexity: double("perplexity"))
            eval.score = line["score"]?.doubleValue
            self = .eval(eval)
        case "checkpoint":
            guard let path = string("path") else { return nil }
            self = .checkpoint(path: path, globalStep: GlobalStep(int("global_step") ?? 0))
        case "warning":
            self = .warning(id: string("id") ?? "", text: string("text") ?? "")
        case "finished":
            let reason = RunFinish.Reason(rawValue: string("reason") ?? "") ?? .completed
            self = .finished(
                RunFinish(
                    reason: reason, globalStep: GlobalStep(int("global_step") ?? 0), seconds: double("seconds"),
                    peakRSS: ByteCount(int("peak_rss_bytes") ?? 0)))
        case "failed":
            self = .failed(error: string("error") ?? "", hint: string("hint"))
        default:
            return nil
        }
    }
}
