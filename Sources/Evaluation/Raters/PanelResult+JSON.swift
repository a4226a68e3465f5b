package import JSONText

extension PanelResult {
    /// `review/panel.json`.
    package var json: JSONValue {
        [
            "review": JSONValue(review), "synthetic": JSONValue(isSynthetic), "rows": JSONValue(rows),
            "rubric": rubric.json, "arms": .array(arms.map { JSONValue($0) }), "raters": .array(raters.map(\.json)),
            "axes": .array(axes.map(\.json)), "preference": JSONValue(preference) { $0.json },
        ]
    }

    package init?(json: JSONValue) {
        guard let review = json["review"]?.stringValue, let rows = json["rows"]?.intValue,
            let rubric = json["rubric"].flatMap(Rubric.init(json:))
        else { return nil }
        self.init(
            review: review, rubric: rubric, rows: rows, isSynthetic: json["synthetic"]?.boolValue ?? false,
            arms: (json["arms"]?.arrayValue ?? []).compactMap(\.stringValue),
            raters: (json["raters"]?.arrayValue ?? []).compactMap(Rater.init(json:)),
            axes: (json["axes"]?.arrayValue ?? []).compactMap(Axis.init(json:)),
            preference: json["preference"].flatMap(Preference.init(json:)))
    }
}

extension PanelResult.Axis {
    fileprivate var json: JSONValue {
        [
            "axis": JSONValue(id),
            "arms": .array(
                arms.map {
                    ["mean": $0.mean.json, "counts": .array($0.counts.map { JSONValue($0) }), "low": $0.low.json]
                }),
            "alpha": JSONValue(agreement.alpha) { JSONValue($0) },
            "alpha_low": JSONValue(agreement.low) { JSONValue($0) },
            "alpha_high": JSONValue(agreement.high) { JSONValue($0) },
            "kappas": .array(
                kappas.map { ["raters": .array($0.raters.map { JSONValue($0) }), "kappa": JSONValue($0.value)] }),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let id = json["axis"]?.stringValue, let list = json["arms"]?.arrayValue else { return nil }
        let arms = list.compactMap { arm -> PanelResult.ArmRatings? in
            guard let mean = arm["mean"].flatMap(Interval.init(json:)),
                let low = arm["low"].flatMap(Interval.init(json:))
            else { return nil }
            return .init(mean: mean, counts: (arm["counts"]?.arrayValue ?? []).compactMap(\.intValue), low: low)
        }
        guard arms.count == list.count else { return nil }
        self.init(
            id: id, arms: arms,
            agreement: .init(
                alpha: json["alpha"]?.doubleValue, low: json["alpha_low"]?.doubleValue,
                high: json["alpha_high"]?.doubleValue),
            kappas: (json["kappas"]?.arrayValue ?? []).compactMap { pair in
                pair["kappa"]?.doubleValue.map {
                    .init(raters: (pair["raters"]?.arrayValue ?? []).compactMap(\.intValue), value: $0)
                }
            })
    }
}

extension PanelResult.Rater {
    fileprivate var json: JSONValue {
        [
            "rater": JSONValue(number), "name": JSONValue(name), "severity": JSONValue(severity) { $0.json },
            "repeats": JSONValue(repeats), "repeated_equal": JSONValue(repeatedEqual),
            "repeated_near": JSONValue(repeatedNear), "self_kappa": JSONValue(selfKappa) { JSONValue($0) },
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let number = json["rater"]?.intValue else { return nil }
        self.init(
            number: number, name: json["name"]?.stringValue ?? "",
            severity: json["severity"].flatMap(Interval.init(json:)), repeats: json["repeats"]?.intValue ?? 0,
            repeatedEqual: json["repeated_equal"]?.intValue ?? 0, repeatedNear: json["repeated_near"]?.intValue ?? 0,
            selfKappa: json["self_kappa"]?.doubleValue)
    }
}

extension PanelResult.Preference {
    fileprivate var json: JSONValue {
        [
            "wins": JSONValue(wins), "ties": JSONValue(ties), "losses": JSONValue(losses),
            "win_rate": JSONValue(winRate) { $0.json }, "p_value": JSONValue(pValue),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let wins = json["wins"]?.intValue, let ties = json["ties"]?.intValue,
            let losses = json["losses"]?.intValue, let pValue = json["p_value"]?.doubleValue
        else { return nil }
        self.init(
            wins: wins, ties: ties, losses: losses, winRate: json["win_rate"].flatMap(Interval.init(json:)),
            pValue: pValue)
    }
}
