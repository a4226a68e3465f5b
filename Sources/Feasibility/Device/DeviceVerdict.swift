package import Plan

/// What a device can give, against what a run needs.
package struct DeviceVerdict: Sendable, Hashable {
    package let verdict: PlanCheck.Verdict
    package let estimate: DeviceEstimate
    package let usable: ByteCount?

    package init(_ run: DeviceRun, usable: ByteCount?) {
        let estimate = DeviceEstimate(run, usable: usable)
        self.estimate = estimate
        self.usable = usable
        guard let usable, run.architecture.kind == .dense else {
            verdict = .unknown
            return
        }
        // Without a cached block in excess the run needs its tensors and its context; below that it cannot live.
        let least = estimate.allocated + (estimate.parts[.context] ?? 0)
        let margin = max(ByteCount(gibibytes: 0.7), ByteCount(usable.bytes / 33))
        if estimate.p95 <= usable - margin {
            verdict = .fits
        } else {
            verdict = least > usable ? .doesNotFit : .tight
        }
    }
}
