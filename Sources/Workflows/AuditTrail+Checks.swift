package import Datasets
package import Feasibility
package import FileStore
package import FoundationEssentials
import JSONText
package import Plan
import Registry

extension AuditTrail {
    /// What let these rows and this plan through to training: the findings and lints people took on, and both gates.
    ///
    /// - Parameter check: Nil where another engine trains, whose memory the lints looked at beside the accelerator.
    package static func recordChecks(
        of run: RunFolder, plan: RunPlan, profile: DatasetProfile, check: PlanCheck?, at time: Date,
        store: FileStore = FileStore()
    ) throws {
        let trail = AuditTrail(run, store: store), moment = time.formatted(.iso8601)
        for finding in profile.findings {
            guard let exception = profile.exception(for: finding) else { continue }
            try trail.append(
                .exception,
                [
                    "rule": .string(exception.check), "because": .string(exception.because),
                    "rows": JSONValue(exception.rows), "accepted_at": .string(exception.acceptedAt),
                    "found": JSONValue(finding.count), "severity": .string(finding.severity.rawValue),
                ], at: moment)
        }
        for override in plan.overrides {
            try trail.append(
                .exception, ["rule": .string("lint." + override.lint), "because": .string(override.because)], at: moment
            )
        }
        try trail.append(
            .check,
            [
                "check": "data", "passed": .bool(profile.blocking.isEmpty), "rows": JSONValue(profile.read),
                "errors_taken_on": JSONValue(profile.findings.count { $0.severity == .error }),
            ], at: moment)
        guard let check else { return }
        try trail.append(
            .check,
            [
                "check": "feasibility", "passed": .bool(check.verdict == .fits || check.verdict == .tight),
                "verdict": .string(check.verdict.rawValue),
            ], at: moment)
    }
}
