package import JSONText
package import Plan

/// A measurement beside what hone says about it.
package struct MeasuredPrediction: Sendable {
    package let run: MeasuredRun
    /// Nil for a row hone does not support.
    package let verdict: DeviceVerdict?
    package let unsupported: Unsupported?

    package init(_ run: MeasuredRun, _ tables: MemoryTables) {
        self.run = run
        switch run.deviceRun(tables) {
        case .success(let device):
            verdict = DeviceVerdict(device, usable: run.usable(tables))
            unsupported = nil
        case .failure(let reason):
            verdict = nil
            unsupported = reason
        }
    }

    package var profile: MemoryProfile? { verdict?.estimate.run.profile }
    package var wasFitted: Bool { profile?.wasFitted(on: run.id) ?? false }

    /// The figure that the source measured.
    package var predicted: ByteCount? {
        verdict.map { verdict in
            switch run.metric {
            case .allocated: verdict.estimate.allocated
            case .reserved: verdict.estimate.reserved
            case .process: verdict.estimate.p50
            }
        }
    }

    /// The same figure, exceeded in one run of twenty.
    package var high: ByteCount? {
        guard let verdict, let predicted, verdict.estimate.p50 > 0 else { return nil }
        let spread = Double(verdict.estimate.p95.bytes) / Double(verdict.estimate.p50.bytes)
        return ByteCount(wholeBytes(Double(predicted.bytes) * spread))
    }

    package var relativeError: Double? {
        guard let predicted, let measured = run.measuredGibibytes, measured > 0 else { return nil }
        return predicted.gibibytes / measured - 1
    }

    package var json: JSONValue {
        guard let verdict, let predicted, let high else {
            return ["id": .string(run.id), "unsupported": .string(unsupported?.words ?? "")]
        }
        func rounded(_ value: Double) -> JSONValue { JSONValue((value * 10000).rounded() / 10000) }
        return [
            "id": .string(run.id), "predicted_gib": rounded(predicted.gibibytes), "p95_gib": rounded(high.gibibytes),
            "measured_gib": JSONValue(run.measuredGibibytes) { rounded($0) },
            "relative_error": JSONValue(relativeError) { rounded($0) }, "verdict": .string(verdict.verdict.rawValue),
            "profile": .string(verdict.estimate.run.profile.id), "metric": .string(run.metric.rawValue),
            "outcome": .string(run.ranOutOfMemory ? "oom" : "ok"), "trust": .string(run.trust),
            "fitted": .bool(wasFitted),
        ]
    }
}

extension Unsupported {
    package var words: String {
        switch self {
        case .notStated(let column): "\(column) is not stated"
        case .model(let name): "the architecture of \(name) is not known"
        case .method(let name): "no profile for method \(name)"
        case .architecture(.mixture): "mixture of experts: which experts are quantised is not known"
        case .architecture: "layers that the formulas do not cover"
        case .precision(let text): "precision \(text)"
        case .format(let text): "weight format \(text)"
        case .framework(let name): "no profile for \(name)"
        case .strategy: "how the devices share the work is not stated"
        }
    }
}
