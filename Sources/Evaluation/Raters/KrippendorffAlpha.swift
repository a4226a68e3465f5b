/// Krippendorff's alpha: how far raters agree beyond chance, with any number of raters and with values missing
/// (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").
///
/// 1 is full agreement, 0 what chance would give; it can be negative.
package struct KrippendorffAlpha: Sendable, Hashable {
    /// What a distance between two values means.
    package enum Level: String, Sendable, Hashable, CaseIterable { case nominal, ordinal, interval, ratio }

    /// Nil where all values are equal: agreement without variation cannot be told from a rubric that measures nothing.
    package let value: Double?
    /// Values in units that at least two raters rated; the others say nothing about agreement.
    package let pairable: Int

    /// - Parameter units: The values each thing was given, in any order; a thing that was rated once is left out.
    package init(units: [[Double]], level: Level) {
        let units = units.filter { $0.count > 1 }
        let values = Set(units.joined()).sorted()
        pairable = units.reduce(0) { $0 + $1.count }
        guard values.count > 1 else {
            value = nil
            return
        }
        let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
        let count = values.count
        var coincidences = [Double](repeating: 0, count: count * count)
        for unit in units {
            var counts = [Double](repeating: 0, count: count)
            for value in unit { counts[places[value] ?? 0] += 1 }
            for one in 0..<count where counts[one] > 0 {
                for other in 0..<count where counts[other] > 0 {
                    let pairs = counts[one] * (counts[other] - (one == other ? 1 : 0))
                    coincidences[one * count + other] += pairs / Double(unit.count - 1)
                }
            }
        }
        let totals = (0..<count).map { row in (0..<count).reduce(0) { $0 + coincidences[row * count + $1] } }
        let total = totals.reduce(0, +)
        var observed = 0.0, expected = 0.0
        for one in 0..<count {
            for other in 0..<count where one != other {
                let distance = Self.squaredDistance(one, other, values, totals, level)
                observed += coincidences[one * count + other] * distance
                expected += totals[one] * totals[other] * distance
            }
        }
        value = expected > 0 ? 1 - (total - 1) * observed / expected : nil
    }

    private static func squaredDistance(
        _ one: Int, _ other: Int, _ values: [Double], _ totals: [Double], _ level: Level
    ) -> Double {
        switch level {
        case .nominal: return 1
        case .ordinal:
            // How many ratings lie between the two, half of both ends counted.
            let between = totals[min(one, other)...max(one, other)].reduce(0, +) - (totals[one] + totals[other]) / 2
            return between * between
        case .interval:
            let gap = values[one] - values[other]
            return gap * gap
        case .ratio:
            let gap = (values[one] - values[other]) / (values[one] + values[other])
            return gap * gap
        }
    }
}

extension KrippendorffAlpha {
    /// Where 95 % of repeated samples of things to rate would put alpha; raters come with the things they rated.
    /// Nil where a resample can hold no variation at all.
    package static func interval(
        units: [[Double]], level: Level, rounds: Int = 1000
    ) -> (low: Double, high: Double)? {
        let rated = units.filter { $0.count > 1 }
        guard Set(rated.joined()).count > 1 else { return nil }
        return Bootstrap().interval(count: rated.count, rounds: rounds) { places in
            // A resample in which everybody says the same shows no disagreement.
            KrippendorffAlpha(units: places.map { rated[$0] }, level: level).value ?? 1
        }
    }
}
