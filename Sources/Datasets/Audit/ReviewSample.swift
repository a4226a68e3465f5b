package import JSONText

/// Rows for people to read: a word list sees only the obvious, and only a person knows whether an answer is right.
package struct ReviewSample: Sendable {
    package let rows: [JSONValue]

    /// - Parameters:
    ///   - findings: Rows they show come first, at most half of the sample; the others are drawn by the seed.
    package init(_ dataset: Dataset, findings: [Finding], count: Int, seed: Int) {
        let examples = dataset.rows
        var reasons: [RowPlace: [String]] = [:]
        for finding in findings where finding.severity > .info {
            for sample in finding.examples { reasons[sample.place, default: []].append(finding.check.rawValue) }
        }
        let shown = examples.filter { reasons[$0.place] != nil }.prefix(count / 2)
        let order = examples.indices.lazy.filter { reasons[examples[$0].place] == nil }
            .map { (TextKey.hash(examples[$0].promptKey, seed: UInt64(bitPattern: Int64(seed))), $0) }.sorted {
                $0 < $1
            }
        let drawn = order.prefix(count - shown.count).map { examples[$0.1] }
        rows = (shown + drawn).map { example in
            [
                "place": .string(dataset.describe(example.place)), "request": .string(example.request),
                "answer": .string(example.completion),
                "found": .array((reasons[example.place] ?? []).map(JSONValue.string)),
                "correct": .null, "harmful": .null, "biased": .null, "reviewer": .null, "comment": .null,
            ]
        }
    }
}
