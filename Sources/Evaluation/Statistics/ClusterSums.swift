/// Item values added up per independent group of rows: a ratio of two sums is what every resampled figure here is.
///
/// A mean has 1 as its denominator, perplexity the number of tokens, a paired difference the number of pairs.
package struct ClusterSums: Sendable, Hashable {
    package private(set) var numerators: [Double] = []
    package private(set) var denominators: [Double] = []
    package private(set) var items = 0

    /// Items without a group are groups of their own.
    package init(_ items: some Sequence<(group: String?, numerator: Double, denominator: Double)>) {
        var places: [String: Int] = [:]
        for item in items {
            self.items += 1
            if let group = item.group, let place = places[group] {
                numerators[place] += item.numerator
                denominators[place] += item.denominator
                continue
            }
            if let group = item.group { places[group] = numerators.count }
            numerators.append(item.numerator)
            denominators.append(item.denominator)
        }
    }

    package var count: Int { numerators.count }
    package var isGrouped: Bool { count < items }

    /// The figure itself; nil without items or with nothing to divide by.
    package var ratio: Double? {
        let denominator = denominators.reduce(0, +)
        return denominator > 0 ? numerators.reduce(0, +) / denominator : nil
    }

    /// How many independent rows the rows are worth for a proportion.
    func effectiveCount(proportion p: Double) -> Double {
        let n = Double(items), groups = Double(count)
        guard isGrouped else { return n }
        let simpleVariance = p * (1 - p) / n
        guard simpleVariance > 0, groups > 1 else { return groups }
        let residuals = zip(numerators, denominators).map { $0 - p * $1 }
        let groupedVariance = residuals.reduce(0) { $0 + $1 * $1 } / (n * n) * groups / (groups - 1)
        return min(n, max(1, n * simpleVariance / max(groupedVariance, simpleVariance)))
    }
}
