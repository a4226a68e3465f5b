import Glibc

extension Interval {
    /// The figure of a whole arm. Nil where nothing was measured: an arm without probabilities has no perplexity.
    static func of(_ metric: Metric, in items: [ItemResult], labels: LabelScores, _ bootstrap: Bootstrap) -> Interval? {
        switch metric.scale {
        case .proportion:
            let scores = items.compactMap { item in item.scores[metric].map { (item.group, $0, 1.0) } }
            let sums = ClusterSums(scores)
            return wilson(
                successes: scores.count { $0.1 == 1 }, of: scores.count, clusterSums: sums.isGrouped ? sums : nil)
        case .mean:
            return bootstrap.interval(
                ClusterSums(items.compactMap { item in item.scores[metric].map { (item.group, $0, 1.0) } }))
        case .corpus where metric == .bleu:
            return corpus(items, bootstrap, { BLEU(output: $0.output, expected: $0.expected) }, BLEU(), +) {
                $0.score() / 100
            }
        case .corpus where metric == .chrF:
            return corpus(items, bootstrap, { ChrF(output: $0.output, expected: $0.expected) }, ChrF(), +) {
                $0.score / 100
            }
        case .corpus:
            return macroF1(of: items, labels, bootstrap)
        case .ratio where metric == .lengthRatio:
            return bootstrap.interval(
                ClusterSums(items.map { ($0.group, Double($0.output.count), Double($0.expected.count)) }))
        case .ratio:
            let surprise = bootstrap.interval(surpriseSums(of: items, per: metric))
            return metric == .perplexity ? surprise?.mapped { exp($0) } : surprise
        }
    }

    /// Nats per token for perplexity, bits per byte for bits per byte.
    private static func surpriseSums(of items: [ItemResult], per metric: Metric) -> ClusterSums {
        ClusterSums(
            items.compactMap { item in
                item.loss.map { loss in
                    metric == .perplexity
                        ? (item.group, loss.sum, Double(loss.tokens))
                        : (item.group, loss.sum / log(2), Double(loss.bytes))
                }
            })
    }

    /// A figure of added-up counts: groups of items are drawn, their counts added, the figure computed anew.
    private static func corpus<Counts>(
        _ items: [ItemResult], _ bootstrap: Bootstrap, _ counts: (ItemResult) -> Counts, _ none: Counts,
        _ add: (Counts, Counts) -> Counts, _ figure: (Counts) -> Double
    ) -> Interval? {
        let groups = GroupedItems(items), each = items.map(counts)
        let sums = groups.members.map { members in members.reduce(none) { add($0, each[$1]) } }
        let ends = bootstrap.interval(count: sums.count, rounds: bootstrap.rounds / 20) { drawn in
            figure(drawn.reduce(none) { add($0, sums[$1]) })
        }
        guard let ends else { return nil }
        return Interval(
            value: figure(each.reduce(none, add)), low: ends.low, high: ends.high, n: items.count,
            clusters: groups.members.count < items.count ? groups.members.count : nil, method: .bootstrap)
    }

    private static func macroF1(of items: [ItemResult], _ labels: LabelScores, _ bootstrap: Bootstrap) -> Interval? {
        let groups = GroupedItems(items)
        let expected = items.map { labels.index(of: $0.expected) }
        let given = items.map { labels.index(of: $0.output) }
        let classes = labels.labels.count + 1
        // Fewer rounds than for means: each one recounts every label.
        let ends = bootstrap.interval(count: groups.members.count, rounds: bootstrap.rounds / 10) { drawn in
            let places = drawn.lazy.flatMap { groups.members[$0] }
            return LabelScores.macroF1(
                expected: places.map { expected[$0] }, given: places.map { given[$0] }, classes: classes)
        }
        guard let ends else { return nil }
        return Interval(
            value: LabelScores.macroF1(expected: expected, given: given, classes: classes), low: ends.low,
            high: ends.high, n: items.count, clusters: groups.members.count < items.count ? groups.members.count : nil,
            method: .bootstrap)
    }
}

/// Places of the items of each independent group.
private struct GroupedItems {
    private(set) var members: [[Int]] = []

    init(_ items: [ItemResult]) {
        var places: [String: Int] = [:]
        for (index, item) in items.enumerated() {
            if let group = item.group, let place = places[group] {
                members[place].append(index)
                continue
            }
            if let group = item.group { places[group] = members.count }
            members.append([index])
        }
    }
}
