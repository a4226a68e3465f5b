import Datasets
package import FileStore
package import FoundationEssentials
import JSONText
package import Plan
import Registry

/// A run that TRL trains: what it is started with, and whether its result is what hone's own decoder finds in it.
package struct TRLRun: Sendable {
    private let run: RunFolder
    private let store: FileStore

    package init(_ run: RunFolder, store: FileStore = FileStore()) {
        self.run = run
        self.store = store
    }

    /// The loss of the tuned model on the rows of the contract, here and there.
    package struct Agreement: Sendable, Hashable {
        package let hone: Double
        package let engine: Double
        package let tolerance: Double

        package var holds: Bool { abs(hone - engine) <= tolerance }
    }

    /// Compares what the engine says of its result with what hone's decoder finds, and writes it into the trail.
    ///
    /// - Returns: Nil where the model is too large for hone's decoder on this machine.
    /// - Throws: `EngineDisagrees` where they are further apart than rounding explains.
    package func compare(
        _ prepared: PreparedRun, tolerances: EngineTolerances, at time: Date
    ) throws -> Agreement? {
        let places = TokenContract.places(in: prepared.encoded.train, seed: prepared.plan.training.seed)
        let rows = places.map { prepared.encoded.train[$0.index] }
        guard let ours = try ContractLoss(prepared).tuned(rows, run) else { return nil }
        let losses = try JSONValue.parse(try store.readText(run.engine + "/tuned_loss.json")).arrayValue ?? []
        let sum = losses.reduce(0) { $0 + ($1["sum"]?.doubleValue ?? .nan) }
        let tokens = losses.reduce(0) { $0 + ($1["tokens"]?.intValue ?? 0) }
        let agreement = Agreement(
            hone: ours, engine: sum / Double(max(1, tokens)), tolerance: tolerances.tuned(prepared.plan))
        try AuditTrail(run, store: store).append(
            .check,
            [
                "check": "engine", "passed": .bool(agreement.holds), "loss": JSONValue(agreement.engine),
                "loss_of_hone": JSONValue(agreement.hone), "rows": JSONValue(rows.count),
            ], at: time.formatted(.iso8601))
        var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
        try record.save()
        guard agreement.holds else { throw EngineDisagrees(agreement: agreement, run: run.path) }
        return agreement
    }
}

/// The engine trained something else than hone finds in its result.
package struct EngineDisagrees: Error, Sendable, Hashable {
    package let agreement: TRLRun.Agreement
    package let run: String
}
