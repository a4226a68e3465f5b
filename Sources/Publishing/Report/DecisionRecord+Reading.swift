import Advisor
import JSONText

extension DecisionRecord.Contradiction {
    init?(json: JSONValue) {
        guard let text = json["text"]?.stringValue else { return nil }
        self.init(text: text, because: json["because"]?.stringValue ?? "")
    }
}

extension DecisionRecord.Disagreement {
    init?(json: JSONValue) {
        guard let fact = json["fact"]?.stringValue else { return nil }
        self.init(
            fact: fact, answered: DecisionRecord.sentences(json["answered"]).joined(separator: ", "),
            measured: DecisionRecord.sentences(json["measured"]).joined(separator: ", "),
            dataCounts: json["data_counts"]?.boolValue ?? false)
    }
}

extension DecisionRecord.Question {
    init?(json: JSONValue) {
        guard let fact = json["fact"]?.stringValue, let ask = json["ask"]?.stringValue else { return nil }
        let leads = (json["answers"]?.arrayValue ?? []).compactMap { answer -> Lead? in
            guard let word = answer["answer"]?.stringValue, let verdict = answer["verdict"]?.stringValue else {
                return nil
            }
            return Lead(answer: word, verdict: verdict)
        }
        self.init(fact: fact, ask: ask, leads: leads)
    }
}

extension DecisionRecord.Week {
    init?(json: JSONValue) {
        guard let days = json["days"]?.intValue, let cases = json["cases"]?.intValue,
            let needed = json["needed"]?.doubleValue, let labels = json["labels_per_day"], let cost = json["cost_usd"]
        else { return nil }
        self.init(
            days: days, cases: cases, examples: json["examples"]?.doubleValue ?? 0, needed: needed,
            labelsPerDay: .init(json: labels), cost: .init(json: cost))
    }
}

extension DecisionRecord.Model {
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue else { return nil }
        func span(_ key: String) -> CostComparison.Span? {
            guard let span = json[key], span.objectValue != nil else { return nil }
            return .init(json: span)
        }
        self.init(
            name: json["name"]?.stringValue ?? id, billions: json["parameters_billion"]?.doubleValue ?? 0,
            contextTokens: json["context_tokens"]?.intValue ?? 0, licence: json["licence"]?.stringValue ?? "not known",
            obligations: json["obliges"]?.stringValue ?? "", isGated: json["gated"]?.stringValue != "no",
            qlora: span("qlora_gib"), lora: span("lora_gib"), checkedOn: json["checked_on"]?.stringValue)
    }
}
