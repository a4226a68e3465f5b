/// Every row in exactly one of a few parts of nearly equal size, for measuring what needs no training on all of them.
///
/// Rows of one group, rows with the same request and rows that say nearly the same stay together, so that no part holds a
/// copy of another's row; where answers are labels, every label is spread over the parts. As with splits, where a row goes
/// depends on the seed and its text, not on its place in the file.
package struct Folds: Sendable, Hashable {
    /// Indices into `Dataset.examples`, ascending in each part.
    package private(set) var parts: [[Int]]
    /// Sets of more than one row that stayed together.
    package let together: [[Int]]

    /// Nil where there are not rows enough for two parts.
    ///
    /// - Parameter together: More sets of rows that must not part, such as near duplicates.
    package init?(_ dataset: Dataset, count: Int, seed: Int, together: [[Int]] = []) {
        let examples = dataset.rows
        let groups = RowGroups(examples, pool: Array(examples.indices), together: together)
        guard count > 1, groups.groups.count >= count else { return nil }
        self.together = groups.groups.filter { $0.count > 1 }
        parts = Array(repeating: [], count: count)
        var last: String?, ofStratum = [Int](repeating: 0, count: count)
        for (stratum, rows) in groups.ordered(examples, seed: UInt64(bitPattern: Int64(seed))) {
            if stratum != last { ofStratum = [Int](repeating: 0, count: count) }
            last = stratum
            let place = parts.indices.min {
                (ofStratum[$0], parts[$0].count, $0) < (ofStratum[$1], parts[$1].count, $1)
            }
            guard let place else { continue }
            parts[place] += rows
            ofStratum[place] += rows.count
        }
        for place in parts.indices { parts[place].sort() }
    }
}

extension RowGroups {
    /// Label by label, the groups of each in an order set by the seed and their text.
    func ordered(_ examples: ExampleRows, seed: UInt64) -> [(stratum: String, rows: [Int])] {
        let labels = LabelInventory(examples, limits: .forSplits)
        return groups.map { rows in
            (
                stratum: labels == nil ? "" : rows.map { examples[$0].completion }.min() ?? "",
                rank: rows.map { TextKey.hash(examples[$0].promptKey, seed: seed) }.min() ?? 0, rows: rows
            )
        }
        .sorted { ($0.stratum, $0.rank, $0.rows[0]) < ($1.stratum, $1.rank, $1.rows[0]) }
        .map { ($0.stratum, $0.rows) }
    }
}
