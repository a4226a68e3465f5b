/// A measured value with the range that 95 % of repeated samples of rows would put it in.
package struct Interval: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable {
        case wilson
        case clopperPearson = "clopper_pearson"
        /// Percentiles of 10,000 resamples of the rows.
        case bootstrap
    }

    package var value: Double
    package var low: Double
    package var high: Double
    /// Items the value was computed from.
    package var n: Int
    /// Independent groups among them, where rows belong to groups.
    package var clusters: Int?
    package var method: Method

    package init(value: Double, low: Double, high: Double, n: Int, clusters: Int? = nil, method: Method) {
        self.value = value
        self.low = low
        self.high = high
        self.n = n
        self.clusters = clusters
        self.method = method
    }

    /// Both ends lie on the same side of `bound`.
    package func excludes(_ bound: Double) -> Bool { low > bound || high < bound }

    /// The same interval for a monotone function of the value.
    func mapped(_ transform: (Double) -> Double) -> Interval {
        let ends = [transform(low), transform(high)].sorted()
        return Interval(
            value: transform(value), low: ends[0], high: ends[1], n: n, clusters: clusters, method: method)
    }
}
