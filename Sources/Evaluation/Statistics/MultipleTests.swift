/// Several tests at once: without a correction one of twenty is found by chance.
package enum MultipleTests {
    /// Holm's correction (1979): the chance that any of the claims is false stays below the level. For gates.
    package static func holm(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues, largest = 0.0
        for (rank, place) in order(pValues).enumerated() {
            largest = max(largest, min(1, pValues[place] * Double(pValues.count - rank)))
            adjusted[place] = largest
        }
        return adjusted
    }

    /// Benjamini and Hochberg's (1995): of the claims made, that share is false. For looking around among slices.
    package static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues, smallest = 1.0
        for (rank, place) in order(pValues).enumerated().reversed() {
            smallest = min(smallest, pValues[place] * Double(pValues.count) / Double(rank + 1))
            adjusted[place] = smallest
        }
        return adjusted
    }

    private static func order(_ pValues: [Double]) -> [Int] {
        pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    }
}

/// Whether something is at most a little worse: forgetting, a quantised copy.
package enum NonInferiority {
    /// The lower end of the difference lies above minus the margin. Nil where the interval says neither.
    package static func holds(_ difference: Interval, margin: Double) -> Bool? {
        if difference.low > -margin { return true }
        return difference.high < -margin ? false : nil
    }
}
