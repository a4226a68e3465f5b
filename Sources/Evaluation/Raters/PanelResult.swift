/// What a panel of raters said, all of them together.
package struct PanelResult: Sendable, Hashable {
    package var review: String
    package var rubric: Rubric
    /// Rows every rater judged.
    package var rows: Int
    package var isSynthetic: Bool
    /// The arm in question first.
    package var arms: [String]
    package var raters: [Rater]
    package var axes: [Axis]
    /// Nil where answers were judged by themselves.
    package var preference: Preference?

    /// One axis: how each arm did, and how far raters agree on all answers together.
    package struct Axis: Sendable, Hashable {
        package var id: String
        /// In the order of `arms`.
        package var arms: [ArmRatings]
        package var agreement: Agreement
        /// Weighted kappa of every pair of raters that was defined, lowest first.
        package var kappas: [Kappa]
    }

    package struct ArmRatings: Sendable, Hashable {
        /// Mean rating, with an interval over rows: raters come with the rows they rated.
        package var mean: Interval
        /// How often 1, 2, 3, 4 and 5 were given.
        package var counts: [Int]
        /// Share of answers that at least half of the raters rated low, by Clopper and Pearson.
        package var low: Interval
    }

    package struct Agreement: Sendable, Hashable {
        /// Krippendorff's alpha for ordered values; nil where nobody's ratings vary.
        package var alpha: Double?
        package var low: Double?
        package var high: Double?
    }

    package struct Kappa: Sendable, Hashable {
        package var raters: [Int]
        package var value: Double
    }

    package struct Rater: Sendable, Hashable {
        package var number: Int
        package var name: String
        /// Mean distance to what the other raters gave the same answers, in points of the scale: below 0 is stricter.
        package var severity: Interval?
        /// Ratings of rows that came twice: how many were equal, and how many at most one apart.
        package var repeats: Int
        package var repeatedEqual: Int
        package var repeatedNear: Int
        /// Quadratically weighted kappa of a rater with themselves; nil without variation.
        package var selfKappa: Double?
    }

    /// Rows, by which answer more raters preferred.
    package struct Preference: Sendable, Hashable {
        package var wins: Int
        package var ties: Int
        package var losses: Int
        /// Share of wins among the rows that were decided; nil where none was.
        package var winRate: Interval?
        /// Sign test over decided rows, two-sided.
        package var pValue: Double
    }
}

extension PanelResult {
    package func axis(of role: Rubric.Role) -> Axis? {
        rubric.axis(of: role).flatMap { wanted in axes.first { $0.id == wanted.id } }
    }

    /// - Parameters:
    ///   - files: One of each rater, in any order.
    ///   - lowRating: Ratings up to this one count as low.
    package init(_ review: Review, _ files: [RatingFile], lowRating: Int) {
        let files = files.sorted { $0.rater < $1.rater }
        let ratings = files.flatMap(\.ratings), first = ratings.filter { !$0.isRepeat }
        self.review = review.id
        rubric = review.rubric
        rows = review.rows.count
        isSynthetic = review.isSynthetic
        arms = review.arms
        axes = review.rubric.axes.map { axis in
            Axis(first.filter { $0.axis == axis.id }, id: axis.id, arms: review.arms.indices, lowRating: lowRating)
        }
        raters = files.map { Rater($0, others: first) }
        preference = review.arms.count < 2 ? nil : Preference(files.flatMap(\.choices))
    }
}

/// An answer, by its place.
private struct AnswerKey: Hashable {
    let row: Int
    let arm: Int
}

extension PanelResult.Axis {
    fileprivate init(_ ratings: [RatingFile.Rating], id: String, arms: Range<Int>, lowRating: Int) {
        self.id = id
        self.arms = arms.map { arm in PanelResult.ArmRatings(ratings.filter { $0.arm == arm }, lowRating: lowRating) }
        // Sorted, so that resampling draws the same answers on every machine.
        let answers = Dictionary(grouping: ratings) { AnswerKey(row: $0.row, arm: $0.arm) }
            .sorted { ($0.key.row, $0.key.arm) < ($1.key.row, $1.key.arm) }.map(\.value)
        let units = answers.map { $0.map { Double($0.value) } }
        let ends = KrippendorffAlpha.interval(units: units, level: .ordinal)
        agreement = PanelResult.Agreement(
            alpha: KrippendorffAlpha(units: units, level: .ordinal).value, low: ends?.low, high: ends?.high)
        let raters = Set(ratings.map(\.rater)).sorted()
        var kappas: [PanelResult.Kappa] = []
        for (place, one) in raters.enumerated() {
            for other in raters.dropFirst(place + 1) {
                let pairs = answers.compactMap { answer -> (Int, Int)? in
                    guard let a = answer.first(where: { $0.rater == one }),
                        let b = answer.first(where: { $0.rater == other })
                    else { return nil }
                    return (a.value, b.value)
                }
                if let value = WeightedKappa.value(pairs, weights: .quadratic, scale: Array(Rubric.scale)) {
                    kappas.append(.init(raters: [one, other], value: value))
                }
            }
        }
        self.kappas = kappas.sorted { $0.value < $1.value }
    }
}

extension PanelResult.ArmRatings {
    fileprivate init(_ ratings: [RatingFile.Rating], lowRating: Int) {
        let sums = ClusterSums(ratings.map { ("\($0.row)", Double($0.value), 1) })
        mean = Bootstrap().interval(sums) ?? Interval(value: 0, low: 0, high: 0, n: 0, method: .bootstrap)
        counts = Rubric.scale.map { value in ratings.count { $0.value == value } }
        let rows = Dictionary(grouping: ratings, by: \.row)
        let lowRows = rows.values.count { given in given.count { $0.value <= lowRating } * 2 >= given.count }
        low =
            Interval.clopperPearson(successes: lowRows, of: rows.count)
            ?? Interval(value: 0, low: 0, high: 1, n: 0, method: .clopperPearson)
    }
}

extension PanelResult.Rater {
    fileprivate init(_ file: RatingFile, others ratings: [RatingFile.Rating]) {
        number = file.rater
        name = file.name
        struct Key: Hashable {
            let answer: AnswerKey
            let axis: String

            init(_ rating: RatingFile.Rating) {
                answer = AnswerKey(row: rating.row, arm: rating.arm)
                axis = rating.axis
            }
        }
        var sums: [Key: (sum: Int, count: Int)] = [:]
        for rating in ratings where rating.rater != file.rater {
            sums[Key(rating), default: (0, 0)].sum += rating.value
            sums[Key(rating), default: (0, 0)].count += 1
        }
        let distances = file.ratings.filter { !$0.isRepeat }.compactMap { rating in
            sums[Key(rating)].map {
                ("\(rating.row)" as String?, Double(rating.value) - Double($0.sum) / Double($0.count), 1.0)
            }
        }
        severity = Bootstrap().interval(
            ClusterSums(distances.map { (group: $0.0, numerator: $0.1, denominator: $0.2) }))
        let before = Dictionary(
            file.ratings.filter { !$0.isRepeat }.map { (Key($0), $0.value) }, uniquingKeysWith: { first, _ in first })
        let pairs = file.ratings.filter(\.isRepeat).compactMap { rating in
            before[Key(rating)].map { ($0, rating.value) }
        }
        repeats = pairs.count
        repeatedEqual = pairs.count { $0.0 == $0.1 }
        repeatedNear = pairs.count { abs($0.0 - $0.1) <= 1 }
        selfKappa = WeightedKappa.value(pairs, weights: .quadratic, scale: Array(Rubric.scale))
    }
}

extension PanelResult.Preference {
    fileprivate init(_ choices: [RatingFile.Choice]) {
        let rows = Dictionary(grouping: choices.filter { !$0.isRepeat }, by: \.row)
        let sums = rows.values.map { $0.reduce(0) { $0 + $1.preference } }
        wins = sums.count { $0 > 0 }
        losses = sums.count { $0 < 0 }
        ties = sums.count { $0 == 0 }
        winRate = Interval.wilson(successes: wins, of: wins + losses)
        // On paired rows the sign test and McNemar's are one test.
        pValue = PairedTest.mcNemar(onlyFirst: wins, onlySecond: losses)
    }
}
