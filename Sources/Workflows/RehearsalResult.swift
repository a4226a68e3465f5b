package import Feasibility
import Glibc
package import JSONText
package import Launching
package import Plan

/// What a rehearsal has shown, beside what the feasibility check had expected.
package struct RehearsalResult: Sendable {
    /// Of the real plan.
    package let check: PlanCheck
    /// Tokens of the longest row.
    package let longestRow: Int
    package let folder: String
    package internal(set) var phases: [RehearsalPhase] = []
    package internal(set) var checkpointBytes: ByteCount?
    package internal(set) var resultBytes: ByteCount?
    package internal(set) var exportBytes: ByteCount?
    package internal(set) var exportRoom: ExportRoom?
    package internal(set) var tokensPerSecond: Double?
    /// How long the real run will take at the measured speed.
    package internal(set) var predictedSeconds: Double?
    package internal(set) var firstEnding: EngineEnding?
    /// Of the sitting that resumed; nil where there was none.
    package internal(set) var ending: EngineEnding?

    package enum ExportRoom: Sendable, Hashable {
        case missing(needed: ByteCount, free: ByteCount)
    }

    init(check: PlanCheck, longestRow: Int, folder: String) {
        (self.check, self.longestRow, self.folder) = (check, longestRow, folder)
    }

    package var peak: ByteCount? { phases.filter { $0.kind != .export }.compactMap(\.peak).max() }

    /// All checkpoints that lie beside each other, the one that is being written among them, and the result.
    package var diskNeeded: ByteCount? {
        guard let checkpointBytes, let resultBytes else { return nil }
        let settings = check.plan.training
        let saved = 1 + (settings.saveEvery.map { check.time.steps / $0 } ?? 0)
        let kept = min(saved, settings.saveTotalLimit ?? saved)
        return ByteCount(checkpointBytes.bytes * (kept + 1) + resultBytes.bytes)
    }

    /// Why the real run would not reach its end.
    package enum Obstacle: Sendable, Hashable {
        case memory(peak: ByteCount, usable: ByteCount)
        /// The trainer itself found that there is none left.
        case memoryRanOut
        case disk(needed: ByteCount, free: ByteCount)
        case export(needed: ByteCount, free: ByteCount)
    }

    package var obstacles: [Obstacle] {
        var obstacles: [Obstacle] = []
        if let peak, let usable = check.usable, peak > usable { obstacles.append(.memory(peak: peak, usable: usable)) }
        if [firstEnding, ending].contains(where: { $0?.ranOutOfMemory ?? false }) { obstacles.append(.memoryRanOut) }
        if let diskNeeded, let free = check.machine.freeDisk, diskNeeded > free {
            obstacles.append(.disk(needed: diskNeeded, free: free))
        }
        if case .missing(let needed, let free)? = exportRoom { obstacles.append(.export(needed: needed, free: free)) }
        return obstacles
    }

    /// The ending that nobody expected: neither the kill that belongs to a rehearsal, nor want of memory.
    package var surprise: EngineEnding? {
        guard let ending else { return firstEnding?.ranOutOfMemory == true ? nil : firstEnding }
        if case .finished(let finish) = ending, finish.reason.isEnd { return nil }
        return ending.ranOutOfMemory ? nil : ending
    }

    func wasKilledAsPlanned(hasCheckpoint: Bool) -> Bool {
        if case .killed(SIGKILL, _)? = firstEnding { hasCheckpoint } else { false }
    }

    /// The speed of the last step before the kill; the check's estimate of the whole run is corrected by how far its
    /// estimate of the rehearsal was off.
    mutating func measureSpeed(_ log: EventLog, estimate: TimeEstimate) {
        guard let measured = log.steps.dropFirst().first?.tokensPerSecond, measured > 0 else { return }
        tokensPerSecond = measured
        predictedSeconds = check.time.seconds * estimate.tokensPerSecond / measured
    }
}

extension EngineEnding {
    var ranOutOfMemory: Bool {
        switch self {
        case .outOfMemory: true
        case .finished(let finish): finish.reason == .memoryLimit
        case .failed, .lostProcess, .killed, .diskFull, .noRendezvous, .vanished: false
        }
    }
}

extension RehearsalResult {
    /// The shape other programs rely on.
    package var json: JSONValue {
        func bytes(_ value: ByteCount?) -> JSONValue { JSONValue(value) { JSONValue($0.bytes) } }
        func number(_ value: Double?) -> JSONValue { JSONValue(value) { JSONValue($0) } }
        return [
            "survives": .bool(obstacles.isEmpty), "longest_row_tokens": JSONValue(longestRow),
            "phases": .array(
                phases.map { phase in
                    [
                        "phase": .string(phase.kind.rawValue), "peak_rss_bytes": bytes(phase.peak),
                        "seconds": JSONValue(phase.seconds),
                    ]
                }),
            "peak_rss_bytes": bytes(peak), "p50_bytes": bytes(check.memory.p50), "usable_bytes": bytes(check.usable),
            "disk": [
                "checkpoint_bytes": bytes(checkpointBytes), "result_bytes": bytes(resultBytes),
                "export_bytes": bytes(exportBytes), "needed_bytes": bytes(diskNeeded),
                "free_bytes": bytes(check.machine.freeDisk),
            ],
            "steps": JSONValue(check.time.steps), "tokens_per_second": number(tokensPerSecond),
            "expected_tokens_per_second": JSONValue(check.time.tokensPerSecond),
            "predicted_seconds": number(predictedSeconds), "expected_seconds": JSONValue(check.time.seconds),
        ]
    }
}
