import Dispatch

/// The results of `body` for every piece, in order, worked out by at most `threads` threads.
///
/// Results never depend on the number of threads: each piece is worked on alone and lands in its own place.
package func inParallel<Value: Sendable>(pieces: Int, threads: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    let workers = max(1, min(threads, pieces))
    guard workers > 1 else { return (0..<pieces).map(body) }
    return [Value](unsafeUninitializedCapacity: pieces) { buffer, count in
        guard let start = buffer.baseAddress else { return }
        nonisolated(unsafe) let places = start
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for piece in stride(from: worker, to: pieces, by: workers) { (places + piece).initialize(to: body(piece)) }
        }
        count = pieces
    }
}

/// The results of `body` for ranges of `size` things, one behind the other. A few ranges at a time: all of them beside
/// their sum would need the memory twice.
func inParallel<Value: Sendable>(
    things count: Int, size: Int, threads: Int, _ body: @Sendable (Range<Int>) -> [Value]
) -> [Value] {
    var all: [Value] = []
    all.reserveCapacity(count)
    let pieces = ranges(of: count, size: size)
    for wave in ranges(of: pieces.count, size: 8 * max(1, threads)) {
        for part in inParallel(pieces: wave.count, threads: threads, { body(pieces[wave.lowerBound + $0]) }) {
            all += part
        }
    }
    return all
}

/// `count` things cut into ranges of about `size`.
func ranges(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: max(1, size)).map { $0..<min($0 + max(1, size), count) }
}
