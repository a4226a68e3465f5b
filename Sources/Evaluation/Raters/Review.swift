import FileStore
import JSONText
import Randomness

/// Answers of a run laid out for people to judge without knowing whose they are.
///
/// Every rater judges the same rows in an order of their own. Where two arms are compared, both answers of a row stand side
/// by side, and each arm stands on either side equally often. Some rows come twice, far apart, to see whether a rater
/// agrees with themselves. Everything follows from the seed.
package struct Review: Sendable, Hashable {
    /// Fingerprint of all of it; a rater's file carries it, so that ratings of other answers are noticed.
    package let id: String
    package let run: String
    package let rubric: Rubric
    package let seed: Int
    package let raters: Int
    /// Names of the arms that are judged; the one in question first.
    package let arms: [String]
    package let rows: [Row]
    /// Ratings are made by a script, to show the way; everything made of them says so.
    package let isSynthetic: Bool

    package struct Row: Sendable, Hashable {
        /// The row's line in the data file.
        package let line: Int
        package let prompt: String
        package let expected: String
        /// In the order of `arms`.
        package let answers: [String]
    }

    /// One thing to judge, as one rater sees it.
    package struct Card: Sendable, Hashable {
        /// Counted from 1.
        package let number: Int
        /// Place in `rows`.
        package let row: Int
        /// Places in `arms`, from left to right.
        package let sides: [Int]
        /// The row was judged before by this rater.
        package let isRepeat: Bool
    }

    init(
        run: String, rubric: Rubric, seed: Int, raters: Int, arms: [String], rows: [Row], isSynthetic: Bool
    ) {
        self.run = run
        self.rubric = rubric
        self.seed = seed
        self.raters = raters
        self.arms = arms
        self.rows = rows
        self.isSynthetic = isSynthetic
        let content: JSONValue = [
            "run": JSONValue(run), "rubric": rubric.json, "seed": JSONValue(seed), "raters": JSONValue(raters),
            "arms": .array(arms.map { JSONValue($0) }), "rows": .array(rows.map(\.json)),
            "synthetic": JSONValue(isSynthetic),
        ]
        id = Fingerprint(of: content.text()).hex
    }

    /// - Parameters:
    ///   - baseline: The arm to compare with; nil where answers are judged by themselves.
    ///   - repeats: Share of the rows that come twice.
    package init(
        of evaluation: EvaluationResult, run: String, asked: ArmResult, baseline: ArmResult?, rubric: Rubric,
        raters: Int, outputs: Int, seed: Int, isSynthetic: Bool = false
    ) {
        let others = Dictionary((baseline?.items ?? []).map { ($0.line, $0) }) { first, _ in first }
        let items = asked.items.filter { baseline == nil || others[$0.line] != nil }
        let rows = Self.sample(items, others, by: evaluation.metrics.primary, count: outputs, seed: seed).map { item in
            Row(
                line: item.line, prompt: item.prompt, expected: item.expected,
                answers: [item.output] + [others[item.line]?.output].compactMap { $0 })
        }
        self.init(
            run: run, rubric: rubric, seed: seed, raters: raters,
            arms: [asked.arm.name] + [baseline?.arm.name].compactMap { $0 },
            rows: rows, isSynthetic: isSynthetic)
    }

    /// A stratified sample: rows sorted by outcome in both arms and length, then one out of every so many, with a random
    /// start. Every row has the same chance, and the outcomes come in their true shares.
    private static func sample(
        _ items: [ItemResult], _ others: [Int: ItemResult], by metric: Metric, count: Int, seed: Int
    ) -> [ItemResult] {
        guard items.count > count, count > 0 else { return items }
        func key(_ item: ItemResult) -> [Double] {
            [
                item.scores[metric] ?? 0, others[item.line]?.scores[metric] ?? 0, Double(item.prompt.utf8.count),
                Double(item.line),
            ]
        }
        let sorted = items.sorted { key($0).lexicographicallyPrecedes(key($1)) }
        var generator = CounterGenerator(seed: seed)
        let start = generator.uniform(), gap = Double(items.count) / Double(count)
        return (0..<count).map { sorted[min(items.count - 1, Int((Double($0) + start) * gap))] }
    }
}

extension Review {
    /// What one rater is shown, in order.
    ///
    /// - Parameter rater: Counted from 1.
    package func cards(rater: Int, repeats share: Double) -> [Card] {
        let count = rows.count
        guard count > 0 else { return [] }
        var generator = CounterGenerator(seed: seed, place: .init(step: rater))
        let order = generator.permutation(count)
        let repeats = share > 0 ? min(count, max(1, Int((Double(count) * share).rounded()))) : 0
        // The first rows come again at the end: what lies between them is longest.
        let shown = order.map { ($0, false) } + order.prefix(repeats).map { ($0, true) }
        let flips = generator.permutation(shown.count).map { $0 % 2 == 0 }
        return shown.enumerated().map { place, row in
            let sides = Array(arms.indices)
            return Card(
                number: place + 1, row: row.0, sides: flips[place] ? sides.reversed() : sides, isRepeat: row.1)
        }
    }
}
