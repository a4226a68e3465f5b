package import Datasets
package import FileStore
import Plan
package import RuleEngine

/// What stands between data and training: findings at the level of an error that nobody has taken on.
package enum DataGate {
    /// Audits what a plan would train, as the trainer sees it, and throws when it must not be trained.
    /// - Parameter earlier: What an audit without the plan found in the same rows; only what the plan adds is looked at
    ///   then.
    package static func audit(
        _ run: PreparedRun, earlier: DatasetProfile? = nil, book: RuleBook, store: FileStore = FileStore()
    ) throws -> DatasetProfile {
        let training = run.plan.training
        let model = AuditModel(encoder: run.encoder, training)
        let audit = try DatasetAudit(book: book, threads: training.threads, model: model)
        var profile =
            earlier.map { audit.completed($0, run.dataset, split: run.split) }
            ?? audit.profile(run.dataset, split: run.split)
        profile.accepted = try AcceptedFinding.read(beside: run.plan.data.paths, store)
        guard profile.blocking.isEmpty else {
            throw DataGateError(findings: profile.blocking)
        }
        return profile
    }
}

/// The data must not be trained as it is.
package struct DataGateError: Error, Sendable {
    package let findings: [Finding]
}
