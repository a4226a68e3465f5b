/// Every setting of one training run, decided. `plan.yaml` is its written form, with the same keys.
///
/// A value of this type may come from anyone; only `Feasibility` turns it into an `ApprovedPlan` that can be trained.
package struct RunPlan: Sendable, Hashable {
    package static let currentVersion = 2

    package var version = RunPlan.currentVersion
    package var compat = Compatibility.hone
    package var engine = EngineKind.bundled
    package var model: ModelReference
    package var method: Method
    package var data: DataSettings
    package var training: TrainingSettings
    package var evaluation = EvaluationSettings()
    package var launch = LaunchSettings()
    /// The folder that receives the run folder.
    package var output = "runs"
    /// Lints that were taken on with a reason, in the order they were written.
    package var overrides: [PlanOverride] = []
    /// Who set a value, by key (`training.learning_rate`). A key that is missing has its default.
    package var origins: [String: PlanOrigin] = [:]

    package init(model: ModelReference, method: Method, data: DataSettings, training: TrainingSettings) {
        self.model = model
        self.method = method
        self.data = data
        self.training = training
    }
}

/// A red lint that somebody took on, and why.
package struct PlanOverride: Sendable, Hashable {
    /// Without the `lint.` of the rule's id.
    package var lint: String
    package var because: String

    package init(lint: String, because: String) {
        self.lint = lint
        self.because = because
    }
}

/// Whose exact behaviour is followed where hone's own would differ (data order, start values of the adapter).
package enum Compatibility: String, Sendable, Hashable, CaseIterable { case hone, trl }

/// What trains: hone's own trainer on this CPU, or the same plan handed to Hugging Face TRL.
package enum EngineKind: String, Sendable, Hashable, CaseIterable { case bundled, trl }

/// A local model folder, or the id of a row in `rules/tables/models.yaml`.
package struct ModelReference: Sendable, Hashable, ExpressibleByStringLiteral {
    package var name: String

    package init(_ name: String) { self.name = name }
    package init(stringLiteral value: String) { name = value }
}

/// Who or what set a value of a plan.
package enum PlanOrigin: Sendable, Hashable {
    /// A rule or table row, with its reason in a few words.
    case rule(id: String, why: String)
    /// The person, by a flag or by editing the file.
    case you(was: String?)
}

/// Scoring on held-out rows after training.
package struct EvaluationSettings: Sendable, Hashable {
    /// Metric ids; empty means those that suit the data.
    package var metrics: [String] = []
    /// The longest answer generated for one row, in tokens.
    package var maxNewTokens = 128
    /// At most this many held-out rows; nil means all of them.
    package var limit: Int?
    /// Parts in which the arms that train nothing answer every row of the data, each with examples from the others; nil or
    /// less than 2 for the held-out rows alone.
    package var folds: Int?
    /// Ask the bundled general-knowledge questions before and after.
    package var generalProbe = true

    package init() {}
}

/// Where and how an engine that is not bundled is started.
package struct LaunchSettings: Sendable, Hashable {
    package enum Strategy: String, Sendable, Hashable, CaseIterable { case single, ddp, zero2, zero3, fsdp }
    package enum Scheduler: String, Sendable, Hashable, CaseIterable { case none, slurm }

    package var nodes = 1
    package var gpusPerNode = 0
    /// Nil means one for each accelerator of the node, and one where there is none.
    package var processesPerNode: Int?
    /// An id of `rules/tables/devices.yaml`, or `this_machine`.
    package var device = LaunchSettings.thisMachine
    package var strategy = Strategy.single
    package var scheduler = Scheduler.none

    package static let thisMachine = "this_machine"

    package var processesOfEachNode: Int { processesPerNode ?? max(1, gpusPerNode) }

    /// All that train together, each on micro-batches of its own.
    package var processes: Int { nodes * processesOfEachNode }

    package init() {}
}
