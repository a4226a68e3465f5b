package import JSONText

/// What the audit measured: sizes, findings, and what a dataset of this size can be expected to do.
package struct DatasetProfile: Sendable, Hashable {
    package var files: [SourceFile]
    package var shapes: [ShapeCount]
    package var read: Int
    package var kept: Int
    /// Examples that are valid, different from each other, and not contradicted by another: what the size bands count.
    package var effectiveExamples: Int
    /// Worst first.
    package var findings: [Finding]
    package var band: SizeBand?
    package var nextBand: NextBand?
    package var bands: [SizeBand]
    package var answers: AnswerKind
    package var labels: LabelInventory?
    /// What structured answers ask for, where a member of theirs says so.
    package var answerKinds: AnswerKinds?
    /// How many examples are written how many times.
    package var multiplicities: [Int: Int]
    package var distinctRequests: Int
    package var conflictingRows: Int
    package var systemPrompts: Int
    package var multiTurnRows: Int
    /// Rows their owner marked as seen in production.
    package var realRows: Int
    /// Rows that name who checked them.
    package var reviewedRows: Int
    /// Rows that say where they came from.
    package var sourcedRows: Int
    /// Rows of each part, where the owner or a split names parts.
    package var parts: [Split.Part: Int]
    /// Different beginnings per request.
    package var openingDiversity: Double
    /// In tokens, where a model was given.
    package var lengths: LengthStatistics?
    package var histogram: LengthHistogram?
    package var packing: PackingForecast?
    /// Against a usage sample, where one was given.
    package var usage: UsageComparison?
    /// Declared behaviours and how many rows show them.
    package var behaviours: [BehaviourRows]
    package var characters: CharacterLengths
    /// What took how long, where a clock was given.
    package var seconds: [AuditStage: Double]
    /// Findings a person has taken on.
    package var accepted: [AcceptedFinding] = []
    /// What an organisation changed in the rules of the audit, in words.
    package var overrides: [String] = []

    package struct BehaviourRows: Sendable, Hashable {
        package var name: String
        package var rows: Int
    }

    package struct ShapeCount: Sendable, Hashable {
        package var shape: RowShape
        package var count: Int
    }

    package enum AnswerKind: String, Sendable, Hashable {
        case labels, json, text
    }

    package var dropped: Int { read - kept }

    package var worst: Finding.Severity? { findings.map(\.severity).max() }

    package func findings(under heading: Finding.Heading) -> [Finding] { findings.filter { $0.heading == heading } }

    /// The shape most rows have, in the words of the contract.
    package var format: String { shapes.first?.shape.rawValue ?? "none" }
}

/// Typical lengths in characters, which need no tokenizer.
package struct CharacterLengths: Sendable, Hashable {
    package var medianRequest = 0
    package var medianAnswer = 0
    package var longestRow = 0
    /// Of whole rows.
    package var histogram = LengthHistogram([])

    init(requests: [Int], answers: [Int], rows: [Int]) {
        guard !rows.isEmpty else { return }
        medianRequest = Self.median(requests)
        medianAnswer = Self.median(answers)
        longestRow = rows.max() ?? 0
        histogram = LengthHistogram(rows)
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }
}

extension DatasetProfile {
    /// The shape of `hone audit --json`.
    package var json: JSONValue {
        var object: JSONObject = [
            "format": .string(format),
            "files": .array(
                files.map {
                    [
                        "path": .string($0.path), "container": .string($0.container.rawValue),
                        "bytes": JSONValue($0.byteCount),
                    ]
                }),
            "read": JSONValue(read), "kept": JSONValue(kept), "dropped": JSONValue(dropped),
            "effective_examples": JSONValue(effectiveExamples),
            "findings": .array(findings.map { $0.json(files: files, exception: exception(for: $0)) }),
            "blocking": .array(blocking.map { .string($0.check.rawValue) }),
            "bands": [
                "reached": JSONValue(band) { .string($0.band) },
                "rule": JSONValue(band) { .string($0.rule) },
                "means": JSONValue(band) { .string($0.title) },
                "all": .array(
                    bands.map { ["band": .string($0.band), "rule": .string($0.rule), "means": .string($0.title)] }),
            ],
            "shapes": .object(JSONObject(shapes.map { ($0.shape.rawValue, JSONValue($0.count)) })),
            "answers": .string(answers.rawValue),
            "distinct_requests": JSONValue(distinctRequests), "conflicting_rows": JSONValue(conflictingRows),
            "system_prompts": JSONValue(systemPrompts), "multi_turn_rows": JSONValue(multiTurnRows),
            "real_rows": JSONValue(realRows), "reviewed_rows": JSONValue(reviewedRows),
            "sourced_rows": JSONValue(sourcedRows),
            "opening_diversity": JSONValue(openingDiversity),
            "copies": .object(
                JSONObject(multiplicities.sorted { $0.key < $1.key }.map { (String($0.key), JSONValue($0.value)) })),
            "splits": .object(
                JSONObject(
                    Split.Part.allCases.compactMap { part in parts[part].map { (part.rawValue, JSONValue($0)) } })),
            "characters": [
                "median_request": JSONValue(characters.medianRequest),
                "median_answer": JSONValue(characters.medianAnswer),
                "longest_row": JSONValue(characters.longestRow),
            ],
        ]
        if !overrides.isEmpty { object["overrides"] = .array(overrides.map { .string($0) }) }
        if let labels {
            object["labels"] = .object(JSONObject(labels.labels.map { ($0.text, JSONValue($0.count)) }))
        }
        if let answerKinds {
            object["answer_kinds"] = [
                "key": .string(answerKinds.key),
                "rows": .object(JSONObject(answerKinds.kinds.map { ($0.text, JSONValue($0.count)) })),
            ]
        }
        if let lengths {
            object["tokens"] = [
                "rows": JSONValue(lengths.rows), "total": JSONValue(lengths.tokens),
                "targets": JSONValue(lengths.targetTokens),
                "median": JSONValue(lengths.median), "p95": JSONValue(lengths.p95), "p99": JSONValue(lengths.p99),
                "longest": JSONValue(lengths.longest),
            ]
        }
        object["packing"] = packing.map {
            [
                "rows_per_batch": JSONValue($0.rowsPerBatch), "padding_share": JSONValue($0.paddingShare),
                "packed_sequences": JSONValue($0.packedSequences), "filled_share": JSONValue($0.filledShare),
            ]
        }
        object["usage"] = usage.map {
            [
                "requests": JSONValue($0.count), "unlike": JSONValue($0.unlike.count),
                "divergence_bits": JSONValue($0.divergence), "expected_bits": JSONValue($0.expectedDivergence),
                "median_words": JSONValue($0.medianWords), "median_training_words": JSONValue($0.medianTrainingWords),
            ]
        }
        if !behaviours.isEmpty {
            object["behaviours"] = .object(JSONObject(behaviours.map { ($0.name, JSONValue($0.rows)) }))
        }
        if !seconds.isEmpty {
            object["seconds"] = .object(
                JSONObject(
                    AuditStage.allCases.compactMap { stage in seconds[stage].map { (stage.rawValue, JSONValue($0)) } }))
        }
        return .object(object)
    }
}

extension Finding {
    fileprivate func json(files: [SourceFile], exception: AcceptedFinding?) -> JSONValue {
        var object: JSONObject = [
            "id": .string(check.rawValue), "severity": .string(severity.rawValue), "heading": .string(heading.rawValue),
            "title": .string(title), "count": JSONValue(count), "share": JSONValue(share), "detail": .string(detail),
            "examples": .array(
                examples.map { sample in
                    var object: JSONObject = ["line": JSONValue(sample.place.line), "text": .string(sample.text)]
                    if files.count > 1, files.indices.contains(sample.place.file) {
                        object["file"] = .string(files[sample.place.file].path)
                    }
                    return .object(object)
                }),
            "why": .string(why), "fix": .string(fix),
        ]
        if let exception { object["accepted"] = .string(exception.because) }
        return .object(object)
    }
}
