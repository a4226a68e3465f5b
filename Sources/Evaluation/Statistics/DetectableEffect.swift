/// What a test set of this size can see at all; said before compute is spent and again in the report.
package enum DetectableEffect {
    /// The smallest true difference of two arms on the same rows that a two-sided test at 5 % finds 80 times of 100,
    /// when the arms differ on `discordantShare` of the rows (Connor 1987). At most that share: more is impossible.
    package static func paired(rows n: Int, discordantShare share: Double) -> Double? {
        guard n > 0, share > 0 else { return nil }
        let n = Double(n), alpha = Normal.quantile(0.975), beta = Normal.quantile(0.8)
        // δ√n = α√d + β√(d − δ²), solved for δ.
        let a = n + beta * beta
        let b = -2 * n.squareRoot() * alpha * share.squareRoot()
        let c = (alpha * alpha - beta * beta) * share
        return min(share, (-b + max(0, b * b - 4 * a * c).squareRoot()) / (2 * a))
    }

    /// The fewest rows on which a difference of this size is found; nil where a thousand million would not do.
    package static func rows(toDetect effect: Double, discordantShare share: Double) -> Int? {
        guard effect > 0 else { return nil }
        func isEnough(_ rows: Int) -> Bool {
            paired(rows: rows, discordantShare: max(share, effect)).map { $0 <= effect } ?? false
        }
        guard var enough = (1...30).map({ 1 << $0 }).first(where: isEnough) else { return nil }
        var below = enough / 2
        while enough - below > 1 {
            let middle = (below + enough) / 2
            if isEnough(middle) { enough = middle } else { below = middle }
        }
        return enough
    }

    /// The same for two arms on different rows of equal number, around the proportion `p`.
    package static func unpaired(rows n: Int, proportion p: Double) -> Double? {
        guard n > 0, p > 0, p < 1 else { return nil }
        let z = Normal.quantile(0.975) + Normal.quantile(0.8)
        return z * (2 * p * (1 - p) / Double(n)).squareRoot()
    }
}
