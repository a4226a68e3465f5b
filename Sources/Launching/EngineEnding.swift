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
    /// The kernel killed a process for want of memory while this one ended with SIGKILL.
    case outOfMemory
    case killed(signal: Int32, log: [String])
    /// It left without a last word, and there is no room for one.
    case diskFull(free: ByteCount)
    /// Its processes did not find each other.
    case noRendezvous(log: [String])
    /// It left without a last word.
    case vanished(code: Int32, log: [String])

    init(status: EngineStatus, lastWord: RunEvent?, log: [String], ranOutOfMemory: Bool, freeDisk: ByteCount?) {
        switch (status, lastWord) {
        case (.exited(let code), .failed(let error, let hint)):
            self = .failed(error: error, hint: hint, code: code)
        case (.exited(0), .finished(let finish)):
            self = .finished(finish)
        case (.exited, .finished(let finish)) where finish.reason == .stopped:
            // torchrun leaves with an error after a signal, however well its processes stopped.
            self = .finished(finish)
        case (.killed(SIGKILL), _) where ranOutOfMemory:
            self = .outOfMemory
        case (.killed(let signal), _):
            self = .killed(signal: signal, log: log)
        case (.exited(let code), _):
            // An event needs a few hundred bytes, and the file system a page for them.
            if let freeDisk, freeDisk < ByteCount(mebibytes: 1) {
                self = .diskFull(free: freeDisk)
            } else if log.contains(where: { line in EngineEnding.rendezvousMarks.contains(where: line.contains) }) {
                self = .noRendezvous(log: log)
            } else {
                self = .vanished(code: code, log: log)
            }
        }
    }
}

extension EngineEnding {
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

    /// The last few lines, without empty ones.
    static func tail(of path: String) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        fseek(file, max(0, ftell(file) - 2048), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").suffix(5).map(String.init)
    }
}
