package import Transformer

/// The arms for which no weights are trained, over every row of the data: each part is answered once, with examples,
/// labels and shapes that come from the other parts only.
///
/// On few rows this narrows their intervals by more than half. How many examples stand in a prompt is chosen inside: on rows
/// of the next part, with examples from the parts that are left.
package struct ArmFolds {
    /// Arms that can be measured so. What was trained on some rows can be asked the others only.
    package static let kinds: Set<Arm.Kind> = [
        .majority, .echo, .nearestNeighbour, .classifier, .base, .instructed, .constrained, .fewShot, .retrieval,
    ]

    /// Every row, in the order of the data.
    package let rows: [HeldOutRow]
    package let count: Int
    private let parts: [[Int]]
    private let outer: [ArmSuite]
    private let inner: [ArmSuite]
    private let groups: [Int: String]
    private let metrics: MetricSet

    /// - Parameters:
    ///   - parts: Indices into `rows`, each row in one part.
    ///   - together: Rows that count as one draw, because they say nearly the same.
    ///   - suite: Makes the arms from what they may draw on.
    package init(
        _ rows: [HeldOutRow], parts: [[Int]], together: [[Int]], _ metrics: MetricSet,
        suite: (ArmSuite.Material) -> ArmSuite
    ) {
        self.rows = rows
        self.parts = parts
        self.metrics = metrics
        count = parts.count
        func material(without left: Set<Int>, validation: [Int], test: [Int]) -> ArmSuite.Material {
            let training = parts.indices.filter { !left.contains($0) }.flatMap { parts[$0] }.sorted()
            return ArmSuite.Material(
                training: training.map { rows[$0].example }, validation: validation.map { rows[$0] },
                test: test.map { rows[$0] })
        }
        outer = parts.indices.map { suite(material(without: [$0], validation: [], test: parts[$0])) }
        inner = parts.indices.map { place in
            let next = (place + 1) % parts.count
            // Of two parts nothing is left to take examples from; then nothing is chosen.
            return suite(
                material(without: [place, next], validation: parts.count > 2 ? parts[next] : [], test: []))
        }
        var groups: [Int: String] = [:]
        for set in together { for row in set { groups[row] = "like row \(set[0] + 1)" } }
        self.groups = groups
    }

    package func applies(_ kind: Arm.Kind) -> Bool {
        ArmFolds.kinds.contains(kind) && outer.allSatisfy { $0.applies(kind) }
    }

    /// Tokens all parts read and may write at most.
    package func tokens(_ kind: Arm.Kind) -> Int {
        outer.reduce(0) { $0 + $1.tokens(kind) } + inner.reduce(0) { $0 + $1.choosingTokens(kind) }
    }

    /// Nil where the arm does not apply to every part.
    package func run(_ kind: Arm.Kind, _ model: LlamaModel) throws -> ArmResult? {
        guard applies(kind) else { return nil }
        var found: [(place: Int, item: ItemResult)] = [], details: [String] = [], seconds: Double?, preparing: [Double] = []
        var arm: Arm?
        for (place, suite) in outer.enumerated() {
            let way = try inner[place].chosenWay(kind, model)
            guard let result = try suite.run(kind, model, way) else { return nil }
            found += zip(parts[place], result.items).map { ($0, $1) }
            details += [result.arm.detail].compactMap(\.self)
            if let each = result.usage.secondsPerItem { seconds = (seconds ?? 0) + each * Double(result.items.count) }
            preparing += [result.usage.preparationSeconds].compactMap(\.self)
            arm = result.arm
        }
        guard let arm else { return nil }
        let items = found.sorted { $0.place < $1.place }.map { place, item in
            var item = item
            item.group = item.group ?? groups[place]
            return item
        }
        var merged = ArmResult(
            arm: Arm(
                name: arm.name, kind: arm.kind, model: arm.model, isPracticeModel: arm.isPracticeModel,
                detail: Self.summary(of: details)),
            items: items, scoring: ItemScoring(metrics: metrics.all, expected: items.map(\.expected)), seconds: seconds)
        merged.folds = count
        if !preparing.isEmpty { merged.usage.preparationSeconds = preparing.reduce(0, +) / Double(preparing.count) }
        return merged
    }

    /// `5 bm25`, or `5 bm25 in 4 of 5 folds`.
    private static func summary(of details: [String]) -> String? {
        var counts: [String: Int] = [:]
        for detail in details { counts[detail, default: 0] += 1 }
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        return most.value == details.count ? most.key : "\(most.key) in \(most.value) of \(details.count) folds"
    }
}
