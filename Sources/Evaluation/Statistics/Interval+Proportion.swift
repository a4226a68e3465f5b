import Glibc

extension Interval {
    /// Wilson's score interval: right also near 0 and 1, where the textbook interval is not
    /// (Wilson 1927; Brown, Cai and DasGupta 2001).
    ///
    /// Rows of one group count together: n is divided by the design effect first, and where all rows agree (no variance
    /// to estimate it from) by the full group size (Korn and Graubard 1998). Nil without rows.
    package static func wilson(successes: Int, of n: Int, clusterSums: ClusterSums? = nil) -> Interval? {
        guard n > 0, (0...n).contains(successes) else { return nil }
        let p = Double(successes) / Double(n)
        let effective = clusterSums.map { $0.effectiveCount(proportion: p) } ?? Double(n)
        let ends = wilsonEnds(p: p, n: effective)
        return Interval(
            value: p, low: successes == 0 ? 0 : ends.low, high: successes == n ? 1 : ends.high, n: n,
            clusters: clusterSums?.count, method: .wilson)
    }

    private static func wilsonEnds(p: Double, n: Double) -> (low: Double, high: Double) {
        let z = Normal.quantile(0.975)
        let scale = 1 + z * z / n
        let centre = (p + z * z / (2 * n)) / scale
        let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / scale
        return (max(0, centre - half), min(1, centre + half))
    }

    /// The exact interval: never covers less than 95 %, so it is the one for claims such as "no unsafe answer in 50"
    /// (Clopper and Pearson 1934). Nil without rows.
    package static func clopperPearson(successes: Int, of n: Int) -> Interval? {
        guard n > 0, (0...n).contains(successes) else { return nil }
        let x = Double(successes), rest = Double(n - successes)
        let low = successes == 0 ? 0 : Beta.quantile(0.025, x, rest + 1)
        let high = successes == n ? 1 : Beta.quantile(0.975, x + 1, rest)
        return Interval(value: x / Double(n), low: low, high: high, n: n, method: .clopperPearson)
    }
}
