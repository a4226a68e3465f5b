/// Cohen's kappa for two raters, with disagreements weighted by how far apart they are (Cohen 1968).
package enum WeightedKappa {
    package enum Weights: String, Sendable, Hashable, CaseIterable { case none, linear, quadratic }

    /// Nil without pairs, and where chance alone would give full agreement: both said one and the same value throughout.
    ///
    /// Distances are counted in steps between the values that were used, as scikit-learn counts them, unless `scale` names
    /// all values there are.
    package static func value(_ pairs: [(Int, Int)], weights: Weights, scale: [Int]? = nil) -> Double? {
        let used = scale ?? Set(pairs.flatMap { [$0.0, $0.1] }).sorted()
        guard !pairs.isEmpty, used.count > 1 else { return nil }
        let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) }), count = used.count
        var first = [Double](repeating: 0, count: count), second = first, observed = 0.0
        func weight(_ one: Int, _ other: Int) -> Double {
            let steps = Double(abs(one - other))
            return switch weights {
            case .none: steps == 0 ? 0 : 1
            case .linear: steps
            case .quadratic: steps * steps
            }
        }
        for (one, other) in pairs {
            guard let one = places[one], let other = places[other] else { return nil }
            first[one] += 1
            second[other] += 1
            observed += weight(one, other)
        }
        var expected = 0.0
        for one in 0..<count {
            for other in 0..<count { expected += first[one] * second[other] * weight(one, other) / Double(pairs.count) }
        }
        return expected > 0 ? 1 - observed / expected : nil
    }
}
