package import JSONText

/// `check.json` as a report reads it: what `hone check --json` predicted before the run.
package struct CheckRecord: Sendable, Hashable {
    package var verdict: String
    package var phase: String?
    package var p50Bytes: Int?
    package var p95Bytes: Int?
    package var usableBytes: Int?
    package var hours: Double?

    package init(verdict: String) { self.verdict = verdict }

    package init?(json: JSONValue) {
        guard let verdict = json["verdict"]?.stringValue else { return nil }
        self.init(verdict: verdict)
        phase = json["phase"]?.stringValue
        p50Bytes = json["p50_bytes"]?.intValue
        p95Bytes = json["p95_bytes"]?.intValue
        usableBytes = json["usable_bytes"]?.intValue
        hours = json["hours"]?.doubleValue ?? json["hours"]?["p50"]?.doubleValue
    }
}
