import Feasibility
package import FileStore
import FoundationEssentials
package import Launching
package import Plan
import Training

/// The engine's side of a run: what `hone engine RUN` does between its first and its last event.
package final class EngineRun {
    package let run: RunFolder
    private let store: FileStore
    private let events: LineLog

    package init(_ run: RunFolder, store: FileStore = FileStore()) throws {
        self.run = run
        self.store = store
        events = try LineLog(path: run.events, store: store)
    }

    /// Reads the plan, lets the feasibility check approve it again here and now, and trains; goes on from the newest
    /// checkpoint where there is one.
    package func train(in installation: Installation, stop: StopRequest) throws {
        let plan = try RunPlan(yaml: try store.readText(run.plan), file: run.plan)
        let prepared = try PreparedRun(plan, in: installation, store: store)
        let machine = MachineProfile.probe(folder: run.path)
        let approved = try approve(plan, model: prepared.facts, load: prepared.load, on: machine)
        let trainer = try Trainer(
            approved, base: prepared.model, data: prepared.encoded, run: run, store: store,
            score: try TaskScore(prepared)?.score, report: append)
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
