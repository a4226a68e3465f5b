package import FileStore
package import JSONText
package import Plan

extension EvaluationResult {
    /// Writes `eval/summary.json` last, after the items it sums up: a summary that is there is complete.
    package func write(to folder: RunFolder, _ store: FileStore) throws(FileStoreError) {
        try store.createFolder(folder.eval)
        for arm in arms { try store.write(arm.itemLines, to: folder.evalItems(arm: arm.arm.name)) }
        for arm in probe?.arms ?? [] {
            try store.write(arm.itemLines, to: folder.evalItems(arm: Self.probePrefix + arm.arm.name))
        }
        try store.write(json.text(.pretty) + "\n", to: folder.evalSummary)
    }

    /// Names of the items files a summary speaks of, without `.items.jsonl`.
    package static func itemFiles(of summary: JSONValue) -> [String] {
        let arms = summary["arms"]?.objectValue?.keys ?? []
        let probe = summary["general_knowledge"]?["arms"]?.objectValue?.keys ?? []
        return arms + probe.map { probePrefix + $0 }
    }

    /// Puts a summary and its items together again; nil where the summary lacks what it must have.
    package init?(json: JSONValue, items: [String: [ItemResult]]) {
        guard let split = json["split"]?.stringValue, let arms = json["arms"]?.objectValue,
            let primary = json["primary_metric"]?.stringValue.flatMap(Metric.init)
        else { return nil }
        let metrics = (json["metrics"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(Metric.init) }
        self.init(
            split: split,
            metrics: MetricSet(
                primary: primary, all: metrics,
                form: json["answer_form"]?.stringValue.flatMap(MetricSet.AnswerForm.init) ?? .openText,
                isGiven: json["metrics_given"]?.boolValue ?? false),
            decoding: Decoding(
                maxNewTokens: json["decoding"]?["max_new_tokens"]?.intValue ?? 0,
                batchSize: json["decoding"]?["batch_size"]?.intValue ?? 0,
                sampling: json["decoding"]?["sampling"]?.stringValue ?? ""),
            arms: Self.arms(arms, json["arm_details"], items, prefix: ""),
            comparisons: (json["comparisons"]?.arrayValue ?? []).compactMap(Comparison.init(json:)))
        if let arms = json["slices"]?["real"]?["arms"]?.objectValue {
            real = Self.arms(arms, json["arm_details"], [:], prefix: "")
        }
        skipped = (json["not_run"]?.arrayValue ?? []).compactMap(SkippedArm.init(json:))
        detectableBefore = json["detectable_before"]?.doubleValue
        if let slice = json["slices"]?["clean"], let arms = slice["arms"]?.objectValue {
            clean = Self.arms(arms, json["arm_details"], [:], prefix: "")
            cleanItems = slice["items"]?.intValue ?? 0
        }
        safety = json["safety"].flatMap(SafetyResult.init(json:))
        memorisation = json["memorisation"].flatMap(MemorisationProbe.init(json:))
        curve = json["learning_curve"].flatMap(LearningCurve.init(json:))
        if let general = json["general_knowledge"], let arms = general["arms"]?.objectValue {
            probe = ProbeResult(
                arms: Self.arms(arms, general["arm_details"], items, prefix: Self.probePrefix),
                comparison: general["comparison"].flatMap(Comparison.init(json:)))
        }
    }

    private static let probePrefix = "general-knowledge-"

    private static func arms(
        _ arms: JSONObject, _ details: JSONValue?, _ items: [String: [ItemResult]], prefix: String
    ) -> [ArmResult] {
        arms.members.compactMap { member in
            ArmResult(
                name: member.key, figures: member.value, details: details?[member.key],
                items: items[prefix + member.key] ?? [])
        }
    }
}

extension ArmResult {
    fileprivate var itemLines: String { items.map { $0.json.text() + "\n" }.joined() }
}
