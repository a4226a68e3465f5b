import Dispatch
import Glibc
import Synchronization

/// Somebody wants the engine to save and stop: its parent is gone or asked for it, or a signal came.
///
/// The trainer looks at it between optimizer steps; raising it twice changes nothing. A `SignalWatch` raises it for an
/// engine that is signalled directly.
package final class StopRequest: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package var isRaised: Bool { flag.load(ordering: .relaxed) }

    package func raise() { flag.store(true, ordering: .relaxed) }

    /// Raises the request when the pipe on standard input ends. The parent closes it to ask for a stop, and the kernel
    /// closes it when the parent dies. Without a pipe (an engine started by hand) there is no parent to watch.
    package func watchParent() {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        // A thread of its own, because the read blocks for the whole run.
        let queue = DispatchQueue(label: "hone.parent")
        queue.async {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            self.raise()
        }
    }
}
