import Plan
package import RuleEngine

/// How far two engines' losses may lie apart, by the numbers they compute with: rows of `engine_tolerances`.
package struct EngineTolerances: Sendable {
    private let numbers: [String: Double]

    package init(_ book: RuleBook) {
        let rows = book.table("engine_tolerances")?.rows ?? []
        numbers = Dictionary(rows.compactMap { row in row.number("nats").map { (row.id, $0) } }) { $1 }
    }

    func untrained(_ plan: RunPlan) -> Double { number("untrained_" + format(plan)) }
    func tuned(_ plan: RunPlan) -> Double { number("tuned_" + format(plan)) }

    private func number(_ id: String) -> Double { numbers[id] ?? 0 }

    private func format(_ plan: RunPlan) -> String {
        plan.method.kind == .qlora ? "nf4" : plan.training.precision.rawValue
    }
}
