package import Plan

/// Peak memory of one device during a training run: the largest of its phases, by part.
///
/// The formulas are in `docs/feasibility.md`; constants that differ between frameworks are in the profile.
package struct DeviceEstimate: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case load
        case firstBackward = "first_backward"
        case step, evaluation, save
    }

    package enum Part: String, Sendable, Hashable, CaseIterable {
        case quantisedWeights = "quantised_weights"
        case weights
        /// Embedding, output head and norms.
        case plainWeights = "plain_weights"
        /// The whole model beside this device's part of it.
        case gathered
        case adapter, gradients, optimizer
        case stepScratch = "step_scratch"
        case checkpoints, layers, scores, logits
        /// Workspaces and dequantised copies.
        case workspace
        /// What the allocator holds without using it.
        case cached
        case context
    }

    package let run: DeviceRun
    package let phase: Phase
    package let parts: [Part: ByteCount]
    /// Bytes in tensors at the peak.
    package let allocated: ByteCount
    /// What the allocator takes from the driver, a best guess.
    package let reserved: ByteCount
    /// What the process takes from the device: the best guess, and the guess that is exceeded in one run of twenty.
    package let p50: ByteCount
    package let p95: ByteCount
    /// Every phase with what its tensors need.
    package let phases: [(phase: Phase, bytes: ByteCount)]

    /// `usable`: what the device gives a process. The allocator returns cached blocks before it fails, so what it holds
    /// without using it never makes a run die.
    package init(_ run: DeviceRun, usable: ByteCount? = nil) {
        self.run = run
        let terms = DeviceTerms(run)
        let listed = terms.phases
        var peak = listed[0]
        for phase in listed.dropFirst() where phase.total > peak.total { peak = phase }
        let profile = run.profile
        let context = profile[.contextGibibytes] * 1_073_741_824
        var cached = peak.total * (profile[.reserve] - 1) + terms.pool
        if let usable, peak.total + context <= Double(usable.bytes) {
            cached = min(cached, Double(usable.bytes) - peak.total - context)
        }
        var parts: [Part: ByteCount] = [:]
        for (part, bytes) in peak.parts where bytes > 0 { parts[part] = ByteCount(wholeBytes(bytes)) }
        let allocated = parts.values.reduce(ByteCount(0), +)
        parts[.cached] = ByteCount(wholeBytes(cached))
        parts[.context] = ByteCount(wholeBytes(context))
        let spread = run.devices > 1 ? max(profile[.spread], 1.2) : profile[.spread]
        self.parts = parts
        self.allocated = allocated
        reserved = allocated + ByteCount(wholeBytes(cached))
        p50 = reserved + ByteCount(wholeBytes(context))
        p95 = max(p50, ByteCount(wholeBytes(Double(p50.bytes) * max(1, spread))))
        phase = peak.phase
        phases = listed.map { ($0.phase, ByteCount(wholeBytes($0.total))) }
    }

    /// Parts in the order of their size.
    package var largestFirst: [(part: Part, bytes: ByteCount)] {
        parts.filter { $0.value > 0 }.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { ($0.key, $0.value) }
    }

    package static func == (a: DeviceEstimate, b: DeviceEstimate) -> Bool {
        a.run == b.run && a.p50 == b.p50 && a.p95 == b.p95
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(run)
        hasher.combine(p50)
    }
}

/// Whole bytes; what no machine holds becomes 2^56, so that a sum of such parts is still a number.
func wholeBytes(_ bytes: Double) -> Int {
    guard bytes.isFinite, bytes < 0x1p56 else { return 1 << 56 }
    return Int(max(0, bytes).rounded())
}
