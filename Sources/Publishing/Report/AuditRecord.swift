package import JSONText

/// `audit.json` as a report reads it: the shape `hone audit --json` prints.
package struct AuditRecord: Sendable, Hashable {
    package var format: String?
    package var read: Int
    package var kept: Int
    /// Reasons with their counts, as written by the audit.
    package var dropped: [Count] = []
    package var effectiveExamples: Int?
    package var findings: [Finding] = []
    package var splits: [Count] = []
    /// What an organisation changed in the rules of the audit.
    package var overrides: [String] = []
    /// Findings that stop training, by their ids; rows marked as real requests; rows that name who checked them.
    package var blocking: [String] = []
    package var realRows = 0
    /// Rows that say where they came from; nil where an older audit did not count them.
    package var sourcedRows: Int?
    /// What the rows look like in numbers, to hold later requests against.
    package var baseline: [Measure] = []
    package var reviewedRows = 0

    package struct Count: Sendable, Hashable {
        package var name: String
        package var count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    package struct Measure: Sendable, Hashable {
        package var name: String
        package var value: Double
    }

    package struct Finding: Sendable, Hashable {
        package var id: String
        package var title: String
        package var severity: String
        package var count: Int
        package var share: Double?
        package var fix: String?
    }

    package init(read: Int, kept: Int) {
        self.read = read
        self.kept = kept
    }

    /// Nil without the counts of rows.
    package init?(json: JSONValue) {
        guard let read = json["read"]?.intValue, let kept = json["kept"]?.intValue else { return nil }
        self.init(read: read, kept: kept)
        format = json["format"]?.stringValue
        effectiveExamples = json["effective_examples"]?.intValue
        dropped = Self.dropped(json["dropped"], total: read - kept)
        splits = Self.counts(json["splits"])
        findings = (json["findings"]?.arrayValue ?? []).compactMap(Self.finding)
        blocking = (json["blocking"]?.arrayValue ?? []).compactMap(\.stringValue)
        realRows = json["real_rows"]?.intValue ?? 0
        reviewedRows = json["reviewed_rows"]?.intValue ?? 0
        sourcedRows = json["sourced_rows"]?.intValue
        baseline = Self.baseline(json)
        overrides = (json["overrides"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func dropped(_ json: JSONValue?, total: Int) -> [Count] {
        if let rows = json?.arrayValue {
            // One entry per row or per reason; rows of one reason are added up in the order they first appear.
            var counts: [Count] = []
            for row in rows {
                let name = row["reason"]?.stringValue ?? row["id"]?.stringValue ?? row.stringValue ?? "unusable"
                let count = row["count"]?.intValue ?? 1
                if let place = counts.firstIndex(where: { $0.name == name }) {
                    counts[place].count += count
                } else {
                    counts.append(Count(name: name, count: count))
                }
            }
            return counts
        }
        let named = counts(json)
        return named.isEmpty && total > 0 ? [Count(name: "unusable", count: total)] : named
    }

    private static func baseline(_ json: JSONValue) -> [Measure] {
        func number(_ name: String, _ value: JSONValue?) -> Measure? {
            value?.doubleValue.map { Measure(name: name, value: $0) }
        }
        let kinds = json["answer_kinds"]?["rows"]?.objectValue?.members ?? [], read = json["read"]?.doubleValue ?? 0
        let shares = kinds.prefix(12).compactMap { member in
            member.value.doubleValue.flatMap { rows in
                read > 0 ? Measure(name: "share of answers of the kind \(member.key)", value: rows / read) : nil
            }
        }
        return [
            number("characters of a request, median", json["characters"]?["median_request"]),
            number("characters of an answer, median", json["characters"]?["median_answer"]),
            number("tokens of a row, median", json["tokens"]?["median"]),
            number("tokens of a row, 95th percentile", json["tokens"]?["p95"]),
            number("share of distinct openings", json["opening_diversity"]),
        ].compactMap(\.self) + shares
    }

    private static func counts(_ json: JSONValue?) -> [Count] {
        (json?.objectValue?.members ?? []).compactMap { member in
            (member.value.intValue ?? member.value["count"]?.intValue ?? member.value["rows"]?.intValue).map {
                Count(name: member.key, count: $0)
            }
        }
    }

    private static func finding(_ json: JSONValue) -> Finding? {
        json["id"]?.stringValue.map {
            Finding(
                id: $0, title: json["title"]?.stringValue ?? $0, severity: json["severity"]?.stringValue ?? "",
                count: json["count"]?.intValue ?? 0,
                share: json["share"]?.doubleValue, fix: json["fix"]?.stringValue)
        }
    }
}
