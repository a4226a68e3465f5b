/// How many rows have which length, in about a dozen steps of a round width.
package struct LengthHistogram: Sendable, Hashable {
    package struct Bin: Sendable, Hashable {
        package var from: Int
        /// Not counted itself; nil for the last bin, which holds everything longer.
        package var to: Int?
        package var rows: Int
    }

    package let bins: [Bin]
    /// Longer rows are cut; a bin begins there.
    package let limit: Int?

    private static let steps = 10

    package init(_ lengths: [Int], limit: Int? = nil) {
        let sorted = lengths.sorted()
        let longest = sorted.last ?? 0
        let limit = limit.flatMap { $0 < longest ? $0 : nil }
        self.limit = limit
        // A few very long rows must not squeeze all others into one bin.
        let usual = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        let width = Self.round(max(usual, limit ?? 0) / Self.steps + 1)
        var edges = Array(stride(from: 0, through: max(usual, limit ?? 0), by: width))
        if let limit { edges = (edges + [limit + 1]).sorted() }
        edges = edges.enumerated().filter { $0.offset == 0 || edges[$0.offset - 1] != $0.element }.map(\.element)
        var bins = edges.indices.map { place in
            Bin(from: edges[place], to: place + 1 < edges.count ? edges[place + 1] : nil, rows: 0)
        }
        var place = 0
        for length in sorted {
            while let end = bins[place].to, length >= end { place += 1 }
            bins[place].rows += 1
        }
        self.bins = bins
    }

    /// The next of 1, 2, 5, 10, 20, 50 …
    private static func round(_ width: Int) -> Int {
        var unit = 1
        while true {
            for factor in [1, 2, 5] where factor * unit >= width { return factor * unit }
            unit *= 10
        }
    }
}
