import FoundationEssentials
import Plan
import Synchronization
import Testing

@testable import Launching

/// A run folder with an engine written in shell: `$0` is the event log.
private func withEngine(
    _ script: String, log: String = "", interruptions: AsyncStream<Void> = AsyncStream { $0.finish() },
    _ check: (EngineEnding, [EngineReport]) throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/hone-engine-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = RunFolder(path: folder)
    try log.write(toFile: run.events, atomically: false, encoding: .utf8)
    let engine = EngineProcess(executable: "/bin/sh", arguments: ["-c", script, run.events], run: run)
    let reports = Reports()
    let ending = try await engine.follow(interruptions: interruptions) { reports.add($0) }
    try check(ending, reports.all)
}

private final class Reports: Sendable {
    private let list = Mutex<[EngineReport]>([])
    var all: [EngineReport] { list.withLock { $0 } }
    func add(_ report: EngineReport) { list.withLock { $0.append(report) } }
}

private func line(_ event: RunEvent) -> String {
    EventLine(time: Date(timeIntervalSince1970: 0), event: event).text
}

private let warning = line(.warning(id: "a", text: "b"))
private let finish = RunFinish(reason: .stopped, globalStep: 3, seconds: 1, peakRSS: 1)
private let finished = line(.finished(finish))

@Suite("Following an engine", .timeLimit(.minutes(1)))
struct EngineProcessTests {
    @Test("events arrive in order and the ending is the engine's last word")
    func straight() async throws {
        try await withEngine("echo '\(warning)' >> $0; sleep 0.2; echo '\(finished)' >> $0") { ending, reports in
            #expect(ending == .finished(finish))
            #expect(reports.count == 2)
        }
    }

    @Test("what the log held before is not reported again")
    func oldEvents() async throws {
        try await withEngine("echo '\(finished)' >> $0", log: warning + "\n" + warning + "\n") { ending, reports in
            #expect(ending == .finished(finish) && reports.count == 1)
        }
    }

    @Test("the first interruption closes the pipe, upon which the engine saves and stops")
    func stop() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        continuation.yield()
        try await withEngine("cat; echo '\(finished)' >> $0", interruptions: stream) { ending, reports in
            #expect(ending == .finished(finish))
            #expect(reports.first == .stopping)
        }
    }

    @Test("the second interruption kills the whole group")
    func kill() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        continuation.yield()
        continuation.yield()
        try await withEngine("sleep 100; true", interruptions: stream) { ending, reports in
            #expect(ending == .killed(signal: 9, log: []))
            #expect(reports == [.stopping, .killing])
        }
    }

    @Test("an engine that dies without a word is told apart from one that explains itself")
    func deaths() async throws {
        try await withEngine("exit 7") { ending, _ in #expect(ending == .vanished(code: 7, log: [])) }
        try await withEngine("kill -SEGV $$") { ending, _ in #expect(ending == .killed(signal: 11, log: [])) }
        let failed = line(.failed(error: "disk full", hint: "free some"))
        try await withEngine("echo '\(failed)' >> $0; exit 1") { ending, _ in
            #expect(ending == .failed(error: "disk full", hint: "free some", code: 1))
        }
        try await withEngine("echo boom > $(dirname $0)/engine.log; exit 1") { ending, _ in
            #expect(ending == .vanished(code: 1, log: ["boom"]))
        }
    }

    @Test(
        "an engine that stopped as it was asked has stopped, whatever its launcher says, and one that began again has not"
    )
    func stoppedByLauncher() async throws {
        try await withEngine("echo '\(finished)' >> $0; exit 1") { ending, _ in #expect(ending == .finished(finish)) }
        let started = line(
            .started(
                RunStart(
                    engine: .trl, totalSteps: 4, trainableParameters: 1, trainExamples: 1, validationExamples: 0,
                    threads: 1,
                    instructionSet: "")))
        try await withEngine("echo '\(finished)' >> $0; sleep 0.3; echo '\(started)' >> $0; exit 1") { ending, _ in
            #expect(ending == .vanished(code: 1, log: []))
        }
    }

    @Test("processes that waited for each other in vain are told apart")
    func rendezvous() async throws {
        let script = "echo 'x.rendezvous.api.RendezvousTimeoutError' > $(dirname $0)/engine.log; exit 1"
        try await withEngine(script) { ending, _ in
            #expect(ending == .noRendezvous(log: ["x.rendezvous.api.RendezvousTimeoutError"]))
        }
    }

    @Test("an engine that had no memory left is told apart, whoever says so; an earlier sitting's words do not count")
    func memory() async throws {
        let words = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
        let traceback = "for i in $(seq 60); do echo 'frame' >> $(dirname $0)/engine.log; done"
        try await withEngine("echo '\(words)' > $(dirname $0)/engine.log; \(traceback); exit 1") { ending, _ in
            #expect(ending == .outOfMemory(said: words))
        }
        func ending(_ status: EngineStatus, _ log: [String], kills: Bool) -> EngineEnding {
            EngineEnding(status: status, lastWord: nil, log: log, ranOutOfMemory: kills, freeDisk: nil)
        }
        let rank = ["  exitcode  : -9 (pid: 7)", "  traceback : Signal 9 (SIGKILL) received by PID 7"]
        #expect(ending(.killed(signal: 9), [], kills: true) == .outOfMemory(said: nil))
        #expect(ending(.exited(code: 1), rank, kills: true) == .outOfMemory(said: nil))
        #expect(ending(.exited(code: 1), rank, kills: false) == .lostProcess(log: rank))
        // The others' last words are only that they have lost one; torchrun says which.
        let rootCause = ["Root Cause (first observed failure):", "[0]:", "  host      : a", "  rank      : 1"] + rank
        let lost = EngineEnding(
            status: .exited(code: 1), lastWord: .failed(error: "Connection reset by peer", hint: nil), log: rootCause,
            ranOutOfMemory: false, freeDisk: nil)
        let named = ["host      : a", "rank      : 1"] + rank.map { String($0.dropFirst(2)) }
        #expect(lost == .lostProcess(log: named))
        let folder = FileManager.default.temporaryDirectory.path + "/hone-log-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = RunFolder(path: folder)
        try (words + "\n").write(toFile: run.engineLog, atomically: false, encoding: .utf8)
        let engine = EngineProcess(
            executable: "/bin/sh", arguments: ["-c", "echo boom >> $0; exit 1", run.engineLog], run: run)
        let second = try await engine.follow(interruptions: AsyncStream { $0.finish() }) { _ in }
        #expect(second == .vanished(code: 1, log: ["boom"]))
    }

    @Test("an engine that had no room for a last word is one whose disk is full")
    func fullDisk() {
        func ending(_ word: RunEvent?, free: ByteCount?) -> EngineEnding {
            EngineEnding(status: .exited(code: 1), lastWord: word, log: [], ranOutOfMemory: false, freeDisk: free)
        }
        #expect(ending(nil, free: ByteCount(4096)) == .diskFull(free: ByteCount(4096)))
        #expect(ending(nil, free: ByteCount(gibibytes: 1)) == .vanished(code: 1, log: []))
        #expect(ending(nil, free: nil) == .vanished(code: 1, log: []))
        #expect(ending(.failed(error: "e", hint: nil), free: 0) == .failed(error: "e", hint: nil, code: 1))
    }

    @Test("a program that is not there cannot be started")
    func missingProgram() async throws {
        let engine = EngineProcess(executable: "/nowhere/hone", arguments: [], run: RunFolder(path: "/tmp"))
        await #expect(throws: LaunchError.self) {
            _ = try await engine.follow(interruptions: AsyncStream { $0.finish() }) { _ in }
        }
    }
}
