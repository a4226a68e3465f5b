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
    /// Nobody signed: a script did, to show the way.
    package var isSynthetic: Bool

    package init(
        name: String, role: String, choice: Choice, because: String, time: String, report: String,
        isSynthetic: Bool = false
    ) {
        self.name = name
        self.role = role
        self.choice = choice
        self.because = because
        self.time = time
        self.report = report
        self.isSynthetic = isSynthetic
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "name": JSONValue(name), "role": JSONValue(role), "decision": JSONValue(choice.rawValue),
            "because": JSONValue(because), "report": JSONValue(report),
        ]
        if isSynthetic { object["synthetic"] = true }
        return .object(object)
    }

    init?(_ entry: Trail.Entry) {
        guard entry.kind == .signature, let name = entry.data["name"]?.stringValue,
            let choice = entry.data["decision"]?.stringValue.flatMap(Choice.init),
            let report = entry.data["report"]?.stringValue
        else { return nil }
        self.init(
            name: name, role: entry.data["role"]?.stringValue ?? "", choice: choice,
            because: entry.data["because"]?.stringValue ?? "", time: entry.time, report: report,
            isSynthetic: entry.data["synthetic"]?.boolValue ?? false)
    }
}
