import Feasibility
import Glibc
package import Plan
import Subprocess
import Synchronization
import SystemPackage

/// An engine as a child process: started in its own process group, followed by its event log, asked to stop by closing
/// the pipe it reads from, and explained when it dies.
package struct EngineProcess: Sendable {
    /// The program; hone's own engine is this very program, wherever it lies.
    package let executable: String
    package let arguments: [String]
    package let run: RunFolder
    /// What the engine finds in its environment beside what is in this one.
    package let variables: [String: String]

    package init(
        executable: String = "/proc/self/exe", arguments: [String], run: RunFolder, variables: [String: String] = [:]
    ) {
        self.executable = executable
        self.arguments = arguments
        self.run = run
        self.variables = variables
    }

    /// Runs the engine to its end and says how it ended.
    ///
    /// The first element of `interruptions` asks the engine to save and stop, the second kills it. `report` may be called
    /// from several tasks, but never from two at once, and in the order things happened.
    package func follow(
        interruptions: AsyncStream<Void>, report: @escaping @Sendable (EngineReport) -> Void
    ) async throws(LaunchError) -> EngineEnding {
        let killsBefore = OutOfMemoryKills.count(), logBefore = EngineLog.size(of: run.engineLog)
        let reporter = Reporter(report)
        let tail = EventTail(path: run.events)
        var options = PlatformOptions()
        options.processGroupID = 0
        let environment = Environment.inherit.updating(
            Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
        let status: TerminationStatus
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(arguments), environment: environment,
                platformOptions: options,
                input: .inputWriter, output: .sequence, error: .discarded
            ) { execution in
                await accompany(execution, interruptions: interruptions, tail: tail, reporter: reporter)
            }
            status = result.terminationStatus
        } catch {
            throw .cannotStart(executable: executable, reason: "\(error)")
        }
        return EngineEnding(
            status: EngineStatus(status), lastWord: reporter.lastWord,
            log: EngineLog.tail(of: run.engineLog, from: logBefore, lines: 200),
            ranOutOfMemory: OutOfMemoryKills.count() > killsBefore,
            freeDisk: MachineProfile.freeDisk(near: run.path))
    }

    private func accompany(
        _ execution: Execution<CustomWriteInput, SequenceOutput, DiscardedOutput>, interruptions: AsyncStream<Void>,
        tail: EventTail, reporter: Reporter
    ) async {
        let hasEnded = Flag()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // The engine's standard output carries nothing; its end is how we learn that the engine is gone.
                do { for try await _ in execution.standardOutput {} } catch {}
                hasEnded.raise()
            }
            group.addTask {
                var count = 0
                for await _ in interruptions {
                    count += 1
                    reporter.tell(count == 1 ? .stopping : .killing)
                    if count == 1 {
                        try? await execution.standardInputWriter.finish()
                    } else {
                        try? execution.send(signal: .kill, toProcessGroup: true)
                        return
                    }
                }
            }
            var tail = tail
            repeat {
                for line in tail.next() { reporter.tell(.event(line)) }
                try? await Task.sleep(for: .milliseconds(100))
            } while !hasEnded.isRaised
            for line in tail.next() { reporter.tell(.event(line)) }
            group.cancelAll()
        }
    }
}

/// What happens while an engine is followed.
package enum EngineReport: Sendable, Hashable {
    case event(EventLine)
    /// The engine was asked to save and stop.
    case stopping
    case killing
}

/// A switch that is thrown once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}

/// Passes reports on one at a time and remembers the engine's last word.
private final class Reporter: Sendable {
    private let last = Mutex<RunEvent?>(nil)
    private let report: @Sendable (EngineReport) -> Void

    init(_ report: @escaping @Sendable (EngineReport) -> Void) { self.report = report }

    var lastWord: RunEvent? { last.withLock { $0 } }

    func tell(_ news: EngineReport) {
        last.withLock { last in
            if case .event(let line) = news {
                switch line.event {
                case .finished, .failed: last = line.event
                // A job that was requeued has stopped, and begun again.
                case .started: last = nil
                case .step, .eval, .checkpoint, .warning: break
                }
            }
            report(news)
        }
    }
}
