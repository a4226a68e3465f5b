package import Datasets
import Transformer

/// Beginnings that rows have in common, to be computed once for all of them in a micro-batch.
///
/// Only tokens before the first one to be learned are shared, so that every target stays with its row. Sharing changes
/// which work is done, not what comes out: rows attend to the shared tokens, and their gradients add up there.
package struct SharedPrefixes: Sendable, Hashable {
    /// Where a row's beginning is shared: which beginning, and how many of the row's tokens belong to it.
    package struct Place: Sendable, Hashable {
        package let group: Int
        package let count: Int
    }

    /// By row; nil where a row shares nothing worth a segment of its own.
    package let places: [Place?]

    /// Fewer tokens than these are computed again sooner than kept apart.
    static let fewest = 16

    /// Groups rows that follow each other in the order of their tokens, as long as one more row saves more than it costs.
    package init(_ rows: [EncodedExample]) {
        let beginnings = rows.map { row in
            row.inputIDs.prefix(row.labels.firstIndex { $0 >= 0 } ?? 0)
        }
        let order = rows.indices.sorted { first, second in
            let one = beginnings[first], other = beginnings[second]
            return one.elementsEqual(other) ? first < second : one.lexicographicallyPrecedes(other)
        }
        var places = [Place?](repeating: nil, count: rows.count), groups = 0
        var members: [Int] = [], shared = 0
        func close() {
            guard members.count > 1 else { return }
            for row in members { places[row] = Place(group: groups, count: shared) }
            groups += 1
        }
        for row in order {
            let next = members.last.map { min(shared, commonCount(beginnings[$0], beginnings[row])) } ?? 0
            if next >= Self.fewest, members.count * next >= (members.count - 1) * shared {
                members.append(row)
                shared = next
            } else {
                close()
                members = [row]
                shared = beginnings[row].count
            }
        }
        close()
        self.places = places
    }

    /// Nothing is shared.
    package init(none rows: Int) { places = Array(repeating: nil, count: rows) }
}

extension PackedBatch {
    /// Rows as one batch, a beginning that several of them share once, before the first of them.
    init(_ rows: [Int], of examples: [EncodedExample], sharing prefixes: SharedPrefixes?) {
        self.init(inputIDs: [], positions: [], targets: [], segments: [])
        var sharing: [Int: Int] = [:], segments: [Int: Int] = [:]
        for row in rows { if let place = prefixes?.places[row] { sharing[place.group, default: 0] += 1 } }
        for row in rows {
            let ids = examples[row].inputIDs, labels = examples[row].labels
            guard let place = prefixes?.places[row], sharing[place.group] ?? 0 > 1 else {
                append(ids: ids, labels: labels)
                continue
            }
            if segments[place.group] == nil {
                segments[place.group] = self.segments.count
                append(ids: Array(ids.prefix(place.count)), labels: Array(labels.prefix(place.count)))
            }
            append(
                ids: Array(ids.dropFirst(place.count)), labels: Array(labels.dropFirst(place.count)),
                after: segments[place.group])
        }
    }
}

private func commonCount(_ one: ArraySlice<Int32>, _ other: ArraySlice<Int32>) -> Int {
    zip(one, other).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 }
}
