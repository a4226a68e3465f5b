package import JSONText

extension CostComparison {
    /// Figures per request and the traffic from which a fine-tune pays back; null stands for "never".
    var json: JSONValue {
        JSONValue(
            JSONObject([
                ("usd_per_request", JSONValue(JSONObject(lines.map { ($0.way.rawValue, $0.perRequest.json) }))),
                ("one_off_usd", oneOff.json),
                ("one_off_parts_usd", JSONValue(JSONObject(parts.map { ($0.kind.rawValue, $0.usd.json) }))),
                ("horizon_days", JSONValue(horizonDays)),
                ("break_even_requests_per_day", breakEven.json),
                ("requests_per_day", JSONValue(requestsPerDay) { JSONValue($0) }),
                ("assumed", JSONValue(assumed.map { JSONValue($0) })),
                ("listed_price", JSONValue(listed) { price($0) }),
            ]))
    }

    private func price(_ listed: ListedPrice) -> JSONValue {
        JSONValue(
            JSONObject([
                ("model", JSONValue(listed.model)), ("row", JSONValue(listed.row)),
                ("input_usd_per_million", JSONValue(listed.input)),
                ("output_usd_per_million", JSONValue(listed.output)),
                ("cached_usd_per_million", JSONValue(listed.cached) { JSONValue($0) }),
                ("checked_on", JSONValue(listed.checkedOn, JSONValue.init(_:))),
                ("days_old", JSONValue(listedPriceIsOld) { JSONValue($0) }),
            ]))
    }

    /// Reads back what `json` wrote; nil where it is something else.
    package init?(json: JSONValue) {
        guard let perRequest = json["usd_per_request"]?.objectValue, let oneOff = json["one_off_parts_usd"]?.objectValue,
            let horizon = json["horizon_days"]?.doubleValue, let breakEven = json["break_even_requests_per_day"]
        else { return nil }
        let listed = json["listed_price"].flatMap(ListedPrice.init(json:))
        self.init(
            lines: perRequest.members.compactMap { member in
                Line.Way(rawValue: member.key).map { Line(way: $0, perRequest: Span(json: member.value)) }
            },
            parts: oneOff.members.compactMap { member in
                Part.Kind(rawValue: member.key).map { Part(kind: $0, usd: Span(json: member.value)) }
            },
            horizonDays: horizon, breakEven: Span(json: breakEven),
            requestsPerDay: json["requests_per_day"]?.doubleValue,
            assumed: (json["assumed"]?.arrayValue ?? []).compactMap(\.stringValue), listed: listed,
            listedPriceIsOld: json["listed_price"]?["days_old"]?.intValue)
    }
}

extension CostComparison.Span {
    var json: JSONValue { JSONValue(JSONObject([("low", JSONValue(low)), ("high", JSONValue(high))])) }

    package init(json: JSONValue) {
        self.init(low: json["low"]?.doubleValue ?? .infinity, high: json["high"]?.doubleValue ?? .infinity)
    }
}

extension ListedPrice {
    fileprivate init?(json: JSONValue) {
        guard let model = json["model"]?.stringValue, let row = json["row"]?.stringValue,
            let input = json["input_usd_per_million"]?.doubleValue,
            let output = json["output_usd_per_million"]?.doubleValue
        else { return nil }
        self.init(
            model: model, row: row, input: input, output: output, cached: json["cached_usd_per_million"]?.doubleValue,
            checkedOn: json["checked_on"]?.stringValue)
    }
}
