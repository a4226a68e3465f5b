package import JSONText

extension LearningCurve {
    /// `learning_curve` of `eval/summary.json`.
    package var json: JSONValue {
        var object: JSONObject = [
            "metric": JSONValue(metric.rawValue),
            "points": .array(points.map { ["rows": JSONValue($0.rows), "score": $0.score.json] }),
            "slope": slope.json, "rising": JSONValue(isRising) { .bool($0) },
        ]
        object["forecast"] = forecast.map { ["rows": JSONValue($0.rows), "score": $0.score.json] }
        object["need"] = need.map { need in
            [
                "target": JSONValue(need.target), "rows": JSONValue(need.rows) { JSONValue($0) },
                "low": JSONValue(need.low) { JSONValue($0) }, "high": JSONValue(need.high) { JSONValue($0) },
            ]
        }
        return .object(object)
    }

    package init?(json: JSONValue) {
        guard let metric = json["metric"]?.stringValue.flatMap(Metric.init),
            let slope = json["slope"].flatMap(Interval.init(json:))
        else { return nil }
        func point(_ value: JSONValue) -> (Int, Interval)? {
            guard let rows = value["rows"]?.intValue, let score = value["score"].flatMap(Interval.init(json:)) else {
                return nil
            }
            return (rows, score)
        }
        self.init(
            metric: metric,
            points: (json["points"]?.arrayValue ?? []).compactMap(point).map { Point(rows: $0.0, score: $0.1) },
            slope: slope, forecast: json["forecast"].flatMap(point).map { Forecast(rows: $0.0, score: $0.1) })
        if let need = json["need"], let target = need["target"]?.doubleValue {
            self.need = Need(
                target: target, rows: need["rows"]?.intValue, low: need["low"]?.intValue, high: need["high"]?.intValue)
        }
    }
}
