package import JSONText

extension ItemResult {
    /// One line of `eval/<arm>.items.jsonl`.
    package var json: JSONValue {
        var object: JSONObject = ["line": JSONValue(line)]
        if file > 0 { object["file"] = JSONValue(file) }
        object["prompt"] = JSONValue(prompt)
        object["expected"] = JSONValue(expected)
        object["output"] = JSONValue(output)
        object["finish"] = finish.map { JSONValue($0.rawValue) }
        object["prompt_tokens"] = promptTokens.map { JSONValue($0) }
        object["output_tokens"] = outputTokens.map { JSONValue($0) }
        if let loss {
            object["nll_sum"] = JSONValue(loss.sum)
            object["target_tokens"] = JSONValue(loss.tokens)
            object["target_bytes"] = JSONValue(loss.bytes)
        }
        object["seconds"] = seconds.map { JSONValue($0) }
        object["group"] = group.map { JSONValue($0) }
        let scored = Metric.allCases.compactMap { metric in
            scores[metric].map { (metric.rawValue, JSONValue($0)) }
        }
        object["scores"] = .object(JSONObject(scored))
        return .object(object)
    }

    /// Nil where `json` is no line of an items file. Unknown scores are left out: a newer version may have
    /// written them.
    package init?(json: JSONValue) {
        guard let line = json["line"]?.intValue, let expected = json["expected"]?.stringValue,
            let output = json["output"]?.stringValue
        else { return nil }
        self.init(
            line: line, prompt: json["prompt"]?.stringValue ?? "", expected: expected, output: output,
            finish: json["finish"]?.stringValue.flatMap(Finish.init), promptTokens: json["prompt_tokens"]?.intValue,
            outputTokens: json["output_tokens"]?.intValue, seconds: json["seconds"]?.doubleValue,
            group: json["group"]?.stringValue)
        file = json["file"]?.intValue ?? 0
        if let sum = json["nll_sum"]?.doubleValue, let tokens = json["target_tokens"]?.intValue {
            loss = TokenLoss(sum: sum, tokens: tokens, bytes: json["target_bytes"]?.intValue ?? expected.utf8.count)
        }
        for member in json["scores"]?.objectValue?.members ?? [] {
            if let metric = Metric(rawValue: member.key) { scores[metric] = member.value.doubleValue }
        }
    }
}
