package import Datasets
package import Feasibility
package import FileStore
package import FoundationEssentials
import JSONText
package import Plan
package import Registry

extension RunTrail {
    /// What let these rows and this plan through to training: the exceptions people took on, and both gates.
    package static func recordGates(
        of run: RunFolder, profile: DatasetProfile, check: PlanCheck, at time: Date, store: FileStore = FileStore()
    ) throws {
        var trail = try RunTrail(path: run.trail, time: time.formatted(.iso8601), store: store)
        for finding in profile.findings {
            guard let exception = profile.exception(for: finding) else { continue }
            try trail.add(
                .exception,
                [
                    "rule": .string(exception.check), "because": .string(exception.because),
                    "rows": JSONValue(exception.rows), "accepted_at": .string(exception.acceptedAt),
                    "found": JSONValue(finding.count), "severity": .string(finding.severity.rawValue),
                ])
        }
        try trail.add(
            .gate,
            [
                "gate": "data", "passed": .bool(profile.blocking.isEmpty), "rows": JSONValue(profile.read),
                "errors_taken_on": JSONValue(profile.findings.count { $0.severity == .error }),
            ])
        try trail.add(
            .gate,
            [
                "gate": "feasibility", "passed": .bool(check.verdict == .fits || check.verdict == .tight),
                "verdict": .string(check.verdict.rawValue),
            ])
    }
}
