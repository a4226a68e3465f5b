import Dispatch
import FileStore
import Glibc
import JSONText
import Tokenization

/// How long loading a tokenizer takes, and how much text it turns into ids in a second.
struct TokenizerSpeed {
    private static let piece = 1 << 20
    private let loadSeconds: Double, loadProcessorSeconds: Double
    private let seconds: Double
    /// Of all threads together: what others do on the machine does not count.
    private let processorSeconds: Double
    private let bytes: Int
    private let tokens: Int
    private let threads: Int

    /// Encodes the lines of a text file, in pieces of about a mebibyte, shared out among the threads.
    init(folder: String, text path: String, threads: Int) throws {
        let clock = ContinuousClock()
        var start = clock.now, processorStart = Self.processorTime
        let tokenizer = try Tokenizer(folder: folder)
        loadSeconds = (clock.now - start) / .seconds(1)
        loadProcessorSeconds = Self.processorTime - processorStart
        let pieces = Self.pieces(of: try FileStore().readText(path))
        start = clock.now
        processorStart = Self.processorTime
        let counts = [Int](unsafeUninitializedCapacity: threads) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let places = base
            DispatchQueue.concurrentPerform(iterations: threads) { worker in
                var tokens = 0
                for piece in stride(from: worker, to: pieces.count, by: threads) {
                    tokens += tokenizer.encode(pieces[piece]).count
                }
                (places + worker).initialize(to: tokens)
            }
            count = threads
        }
        seconds = (clock.now - start) / .seconds(1)
        processorSeconds = Self.processorTime - processorStart
        tokens = counts.reduce(0, +)
        bytes = pieces.reduce(0) { $0 + $1.utf8.count }
        self.threads = threads
    }

    var json: JSONValue {
        [
            "bytes": JSONValue(bytes), "tokens": JSONValue(tokens), "threads": JSONValue(threads),
            "load_seconds": JSONValue(loadSeconds), "load_processor_seconds": JSONValue(loadProcessorSeconds),
            "seconds": JSONValue(seconds), "processor_seconds": JSONValue(processorSeconds),
            "bytes_per_second": JSONValue(Double(bytes) / max(seconds, 1e-9)),
        ]
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = [], piece: [UInt8] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            piece += line
            piece.append(UInt8(ascii: "\n"))
            guard piece.count >= Self.piece else { continue }
            pieces.append(String(decoding: piece, as: UTF8.self))
            piece.removeAll(keepingCapacity: true)
        }
        if !piece.isEmpty { pieces.append(String(decoding: piece, as: UTF8.self)) }
        return pieces
    }
}
