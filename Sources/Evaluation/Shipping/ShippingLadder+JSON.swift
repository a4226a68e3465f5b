package import JSONText

extension ShippingLadder {
    /// `eval/exports.json`
    package var json: JSONValue {
        [
            "passes": JSONValue(passes), "metric": JSONValue(metric.rawValue), "rows": JSONValue(rows),
            "base": base.json, "reference": reference.json, "rungs": .array(rungs.map(\.json)),
            "programs": .array(programs.map(\.json)),
        ]
    }

    package init?(json: JSONValue) {
        guard let metric = json["metric"]?.stringValue.flatMap(Metric.init(rawValue:)),
            let rows = json["rows"]?.intValue,
            let base = json["base"].flatMap(Rung.init(json:)),
            let reference = json["reference"].flatMap(Rung.init(json:)),
            let list = json["rungs"]?.arrayValue
        else { return nil }
        let rungs = list.compactMap(Rung.init(json:))
        guard rungs.count == list.count else { return nil }
        self.init(metric: metric, rows: rows, base: base, reference: reference, rungs: rungs)
        programs = (json["programs"]?.arrayValue ?? []).compactMap(Program.init(json:))
    }
}

extension ShippingLadder.Program {
    var json: JSONValue {
        ["name": .string(name), "state": .string(state.rawValue), "version": JSONValue(version) { .string($0) }]
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue,
            let state = json["state"]?.stringValue.flatMap(State.init(rawValue:))
        else { return nil }
        self.init(name: name, state: state, version: json["version"]?.stringValue)
    }
}

extension ShippingLadder.Rung {
    var json: JSONValue {
        var object: JSONObject = [
            "name": JSONValue(name), "form": JSONValue(form), "tokens": JSONValue(tokens),
            "agreed_tokens": JSONValue(agreedTokens), "equal_answers": JSONValue(equalAnswers),
            "findings": .array(findings.map(\.json)), "failures": .array(failures.map(\.json)),
        ]
        object["score"] = score.map(\.json)
        object["stop_rate"] = stopRate.map { JSONValue($0) }
        object["loss"] = loss.map { JSONValue($0) }
        object["kept_change"] = keptChange.map { JSONValue($0) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let form = json["form"]?.stringValue,
            let findings = json["findings"]?.arrayValue, let failures = json["failures"]?.arrayValue
        else { return nil }
        self.init(name: name, form: form)
        tokens = json["tokens"]?.intValue ?? 0
        agreedTokens = json["agreed_tokens"]?.intValue ?? 0
        equalAnswers = json["equal_answers"]?.intValue ?? 0
        score = json["score"].flatMap(Interval.init(json:))
        stopRate = json["stop_rate"]?.doubleValue
        loss = json["loss"]?.doubleValue
        keptChange = json["kept_change"]?.doubleValue
        self.findings = findings.compactMap(ShippingLadder.Finding.init(json:))
        self.failures = failures.compactMap(ShippingLadder.Failure.init(json:))
        guard self.findings.count == findings.count, self.failures.count == failures.count else { return nil }
    }
}

extension ShippingLadder.Finding {
    /// The name in the file, which templates have words for.
    package var id: String {
        switch self {
        case .endTokens: "end_tokens"
        case .promptTokens: "prompt_tokens"
        case .noTemplate: "no_template"
        case .tokenizerFile: "tokenizer_file"
        case .rowsNotPermuted: "rows_not_permuted"
        case .mergedInto4Bits: "merged_into_4_bits"
        case .otherWeights: "other_weights"
        case .refused: "refused"
        }
    }

    var json: JSONValue {
        var object: JSONObject = ["id": JSONValue(id)]
        switch self {
        case .endTokens(let expected, let found):
            object["expected"] = .array(expected.map { JSONValue($0) })
            object["found"] = .array(found.map { JSONValue($0) })
        case .promptTokens(let count): object["count"] = JSONValue(count)
        case .noTemplate: break
        case .tokenizerFile(let name): object["name"] = JSONValue(name)
        case .rowsNotPermuted(let count), .mergedInto4Bits(let count): object["count"] = JSONValue(count)
        case .otherWeights(let tensor, let error):
            object["name"] = JSONValue(tensor)
            object["error"] = JSONValue(error)
        case .refused(let program, let said):
            object["name"] = JSONValue(program)
            object["said"] = JSONValue(said)
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        func texts(_ key: String) -> [String] { (json[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let count = json["count"]?.intValue ?? 0, name = json["name"]?.stringValue ?? ""
        switch json["id"]?.stringValue {
        case "end_tokens": self = .endTokens(expected: texts("expected"), found: texts("found"))
        case "prompt_tokens": self = .promptTokens(rows: count)
        case "no_template": self = .noTemplate
        case "tokenizer_file": self = .tokenizerFile(name)
        case "rows_not_permuted": self = .rowsNotPermuted(tensors: count)
        case "merged_into_4_bits": self = .mergedInto4Bits(tensors: count)
        case "other_weights": self = .otherWeights(tensor: name, error: json["error"]?.doubleValue ?? 0)
        case "refused": self = .refused(program: name, said: json["said"]?.stringValue ?? "")
        default: return nil
        }
    }
}

extension ShippingLadder.Failure {
    var json: JSONValue {
        switch self {
        case .agreement(let value, let least):
            ["limit": "agreement", "value": JSONValue(value), "bound": JSONValue(least)]
        case .keptChange(let value, let least):
            ["limit": "kept_change", "value": JSONValue(value), "bound": JSONValue(least)]
        case .stopRate(let value, let reference, let fall):
            [
                "limit": "stop_rate", "value": JSONValue(value), "bound": JSONValue(fall),
                "reference": JSONValue(reference),
            ]
        case .score(let value, let low): ["limit": "score", "value": JSONValue(value), "bound": JSONValue(low)]
        case .finding: ["limit": "finding"]
        }
    }

    init?(json: JSONValue) {
        let value = json["value"]?.doubleValue ?? 0, bound = json["bound"]?.doubleValue ?? 0
        switch json["limit"]?.stringValue {
        case "agreement": self = .agreement(value, least: bound)
        case "kept_change": self = .keptChange(value, least: bound)
        case "stop_rate":
            self = .stopRate(value, reference: json["reference"]?.doubleValue ?? 0, largestFall: bound)
        case "score": self = .score(value, low: bound)
        case "finding": self = .finding
        default: return nil
        }
    }
}
