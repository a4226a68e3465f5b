import Dispatch

/// The results of `body` for every piece, in order, worked out by at most `threads` threads.
///
/// Results never depend on the number of threads: each piece is worked on alone and lands in its own place.
func inParallel<Value: Sendable>(pieces: Int, threads: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
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

/// `count` things cut into ranges of about `size`.
func ranges(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: max(1, size)).map { $0..<min($0 + max(1, size), count) }
}
