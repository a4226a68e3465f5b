import Feasibility
import FileStore
import Foundation
import JSONText
package import Plan

/// What each part of a rehearsal took: a line for every event of the trainer, with the memory and the time since the one
/// before.
///
/// Written by the trainer's process about itself, because only it can forget an earlier peak.
struct RehearsalLog {
    private let lines: LineLog
    private let run: RunFolder
    private let isFirstSitting: Bool
    private var last = ContinuousClock.now

    /// - Parameter isFirstSitting: The trainer kills itself when the checkpoint that is planned is there.
    init(_ run: RunFolder, isFirstSitting: Bool, store: FileStore) throws(FileStoreError) {
        self.run = run
        self.isFirstSitting = isFirstSitting
        lines = try LineLog(path: RehearsalLog.path(of: run), store: store)
        MachineProfile.forgetPeakResidentMemory()
    }

    mutating func note(_ event: RunEvent) throws {
        guard let phase = RehearsalPhase.Kind(event, isFirstSitting: isFirstSitting) else { return }
        let now = ContinuousClock.now
        let line: JSONValue = [
            "phase": .string(phase.rawValue), "seconds": JSONValue(last.duration(to: now) / .seconds(1)),
            "peak_rss_bytes": JSONValue(MachineProfile.peakResidentMemory()) { JSONValue($0.bytes) },
        ]
        try lines.append(line.text())
        MachineProfile.forgetPeakResidentMemory()
        last = now
        // A checkpoint before that one was asked for by somebody who wants a stop.
        if isFirstSitting, case .checkpoint(_, GlobalStep(Rehearsal.stepsBeforeKill)) = event {
            kill(getpid(), SIGKILL)
        }
    }

    static func path(of run: RunFolder) -> String { run.path + "/rehearsal.jsonl" }
}

/// A part of a training and what it took.
package struct RehearsalPhase: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case load, step, validation, save, resume, result, export

        /// The part that an event ends.
        init?(_ event: RunEvent, isFirstSitting: Bool) {
            switch event {
            case .started: self = isFirstSitting ? .load : .resume
            case .step: self = .step
            case .eval: self = .validation
            case .checkpoint: self = .save
            case .finished(let finish) where finish.reason.isEnd: self = .result
            case .finished, .warning, .failed: return nil
            }
        }
    }

    package var kind: Kind
    package var seconds: Double
    /// Nil where the system does not say.
    package var peak: ByteCount?

    /// Every kind once, with its largest peak and its last time: the first step also makes the buffers it uses.
    static func read(_ run: RunFolder, _ store: FileStore) -> [RehearsalPhase] {
        var phases: [RehearsalPhase] = []
        for line in ((try? store.readText(RehearsalLog.path(of: run))) ?? "").split(separator: "\n") {
            guard let json = try? JSONValue.parse(String(line)), let name = json["phase"]?.stringValue,
                let kind = Kind(rawValue: name)
            else { continue }
            let peak = json["peak_rss_bytes"]?.intValue.map { ByteCount($0) }
            let phase = RehearsalPhase(kind: kind, seconds: json["seconds"]?.doubleValue ?? 0, peak: peak)
            if let place = phases.firstIndex(where: { $0.kind == kind }) {
                phases[place].seconds = phase.seconds
                phases[place].peak = [phases[place].peak, peak].compactMap { $0 }.max()
            } else {
                phases.append(phase)
            }
        }
        return phases
    }
}
