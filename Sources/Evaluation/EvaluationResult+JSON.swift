package import JSONText

extension EvaluationResult {
    /// `eval/summary.json`: the contract's keys, then what describes them.
    package var json: JSONValue {
        var object: JSONObject = [
            "split": JSONValue(split),
            "items": JSONValue(items),
            "arms": .object(JSONObject(arms.map { ($0.arm.name, $0.figuresJSON) })),
            "comparisons": .array(comparisons.map(\.json)),
            "gates": .object([:]),
            "verdict": .null,
            "primary_metric": JSONValue(metrics.primary.rawValue),
            "metrics": .array(metrics.all.map { JSONValue($0.rawValue) }),
            "answer_form": JSONValue(metrics.form.rawValue),
            "metrics_given": JSONValue(metrics.isGiven),
            "decoding": [
                "sampling": JSONValue(decoding.sampling), "max_new_tokens": JSONValue(decoding.maxNewTokens),
                "batch_size": JSONValue(decoding.batchSize),
            ],
            "arm_details": .object(JSONObject(arms.map { ($0.arm.name, $0.detailsJSON) })),
        ]
        var slices = JSONObject()
        for (name, arms) in [("real", real), ("clean", clean)] where !arms.isEmpty {
            slices[name] = [
                "items": JSONValue(name == "clean" ? cleanItems : arms[0].items.count),
                "arms": .object(JSONObject(arms.map { ($0.arm.name, $0.figuresJSON) })),
            ]
        }
        if !slices.members.isEmpty { object["slices"] = .object(slices) }
        if !skipped.isEmpty { object["not_run"] = .array(skipped.map(\.json)) }
        object["detectable_before"] = detectableBefore.map { JSONValue($0) }
        object["learning_curve"] = curve.map(\.json)
        object["safety"] = safety.map(\.json)
        object["memorisation"] = memorisation.map(\.json)
        if let probe {
            object["general_knowledge"] = [
                "arms": .object(JSONObject(probe.arms.map { ($0.arm.name, $0.figuresJSON) })),
                "arm_details": .object(JSONObject(probe.arms.map { ($0.arm.name, $0.detailsJSON) })),
                "comparison": JSONValue(probe.comparison) { $0.json },
            ]
        }
        return .object(object)
    }
}

extension SkippedArm {
    var json: JSONValue {
        var object: JSONObject = ["arm": JSONValue(kind.rawValue)]
        switch reason {
        case .budget(let needs, let left):
            object["reason"] = "budget"
            object["needs_seconds"] = JSONValue(needs)
            object["left_seconds"] = JSONValue(left)
        case .notNeeded(let winner):
            object["reason"] = "not_needed"
            object["because"] = JSONValue(winner)
        case .notApplicable: object["reason"] = "not_applicable"
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let kind = json["arm"]?.stringValue.flatMap(Arm.Kind.init) else { return nil }
        let reason: ArmSuite.Skip =
            switch json["reason"]?.stringValue {
            case "budget":
                .budget(needs: json["needs_seconds"]?.doubleValue ?? 0, left: json["left_seconds"]?.doubleValue ?? 0)
            case "not_needed": .notNeeded(because: json["because"]?.stringValue ?? "")
            default: .notApplicable
            }
        self.init(kind: kind, reason: reason)
    }
}

extension ArmResult {
    var figuresJSON: JSONValue {
        .object(
            JSONObject(
                Metric.allCases.compactMap { metric in figures[metric].map { (metric.rawValue, $0.json) } }))
    }

    var detailsJSON: JSONValue {
        var details: JSONObject = [
            "kind": JSONValue(arm.kind.rawValue), "model": JSONValue(arm.model),
            "practice_model": JSONValue(arm.isPracticeModel),
            "detail": JSONValue(arm.detail) { JSONValue($0) },
            "prompt_tokens": JSONValue(usage.promptTokens) { JSONValue($0) },
            "output_tokens": JSONValue(usage.outputTokens) { JSONValue($0) },
            "seconds_per_item": JSONValue(usage.secondsPerItem) { JSONValue($0) },
            "latency_median": JSONValue(usage.latency?.median) { JSONValue($0) },
            "latency_slow": JSONValue(usage.latency?.slow) { JSONValue($0) },
            "usd_per_thousand": JSONValue(usage.costPerThousand) { JSONValue($0) },
        ]
        details["usd_basis"] = usage.costBasis.map { JSONValue($0.rawValue) }
        details["preparation_seconds"] = usage.preparationSeconds.map { JSONValue($0) }
        details["folds"] = folds.map { JSONValue($0) }
        return .object(details)
    }

    init?(name: String, figures: JSONValue, details: JSONValue?, items: [ItemResult]) {
        guard let members = figures.objectValue?.members else { return nil }
        let read = members.compactMap { member in
            Metric(rawValue: member.key).flatMap { metric in Interval(json: member.value).map { (metric, $0) } }
        }
        let arm = Arm(
            name: name, kind: details?["kind"]?.stringValue.flatMap(Arm.Kind.init) ?? .outputs,
            model: details?["model"]?.stringValue ?? "",
            isPracticeModel: details?["practice_model"]?.boolValue ?? false, detail: details?["detail"]?.stringValue)
        self.init(
            arm: arm, items: items, figures: Dictionary(read) { first, _ in first },
            usage: Usage(
                promptTokens: details?["prompt_tokens"]?.doubleValue,
                outputTokens: details?["output_tokens"]?.doubleValue,
                secondsPerItem: details?["seconds_per_item"]?.doubleValue))
        usage.costPerThousand = details?["usd_per_thousand"]?.doubleValue
        usage.costBasis = details?["usd_basis"]?.stringValue.flatMap(ArmPrices.Basis.init)
        usage.preparationSeconds = details?["preparation_seconds"]?.doubleValue
        folds = details?["folds"]?.intValue
        if let median = details?["latency_median"]?.doubleValue, let slow = details?["latency_slow"]?.doubleValue {
            usage.latency = Usage.Latency(median: median, slow: slow)
        }
    }
}

extension Interval {
    package var json: JSONValue {
        var object: JSONObject = [
            "value": JSONValue(value), "low": JSONValue(low), "high": JSONValue(high), "n": JSONValue(n),
        ]
        object["clusters"] = clusters.map { JSONValue($0) }
        object["method"] = JSONValue(method.rawValue)
        return .object(object)
    }

    package init?(json: JSONValue) {
        guard let value = json["value"]?.doubleValue, let low = json["low"]?.doubleValue,
            let high = json["high"]?.doubleValue, let n = json["n"]?.intValue
        else { return nil }
        self.init(
            value: value, low: low, high: high, n: n, clusters: json["clusters"]?.intValue,
            method: json["method"]?.stringValue.flatMap(Method.init) ?? .bootstrap)
    }
}

extension Comparison {
    package var json: JSONValue {
        var object: JSONObject = [
            "metric": JSONValue(metric.rawValue), "arm": JSONValue(arm), "baseline": JSONValue(baseline),
            "difference": difference.json, "p_value": JSONValue(pValue), "test": JSONValue(test.rawValue),
        ]
        if let outcomes {
            object["fixed"] = JSONValue(outcomes.fixed)
            object["broken"] = JSONValue(outcomes.broken)
            object["both_right"] = JSONValue(outcomes.bothRight)
            object["both_wrong"] = JSONValue(outcomes.bothWrong)
        }
        object["detectable"] = detectable.map { JSONValue($0) }
        object["wins"] = winRate.map(\.json)
        return .object(object)
    }

    package init?(json: JSONValue) {
        guard let metric = json["metric"]?.stringValue.flatMap(Metric.init),
            let arm = json["arm"]?.stringValue, let baseline = json["baseline"]?.stringValue,
            let difference = json["difference"].flatMap(Interval.init(json:)),
            let pValue = json["p_value"]?.doubleValue
        else { return nil }
        var outcomes: Outcomes?
        if let fixed = json["fixed"]?.intValue, let broken = json["broken"]?.intValue,
            let bothRight = json["both_right"]?.intValue, let bothWrong = json["both_wrong"]?.intValue
        {
            outcomes = Outcomes(fixed: fixed, broken: broken, bothRight: bothRight, bothWrong: bothWrong)
        }
        self.init(
            metric: metric, arm: arm, baseline: baseline, difference: difference, pValue: pValue,
            test: json["test"]?.stringValue.flatMap(Test.init) ?? .permutation, outcomes: outcomes,
            detectable: json["detectable"]?.doubleValue)
        winRate = json["wins"].flatMap(WinRate.init(json:))
    }
}

extension WinRate {
    package var json: JSONValue {
        [
            "wins": JSONValue(wins), "ties": JSONValue(ties), "losses": JSONValue(losses), "share": share.json,
            "p_value": JSONValue(pValue),
        ]
    }

    package init?(json: JSONValue) {
        guard let wins = json["wins"]?.intValue, let ties = json["ties"]?.intValue,
            let losses = json["losses"]?.intValue, let share = json["share"].flatMap(Interval.init(json:)),
            let pValue = json["p_value"]?.doubleValue
        else { return nil }
        self.init(wins: wins, ties: ties, losses: losses, share: share, pValue: pValue)
    }
}
