/// Consecutive rows of tokens that belong to one example and see each other causally.
package struct Segment: Sendable, Hashable {
    package var start: Int
    package var count: Int
    /// The segment (by index, an earlier one) whose tokens, and whose own prefixes', this one sees as well.
    package var prefix: Int?

    package init(start: Int, count: Int, prefix: Int? = nil) {
        self.start = start
        self.count = count
        self.prefix = prefix
    }
}

/// What one pass through the model computes on: token rows without padding, isolated by segments.
package struct PackedBatch: Sendable {
    /// The target of a row that does not count (the ignore index of Hugging Face).
    package static let ignored: Int32 = -100

    package var inputIDs: [Int32]
    package var positions: [Int32]
    /// The token each row should predict, already shifted; `ignored` where none counts.
    package var targets: [Int32]
    package var segments: [Segment]

    package var tokenCount: Int { inputIDs.count }
    package var targetCount: Int { targets.count { $0 != Self.ignored } }

    package init(inputIDs: [Int32], positions: [Int32], targets: [Int32], segments: [Segment]) {
        precondition(
            positions.count == inputIDs.count && targets.count == inputIDs.count, "one position and target per id")
        self.inputIDs = inputIDs
        self.positions = positions
        self.targets = targets
        self.segments = segments
    }

    /// One segment per row; `isTarget` says which tokens are to be predicted (the first never is, nothing precedes it).
    package init(rows: [(ids: [Int32], isTarget: [Bool])]) {
        self.init(inputIDs: [], positions: [], targets: [], segments: [])
        for row in rows { append(ids: row.ids, labels: Self.labels(row.ids, isTarget: row.isTarget)) }
    }

    /// Adds one segment whose labels are already shifted (`labels[t]` is predicted from row `t`); it goes on from the end
    /// of segment `prefix` where one is given.
    package mutating func append(ids: [Int32], labels: [Int32], after prefix: Int? = nil) {
        precondition(ids.count == labels.count, "\(ids.count) tokens with \(labels.count) labels")
        let first = prefix.map { positions[segments[$0].start + segments[$0].count - 1] + 1 } ?? 0
        segments.append(Segment(start: inputIDs.count, count: ids.count, prefix: prefix))
        inputIDs += ids
        positions += (first..<first + Int32(ids.count))
        targets += labels
    }

    /// Labels for next-token prediction: row `t` is scored on token `t + 1`, or ignored.
    package static func labels(_ ids: [Int32], isTarget: [Bool]) -> [Int32] {
        precondition(ids.count == isTarget.count, "\(ids.count) tokens with \(isTarget.count) marks")
        return ids.indices.map { t in
            let next = t + 1
            return next < ids.count && isTarget[next] ? ids[next] : ignored
        }
    }
}
