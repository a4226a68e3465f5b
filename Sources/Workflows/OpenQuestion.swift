package import Evaluation

/// What a run was to settle and its rows could not.
package enum OpenQuestion: Sendable, Hashable {
    /// Whether this arm reaches the target; about so many rows would tell.
    case target(arm: String, rows: Int)
    /// Whether the tuned model is better than the base. Nil rows: no number would tell, they do equally well.
    case gain(rows: Int?)

    package init?(targetOf options: MeasuredOptions) {
        guard let rows = options.rowsToSettle, let arm = options.bestCheap?.arm ?? options.classifier else { return nil }
        self = .target(arm: arm.arm.name, rows: rows)
    }

    package init?(gainOf result: EvaluationResult) {
        guard let tuned = result.arm(of: .tuned), let base = result.arm(of: .base),
            let gain = result.comparison(result.metrics.primary, of: tuned.arm.name, against: base.arm.name)
        else { return nil }
        self = .gain(rows: gain.rowsToSettle)
    }

    package var rows: Int? {
        switch self {
        case .target(_, let rows): rows
        case .gain(let rows): rows
        }
    }
}
