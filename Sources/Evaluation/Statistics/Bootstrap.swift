/// Intervals by drawing rows again and again with replacement (Efron 1979), percentile form.
///
/// The seed is fixed and the generator counts, so equal items give equal intervals on every machine.
package struct Bootstrap: Sendable {
    package var rounds = 10_000
    package var seed: UInt64 = 0x686F_6E65

    package init() {}

    /// Interval of a ratio of sums. Nil where there is nothing to divide by.
    package func interval(_ sums: ClusterSums) -> Interval? {
        guard let value = sums.ratio else { return nil }
        let ends = Self.percentileEnds(resampledRatios(sums))
        return Interval(
            value: value, low: ends.low, high: ends.high, n: sums.items, clusters: sums.isGrouped ? sums.count : nil,
            method: .bootstrap)
    }

    /// Interval of any figure of a set of items, which is handed the places that were drawn.
    package func interval(
        count: Int, rounds: Int, _ figure: (UnsafeBufferPointer<Int>) -> Double
    ) -> (low: Double, high: Double)? {
        guard count > 0 else { return nil }
        var generator = ResamplingGenerator(seed: seed)
        var places = [Int](repeating: 0, count: count)
        let values = (0..<rounds).map { _ in
            for index in places.indices { places[index] = generator.next(below: count) }
            return places.withUnsafeBufferPointer(figure)
        }
        return Self.percentileEnds(values)
    }

    /// The middle 95 %, between two values where the share falls between them (numpy's `linear`).
    static func percentileEnds(_ values: [Double]) -> (low: Double, high: Double) {
        let sorted = values.sorted()
        func at(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place), above = min(below + 1, sorted.count - 1)
            return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
        }
        return (at(0.025), at(0.975))
    }

    private func resampledRatios(_ sums: ClusterSums) -> [Double] {
        var generator = ResamplingGenerator(seed: seed)
        let count = sums.count, half = count / 2
        return sums.numerators.withUnsafeBufferPointer { numerators in
            sums.denominators.withUnsafeBufferPointer { denominators in
                (0..<rounds).map { _ in
                    var numerator = 0.0, denominator = 0.0
                    func draw(_ bits: UInt64) {
                        let place = Int(truncatingIfNeeded: ((bits & 0xFFFF_FFFF) &* UInt64(count)) >> 32)
                        numerator += numerators[place]
                        denominator += denominators[place]
                    }
                    for _ in 0..<half {
                        let bits = generator.next()
                        draw(bits)
                        draw(bits >> 32)
                    }
                    if count & 1 == 1 { draw(generator.next()) }
                    // A resample of groups without a single token says nothing about the ratio.
                    return denominator > 0 ? numerator / denominator : 0
                }
            }
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): one multiplication chain per 64 bits, which resampling needs by
/// the ten million.
struct ResamplingGenerator: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// Uniform in 0..<bound for bounds below 2^32.
    mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
    }
}
