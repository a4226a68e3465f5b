import Feasibility
package import FileStore
import FoundationEssentials
package import Launching
package import Plan
import RuleEngine
import Training

/// The engine's side of a run: what `hone engine RUN` does between its first and its last event.
package final class EngineRun {
    package let run: RunFolder
    private let store: FileStore
    private let events: LineLog
    /// What was reported in earlier sittings of this run.
    private let earlier: EventLog

    package init(_ run: RunFolder, store: FileStore = FileStore()) throws {
        self.run = run
        self.store = store
        earlier = EventLog((try? store.readText(run.events)) ?? "")
        events = try LineLog(path: run.events, reserve: 64 << 10, store: store)
    }

    /// Reads the plan, lets the feasibility check approve it again here and now, and trains; goes on from the newest
    /// checkpoint where there is one.
    ///
    /// - Parameter isRehearsal: Trains on the longest rows alone, as `Rehearsal` wants it.
    package func train(in installation: Installation, stop: StopRequest, isRehearsal: Bool = false) throws {
        var rehearsal =
            isRehearsal ? try RehearsalLog(run, isFirstSitting: !hasCheckpoint, store: store) : nil
        let plan = try RunPlan(yaml: try store.readText(run.plan), file: run.plan)
        var prepared = try PreparedRun(plan, in: installation, store: store)
        if isRehearsal { prepared = prepared.rehearsed(as: plan) }
        var machine = MachineProfile.probe(folder: run.path)
        // What an earlier sitting saved is part of what the check wants room for.
        machine.freeDisk = machine.freeDisk.map { $0 + ByteCount(store.sizeOfContent(run.checkpoints)) }
        let limits = try TrainingLimits(RuleBook.load(RuleFolder(path: installation.rules, store: store)))
        let approved = try approve(plan, model: prepared.facts, load: prepared.load, on: machine)
        let trainer = try Trainer(
            approved, base: prepared.model, data: prepared.encoded, run: run, store: store,
            score: try TaskScore(prepared)?.score, limits: limits, earlier: earlier
        ) { event in
            try self.append(event)
            try rehearsal?.note(event)
        }
        if hasCheckpoint { try trainer.resume() }
        _ = try trainer.train { stop.isRaised }
    }

    /// The last word of an engine that could not do its work.
    package func fail(error: String, hint: String?) throws { try append(.failed(error: error, hint: hint)) }

    private func append(_ event: RunEvent) throws { try events.append(EventLine(time: Date(), event: event).text) }

    private var hasCheckpoint: Bool {
        ((try? store.list(run.checkpoints)) ?? []).contains { $0.hasPrefix("step-") && !$0.hasSuffix(".partial") }
    }
}
