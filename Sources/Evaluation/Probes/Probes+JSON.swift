package import JSONText

extension SafetyResult {
    package var json: JSONValue {
        .array(
            families.map { family in
                [
                    "family": JSONValue(family.id), "before": JSONValue(family.before) { $0.json }, "after": family.after.json,
                    "failures": .array(
                        family.failures.map { ["request": JSONValue($0.request), "answer": JSONValue($0.answer)] }),
                ]
            })
    }

    package init?(json: JSONValue) {
        guard let values = json.arrayValue else { return nil }
        families = values.compactMap { value in
            guard let id = value["family"]?.stringValue, let after = value["after"].flatMap(Interval.init(json:)) else {
                return nil
            }
            let failures = (value["failures"]?.arrayValue ?? []).compactMap { failure in
                failure["request"]?.stringValue.flatMap { request in
                    failure["answer"]?.stringValue.map { Failure(request: request, answer: $0) }
                }
            }
            return Family(
                id: id, before: value["before"].flatMap(Interval.init(json:)), after: after, failures: failures)
        }
    }
}

extension MemorisationProbe {
    package var json: JSONValue {
        [
            "members": JSONValue(members), "controls": JSONValue(controls), "exposure": JSONValue(exposure),
            "highest_exposure": JSONValue(highestExposure), "found_at_one_percent": found.json,
            "area_under_curve": JSONValue(areaUnderCurve),
            "regurgitated": JSONValue(regurgitated) { $0.json },
            "controls_regurgitated": JSONValue(controlsRegurgitated) { $0.json },
        ]
    }

    package init?(json: JSONValue) {
        guard let members = json["members"]?.intValue, let controls = json["controls"]?.intValue,
            let exposure = json["exposure"]?.doubleValue, let highest = json["highest_exposure"]?.doubleValue,
            let found = json["found_at_one_percent"].flatMap(Interval.init(json:)),
            let area = json["area_under_curve"]?.doubleValue
        else { return nil }
        self.members = members
        self.controls = controls
        self.exposure = exposure
        highestExposure = highest
        self.found = found
        areaUnderCurve = area
        regurgitated = json["regurgitated"].flatMap(Interval.init(json:))
        controlsRegurgitated = json["controls_regurgitated"].flatMap(Interval.init(json:))
    }
}
