/// Two arms answered the same rows: could the difference be chance?
package enum PairedTest {
    /// McNemar's exact test on the rows that only one arm got right, two-sided; 1 where no row differs (McNemar 1947).
    package static func mcNemar(onlyFirst: Int, onlySecond: Int) -> Double {
        let discordant = onlyFirst + onlySecond
        guard discordant > 0 else { return 1 }
        let fewer = Double(min(onlyFirst, onlySecond))
        // P(X ≤ k) of a fair coin thrown n times is I_½(n − k, k + 1).
        return min(1, 2 * Beta.cumulative(0.5, Double(discordant) - fewer, fewer + 1))
    }

    /// Permutation test on paired differences: if the arms were equal, every difference could as well have the other
    /// sign.
    ///
    /// All sign patterns are tried where there are at most 2^16, else `rounds` random ones (two-sided; random patterns
    /// count the observed one too, so the result is never 0: Phipson and Smyth 2010).
    package static func permutation(differences: [Double], rounds: Int = 10_000, seed: UInt64) -> Double {
        let moved = differences.filter { $0 != 0 }
        guard !moved.isEmpty else { return 1 }
        let observed = abs(moved.reduce(0, +))
        // Sums in another order differ in their last bits; those patterns are ties.
        let bound = observed - 1e-12 * moved.reduce(0) { $0 + abs($1) }
        if moved.count <= 16 { return shareOfAllPatterns(moved, atLeast: bound) }
        var generator = ResamplingGenerator(seed: seed)
        let total = moved.reduce(0, +)
        var asExtreme = 0
        for _ in 0..<rounds {
            var flipped = 0.0, bits: UInt64 = 0
            for (place, difference) in moved.enumerated() {
                if place & 63 == 0 { bits = generator.next() }
                if bits & 1 == 1 { flipped += difference }
                bits >>= 1
            }
            if abs(total - 2 * flipped) >= bound { asExtreme += 1 }
        }
        return Double(asExtreme + 1) / Double(rounds + 1)
    }

    private static func shareOfAllPatterns(_ differences: [Double], atLeast bound: Double) -> Double {
        let patterns = 1 << differences.count
        var asExtreme = 0
        for pattern in 0..<patterns {
            var sum = 0.0
            for (place, difference) in differences.enumerated() {
                sum += pattern >> place & 1 == 1 ? -difference : difference
            }
            if abs(sum) >= bound { asExtreme += 1 }
        }
        return Double(asExtreme) / Double(patterns)
    }
}
