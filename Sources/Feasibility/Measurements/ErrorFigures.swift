package import JSONText

/// Errors of a set of predictions, relative to what was measured.
package struct ErrorFigures: Sendable, Hashable {
    package let count: Int
    package let median: Double
    package let mean: Double
    package let highest95: Double
    package let worst: Double
    package let bias: Double
    /// Share of predictions more than a tenth too low: the expensive direction.
    package let tooLow: Double

    /// Nil without errors.
    package init?(_ errors: [Double]) {
        guard !errors.isEmpty else { return nil }
        let sizes = errors.map(abs).sorted()
        count = errors.count
        median = (sizes[(sizes.count - 1) / 2] + sizes[sizes.count / 2]) / 2
        mean = sizes.reduce(0, +) / Double(sizes.count)
        highest95 = sizes[min(sizes.count - 1, Int(0.95 * Double(sizes.count)))]
        worst = sizes[sizes.count - 1]
        bias = errors.reduce(0, +) / Double(errors.count)
        tooLow = Double(errors.count { $0 < -0.1 }) / Double(errors.count)
    }

    package var json: JSONValue {
        func share(_ value: Double) -> JSONValue { JSONValue((value * 10000).rounded() / 10000) }
        return [
            "rows": JSONValue(count), "median": share(median), "mean": share(mean), "p95": share(highest95),
            "worst": share(worst), "bias": share(bias), "under_by_a_tenth": share(tooLow),
        ]
    }
}
