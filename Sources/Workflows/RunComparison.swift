package import Evaluation
package import FileStore
package import Plan
import Publishing
import Registry

/// Several runs beside each other: those of one plan with other seeds are one way of training, measured more than once.
package struct RunComparison: Sendable {
    package struct Run: Sendable {
        package let id: String
        package let seed: Int?
        package let arm: ArmResult
        package let plan: RunPlan?
    }

    /// Runs whose plans differ in nothing but the seed.
    package struct Series: Sendable {
        package let runs: [Run]
        /// Over runs and rows; nil for a metric without per-row values.
        package let level: SeedLevel?
    }

    package struct Difference: Sendable {
        /// Places of the two series.
        package let series: Int
        package let against: Int
        /// Seeds are drawn anew as well as rows.
        package let difference: Interval?
        /// Keys of the plan in which they differ.
        package let keys: [String]
    }

    package let metric: Metric
    package let series: [Series]
    /// Every later series against the first.
    package let differences: [Difference]
    /// Rows all runs answered.
    package let sharedRows: Int

    /// - Parameter paths: Run folders with a measured model each.
    package init(_ paths: [String], store: FileStore = FileStore()) throws {
        var runs: [Run] = [], metric: Metric?
        for path in paths {
            let folder = RunFolder(path: path)
            guard store.isFile(folder.evalSummary), let result = try ReportInput(folder: folder, store).evaluation,
                let arm = result.arm(of: .tuned) ?? EvaluationResult.best(of: result.arms, result.metrics.primary)
            else { throw RunComparisonError.notMeasured(path: path) }
            if let metric, metric != result.metrics.primary {
                throw RunComparisonError.otherMetric(path: path, metric: result.metrics.primary, first: metric)
            }
            metric = result.metrics.primary
            let plan = store.isFile(folder.plan)
                ? try RunPlan(yaml: try store.readText(folder.plan), file: folder.plan) : nil
            runs.append(Run(id: folder.id, seed: plan?.training.seed, arm: arm, plan: plan))
        }
        guard let metric, runs.count > 1 else { throw RunComparisonError.tooFew }
        self.metric = metric
        let rows = runs.map { Set($0.arm.items.map(\.row)) }
        sharedRows = rows.dropFirst().reduce(rows[0]) { $0.intersection($1) }.count
        guard sharedRows > 0 else { throw RunComparisonError.noSharedRow }
        var groups: [(key: [String], runs: [Run])] = []
        for run in runs {
            let key = run.plan.map(Self.key) ?? [run.id]
            if let place = groups.firstIndex(where: { $0.key == key }) {
                groups[place].runs.append(run)
            } else {
                groups.append((key, [run]))
            }
        }
        series = groups.map { Series(runs: $0.runs, level: SeedLevel(metric, $0.runs.map(\.arm))) }
        differences = groups.indices.dropFirst().map { place in
            Difference(
                series: place, against: 0,
                difference: SeedLevel.difference(
                    metric, of: groups[place].runs.map(\.arm), against: groups[0].runs.map(\.arm)),
                keys: Self.keys(groups[0].runs[0].plan, groups[place].runs[0].plan))
        }
    }

    /// Everything that decides what a run learns, but its seed.
    private static func key(_ plan: RunPlan) -> [String] {
        plan.fields.filter { !differing.contains($0.key) }.map { "\($0.key)=\($0.value.plainText)" }
    }

    private static func keys(_ one: RunPlan?, _ other: RunPlan?) -> [String] {
        guard let one, let other else { return [] }
        return one.fields.map(\.key).filter { key in
            !differing.contains(key) && one.value(of: key) != other.value(of: key)
        }
    }

    /// What may differ between two runs of one plan.
    private static let differing: Set<String> = [
        "training.seed", "training.threads", "training.memory_limit", "output",
    ]
}

/// Why runs cannot be set beside each other.
package enum RunComparisonError: Error, Sendable, Hashable {
    case tooFew
    case notMeasured(path: String)
    case otherMetric(path: String, metric: Metric, first: Metric)
    case noSharedRow
}
