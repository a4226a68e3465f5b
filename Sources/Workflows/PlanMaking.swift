package import Advisor
import Datasets
package import Feasibility
package import FileStore
import ModelFiles
package import Plan
package import RuleEngine

/// The line from a decision and a dataset to a plan: tokenise the rows with the model that will be trained, then write.
package struct PlanMaking: Sendable {
    private let book: RuleBook
    private let installation: Installation
    private let machine: MachineProfile

    package init(book: RuleBook, installation: Installation, machine: MachineProfile) {
        self.book = book
        self.installation = installation
        self.machine = machine
    }

    /// - Parameter decision: What was decided about the case; nil when only data and model are known.
    package func plan(for decision: Decision?, model: ModelReference, dataPaths: [String]) throws -> RunPlan {
        var trial = RunPlan(
            model: model, method: .lora(), data: DataSettings(paths: dataPaths), training: TrainingSettings())
        // Long enough that no row is cut: the rows decide the length, not the other way round.
        trial.training.maxLength = 1 << 20
        trial.training.threads = machine.cores
        let prepared = try PreparedRun(trial, in: installation)
        let rows = prepared.encoded.train + prepared.encoded.validation + prepared.encoded.test
        let shape = prepared.model.shape
        var given = PlanWritingCase(
            model: model, parameterCount: ParameterCounts(shape: shape, lora: nil).base, contextLength: shape.maxPositions,
            dataPaths: dataPaths, rows: rows.count,
            lengths: LengthStatistics(
                lengths: rows.map(\.count), targetTokens: rows.reduce(0) { $0 + $1.targetCount }),
            longestAnswer: rows.map(\.targetCount).max() ?? 0, machine: machine)
        given.generalMixPath = prepared.location.isPractice ? GeneralMix.bundledName : nil
        if let decision {
            let facts = decision.situation.facts
            given.method = decision.method.flatMap(MethodKind.init)
            given.stakesAreHigh = facts["stakes.level"]?.text == "high"
            given.servingContext = facts["serving.context_tokens"]?.number.map { Int($0) }
        }
        return try PlanWriter(book).plan(for: given)
    }
}
