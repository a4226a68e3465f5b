package import Plan

extension Split {
    /// Draws what the owner has not decided.
    ///
    /// Rows of one group, and rows with the same prompt, stay together; where answers are labels every label is spread over
    /// the parts. Whether a row is held back depends on the seed and its own text, not on its place in the file: shuffling a
    /// file changes nothing, and rows added later move few others.
    /// - Parameters:
    ///   - testAtLeast: Rows the test part should have even if its share gives fewer; half the rows are always trained.
    ///   - together: More sets of rows that must not part, such as near duplicates.
    ///   - byLength: Where answers are no labels, short and long rows are spread over the parts in equal shares.
    package init(
        _ dataset: Dataset, settings: SplitSettings, testAtLeast: Int = 0, together: [[Int]] = [],
        byLength: Bool = false
    ) {
        let examples = dataset.rows
        let owned = Set(examples.lazy.compactMap(\.assignedPart))
        let isOwned = owned.count > 1
        self.init(train: [], validation: [], test: [], origin: isOwned ? .owner : .drawn)
        var pool: [Int] = []
        for index in examples.indices {
            let part = isOwned ? examples[index].assignedPart ?? .train : .train
            if part == .train { pool.append(index) } else { self[part].append(index) }
        }
        let rows = pool.count
        let wantsTest = !isOwned || !owned.contains(.test)
        let wantsValidation = !isOwned || !owned.contains(.validation)
        if isOwned, wantsTest || wantsValidation { origin = .ownerAndDrawn }
        let testRows = wantsTest ? max(settings.test * Double(rows), min(Double(testAtLeast), 0.4 * Double(rows))) : 0
        let validationRows = wantsValidation ? settings.validation * Double(rows) : 0
        let shares = Shares(
            test: rows > 0 ? min(testRows / Double(rows), 0.5) : 0,
            validation: rows > 0 ? min(validationRows / Double(rows), 0.5) : 0)
        let groups = RowGroups(examples, pool: pool, together: together)
        let seed = UInt64(bitPattern: Int64(settings.seed))
        for (index, part) in groups.drawn(examples, shares: shares, seed: seed, byLength: byLength) {
            self[part].append(index)
        }
        train.sort()
        validation.sort()
        test.sort()
    }
}

/// Shares of the pool that are held back.
struct Shares {
    var test: Double
    var validation: Double
}

/// Rows that must not part.
struct RowGroups {
    private(set) var groups: [[Int]]

    init(_ examples: ExampleRows, pool: [Int], together: [[Int]]) {
        var sets = DisjointSets(count: examples.count)
        var firstOfName: [String: Int] = [:]
        for index in pool {
            guard let name = examples[index].group else { continue }
            if let first = firstOfName[name] { sets.join(first, index) } else { firstOfName[name] = index }
        }
        let prompts = pool.map { TextKey.hash(examples[$0].promptKey) }
        for (place, first) in RowSets.firsts(ofEqual: prompts).enumerated() { sets.join(pool[Int(first)], pool[place]) }
        for rows in together { for row in rows.dropFirst() { sets.join(rows[0], row) } }
        var isPooled = [Bool](repeating: false, count: examples.count)
        for index in pool { isPooled[index] = true }
        // The root of a set is its first row.
        groups = RowSets(firsts: examples.indices.map { Int32(sets.root(of: $0)) }).lazy
            .map { $0.map { Int($0) }.filter { isPooled[$0] } }.filter { !$0.isEmpty }
    }

    /// Every row of the pool with its part.
    ///
    /// Label by label, groups in an order set by the seed and their text fill the test part, then validation, then training.
    /// What a label's quota leaves over (half a row of five, say) is carried to the next label, so the totals come out.
    func drawn(_ examples: ExampleRows, shares: Shares, seed: UInt64, byLength: Bool) -> [(Int, Split.Part)] {
        let labels = LabelInventory(examples, limits: .forSplits)
        let quarters = byLength && labels == nil ? lengthQuarters(examples) : []
        var strata: [String: [(rank: UInt64, rows: [Int])]] = [:]
        for rows in groups {
            var stratum = labels == nil ? "" : rows.map { examples[$0].completion }.min() ?? ""
            if !quarters.isEmpty { stratum = String(quarters.count { $0 < Self.length(of: examples[rows[0]]) }) }
            let rank = rows.map { TextKey.hash(examples[$0].promptKey, seed: seed) }.min() ?? 0
            strata[stratum, default: []].append((rank, rows))
        }
        var drawn: [(Int, Split.Part)] = []
        var carried = Shares(test: 0, validation: 0)
        for (_, groups) in strata.sorted(by: { $0.key < $1.key }) {
            let count = Double(groups.reduce(0) { $0 + $1.rows.count })
            var test = shares.test * count + carried.test
            var validation = shares.validation * count + carried.validation
            for group in groups.sorted(by: { ($0.rank, $0.rows[0]) < ($1.rank, $1.rows[0]) }) {
                let half = Double(group.rows.count) / 2
                var part = Split.Part.train
                if test >= half, test > 0 {
                    part = .test
                    test -= 2 * half
                } else if validation >= half, validation > 0 {
                    part = .validation
                    validation -= 2 * half
                }
                drawn += group.rows.map { ($0, part) }
            }
            carried = Shares(test: test, validation: validation)
        }
        return drawn
    }

    /// The lengths that part the groups into four equal parts.
    private func lengthQuarters(_ examples: ExampleRows) -> [Int] {
        let lengths = groups.map { Self.length(of: examples[$0[0]]) }.sorted()
        return lengths.isEmpty ? [] : (1...3).map { lengths[$0 * (lengths.count - 1) / 4] }
    }

    private static func length(of example: Example) -> Int {
        example.request.utf8.count + example.completion.utf8.count
    }
}

extension LabelInventory.Limits {
    /// Fixed, not from the rule book: a plan must draw the same split whatever the audit's rules say by then.
    package static let forSplits = Self(mostDistinctShare: 1.0 / 3, mostWords: 6, leastRepeatedShare: 0.8)
}

/// Union-find with path halving.
struct DisjointSets {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    mutating func root(of element: Int) -> Int {
        var element = element
        while parents[element] != element {
            parents[element] = parents[parents[element]]
            element = parents[element]
        }
        return element
    }

    /// The smaller root becomes the root of both, so that the result does not depend on the order of joins.
    mutating func join(_ one: Int, _ other: Int) {
        let (first, second) = (root(of: one), root(of: other))
        parents[max(first, second)] = min(first, second)
    }
}

extension Example {
    /// What makes two rows the same question: every message before the answer, normalised, without the system prompt.
    var promptKey: [UInt8] {
        guard case .chat = body else { return TextKey.normalised(completion) }
        var key: [UInt8] = []
        for message in prompt where message.role != .system && message.role != .developer {
            if !key.isEmpty { key.append(0x0A) }
            key += TextKey.normalised(message.content)
        }
        return key
    }
}
