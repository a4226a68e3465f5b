package import JSONText
import Registry

/// Who approved or rejected a run, as the trail holds it.
package struct SignatureRecord: Sendable, Hashable {
    package enum Choice: String, Sendable, Hashable, CaseIterable {
        case approve, reject
        case approveWithConditions = "approve-with-conditions"
    }

    package var name: String
    package var role: String
    package var choice: Choice
    package var because: String
    /// ISO 8601 in UTC.
    package var time: String
    /// Fingerprint of the report that was signed, signatures apart: another report voids it.
    package var report: String

    package init(name: String, role: String, choice: Choice, because: String, time: String, report: String) {
        self.name = name
        self.role = role
        self.choice = choice
        self.because = because
        self.time = time
        self.report = report
    }

    package var json: JSONValue {
        [
            "name": JSONValue(name), "role": JSONValue(role), "decision": JSONValue(choice.rawValue),
            "because": JSONValue(because), "report": JSONValue(report),
        ]
    }

    init?(_ entry: Trail.Entry) {
        guard entry.kind == .signature, let name = entry.data["name"]?.stringValue,
            let choice = entry.data["decision"]?.stringValue.flatMap(Choice.init),
            let report = entry.data["report"]?.stringValue
        else { return nil }
        self.init(
            name: name, role: entry.data["role"]?.stringValue ?? "", choice: choice,
            because: entry.data["because"]?.stringValue ?? "", time: entry.time, report: report)
    }
}
