import Glibc

/// The standard normal distribution.
enum Normal {
    static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// Found by halving: exact to the last digits of a double, and never called in a loop.
    static func quantile(_ probability: Double) -> Double {
        bisect(from: -40, to: 40) { cumulative($0) < probability }
    }
}

/// The beta distribution, which carries the exact tests of proportions.
enum Beta {
    /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method).
    static func cumulative(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast below the mean only; above it the mirror image is used.
        if x > (a + 1) / (a + b + 2) { return 1 - cumulative(1 - x, b, a) }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)) / a
        return front * fraction(x, a, b)
    }

    /// The value below which the given share of the distribution lies.
    static func quantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        bisect(from: 0, to: 1) { cumulative($0, a, b) < probability }
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var result = d
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            result *= d * c
            if abs(d * c - 1) < 1e-16 { break }
        }
        return result
    }

    private static func logGamma(_ x: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    }
}

/// The place where `isBelow` turns false, to the last bit.
private func bisect(from start: Double, to end: Double, _ isBelow: (Double) -> Bool) -> Double {
    var low = start, high = end
    while true {
        let middle = low + (high - low) / 2
        if middle <= low || middle >= high { return middle }
        if isBelow(middle) { low = middle } else { high = middle }
    }
}
