import Dispatch
import Glibc

/// Ctrl-C and its relatives, handled for as long as this value lives; meanwhile they do not end the process.
package final class SignalWatch {
    private let sources: [any DispatchSourceSignal]
    private static let numbers = [SIGINT, SIGTERM]

    /// Calls `handle` for every SIGINT and SIGTERM.
    package init(_ handle: @escaping @Sendable () -> Void) {
        sources = SignalWatch.numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handle)
            source.resume()
            return source
        }
    }

    /// The signals as a stream of interruptions.
    package static func interruptions() -> (watch: SignalWatch, stream: AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        return (SignalWatch { continuation.yield() }, stream)
    }

    deinit {
        for source in sources { source.cancel() }
        for number in SignalWatch.numbers { signal(number, SIG_DFL) }
    }
}
