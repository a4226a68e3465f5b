import Glibc
package import Plan
import Subprocess

/// How an engine's process came to its end.
package enum EngineStatus: Sendable, Hashable {
    case exited(code: Int32)
    case killed(signal: Int32)

    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code: code)
        case .signaled(let signal): self = .killed(signal: signal)
        }
    }
}

/// How an engine ended, from everything that is known: its status, its last event, what it printed, the kernel's count.
package enum EngineEnding: Sendable, Hashable {
    case finished(RunFinish)
    /// It said itself what was wrong; `code` is the exit code of the contract.
    case failed(error: String, hint: String?, code: Int32)
    /// There was no memory left: the kernel killed a process of it, or it said so itself in its last words.
    case outOfMemory(said: String?)
    /// One of the processes that train together is gone, without a word of its own.
    case lostProcess(log: [String])
    case killed(signal: Int32, log: [String])
    /// It left without a last word, and there is no room for one.
    case diskFull(free: ByteCount)
    /// Its processes did not find each other.
    case noRendezvous(log: [String])
    /// It left without a last word.
    case vanished(code: Int32, log: [String])

    /// - Parameter log: What it printed in this sitting.
    init(status: EngineStatus, lastWord: RunEvent?, log whole: [String], ranOutOfMemory: Bool, freeDisk: ByteCount?) {
        func line(with marks: [String]) -> String? { whole.last { line in marks.contains(where: line.contains) } }
        let log = Array(whole.suffix(EngineEnding.shownLines))
        let first = EngineEnding.rootCause(in: whole) ?? log
        let wasKilled = line(with: EngineEnding.killedMarks) != nil
        switch (status, lastWord) {
        case (.exited, .failed) where wasKilled:
            // What the others say is only that they have lost one.
            self = ranOutOfMemory ? .outOfMemory(said: nil) : .lostProcess(log: first)
        case (.exited(let code), .failed(let error, let hint)):
            self = .failed(error: error, hint: hint, code: code)
        case (.exited(0), .finished(let finish)):
            self = .finished(finish)
        case (.exited, .finished(let finish)) where finish.reason == .stopped:
            // torchrun leaves with an error after a signal, however well its processes stopped.
            self = .finished(finish)
        case (.killed(SIGKILL), _) where ranOutOfMemory:
            self = .outOfMemory(said: nil)
        case (.killed(let signal), _):
            self = .killed(signal: signal, log: log)
        case (.exited(let code), _):
            // An event needs a few hundred bytes, and the file system a page for them.
            if let freeDisk, freeDisk < ByteCount(mebibytes: 1) {
                self = .diskFull(free: freeDisk)
            } else if let said = line(with: EngineEnding.memoryMarks) {
                self = .outOfMemory(said: said)
            } else if wasKilled, ranOutOfMemory {
                self = .outOfMemory(said: nil)
            } else if line(with: EngineEnding.rendezvousMarks) != nil {
                self = .noRendezvous(log: log)
            } else if line(with: EngineEnding.lostMarks) != nil {
                self = .lostProcess(log: first)
            } else {
                self = .vanished(code: code, log: log)
            }
        }
    }
}

extension EngineEnding {
    private static let shownLines = 5

    /// What PyTorch, CUDA and Python print when an allocation fails.
    private static let memoryMarks = [
        "OutOfMemoryError", "CUDA out of memory", "can't allocate memory", "Cannot allocate memory", "MemoryError",
        "std::bad_alloc",
    ]
    /// What torchrun and accelerate print of a process that was killed, and of one that is gone in whatever way.
    private static let killedMarks = ["Signal 9 (SIGKILL)", "exitcode: -9", "exitcode  : -9"]
    private static let lostMarks = killedMarks + ["ChildFailedError", "SignalException"]

    /// What torchrun says of the process that went first: machine, rank, exit code, signal.
    private static func rootCause(in log: [String]) -> [String]? {
        guard let start = log.lastIndex(where: { $0.contains("Root Cause") }) else { return nil }
        let named = log[start...].map { String($0.drop { $0 == " " }) }.filter { line in
            ["host ", "rank ", "exitcode ", "traceback : Signal"].contains(where: line.hasPrefix)
        }
        return named.isEmpty ? nil : named
    }

    /// What torchrun and accelerate print when a process waited for others in vain.
    private static let rendezvousMarks = [
        "RendezvousTimeoutError", "RendezvousConnectionError", "RendezvousClosedError", "DistNetworkError",
        "DistStoreError",
    ]
}

/// Why an engine could not even be started or found.
package enum LaunchError: Error, Sendable, Hashable {
    case cannotStart(executable: String, reason: String)
    case notARunFolder(path: String, missing: String)
    /// A finished run has nothing to resume.
    case alreadyFinished(path: String)
    /// An engine is at work on it.
    case isRunning(path: String)
    case runFolderExists(path: String)
    /// A setting the engine has no means for; ignoring it would train something else than was asked for.
    case cannotExpress(key: String, value: String, reason: String)
    /// Not a program, or one that is not Python.
    case noPython(path: String)
    case packages(python: String, missing: [String], wrong: [String])
    case tooFewDevices(python: String, found: Int, wanted: Int)
    /// The script that answers rows; in its own words.
    case asking(error: String, hint: String?)
    /// The virtual environment could not be made; the last lines of what did it.
    case setupFailed(step: String, log: [String])
}

/// How often this kernel has killed a process for want of memory since it was started.
enum OutOfMemoryKills {
    static func count() -> Int {
        guard let file = fopen("/proc/vmstat", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split {
                $0 == " " || $0 == "\n"
            }
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
        }
        return 0
    }
}

/// What an engine printed beside its events: the runtime's last lines before a crash.
package enum EngineLog {
    /// Sends standard error of this process, the engine, to the file. False when another engine holds the file: two
    /// engines in one run folder would write over each other. The lock ends with the process, however it ends.
    package static func takeStandardError(to path: String) -> Bool {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return true }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return false }
        ftruncate(file, 0)
        dup2(file, STDERR_FILENO)
        return true
    }

    /// Whether an engine is at work on the run.
    package static func isHeld(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_EX | LOCK_NB) != 0
    }

    /// How much it holds, for `tail(of:from:)`.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The last lines, without empty ones: of everything, or of what came after a size it once had. A file that is
    /// smaller now was begun anew.
    static func tail(of path: String, from start: Int = 0, lines: Int = 5) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let end = ftell(file), room = 400 * lines
        fseek(file, max(start <= end ? start : 0, end - room), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: room)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").suffix(lines).map(String.init)
    }
}
