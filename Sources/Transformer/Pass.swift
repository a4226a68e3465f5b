import Tensors

/// One batch on its way through the model: its arrays at stable addresses, and the chains of its segments.
struct Pass {
    var tokens = 0
    var inputIDs: UnsafePointer<Int32>?
    var positions: UnsafePointer<Int32>?
    /// Rows whose output is wanted, and the token each should predict.
    var targetRows: [Int32] = []
    var targets: [Int32] = []
    /// All chains one after the other; segment `i` has `spans[chains[i]]`, prefixes first.
    var spans: [RowSpan] = []
    var chains: [Range<Int>] = []
    /// Segments that must be handled one after the other, because they share rows: a root and all that hang on it.
    var families: [[Int]] = []
    var dropoutKey: UInt64 = 0
    var isTraining = false
    /// Whether members take outputs of products instead of rows: with few rows, reading the weights is what takes time, and
    /// every row needs all of them.
    var splitsOutputs = false
    /// The largest noise of each row's embedding; empty without noise.
    var noise: [Float] = []
    /// Members take rows in multiples of this: whole tiles of the products, but single rows when there are few.
    var rowStep: Int { tokens < 64 ? 1 : 8 }

    mutating func setSegments(_ segments: [Segment]) {
        spans.removeAll(keepingCapacity: true)
        chains.removeAll(keepingCapacity: true)
        families.removeAll(keepingCapacity: true)
        var family: [Int] = []
        for (index, segment) in segments.enumerated() {
            let start = spans.count
            if let prefix = segment.prefix {
                precondition(prefix < index, "segment \(index) has the later segment \(prefix) as prefix")
                spans.append(contentsOf: spans[chains[prefix]])
                family.append(family[prefix])
                families[family[index]].append(index)
            } else {
                family.append(families.count)
                families.append([index])
            }
            spans.append(RowSpan(start: segment.start, count: segment.count))
            chains.append(start..<spans.count)
        }
    }
}
