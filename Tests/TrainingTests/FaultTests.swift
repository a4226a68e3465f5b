import FileStore
import Foundation
import Plan
import Testing
import Training

/// A short training that saves, prunes, evaluates and keeps an event log, all through a store in which something goes wrong.
private final class FaultFixture {
    let fixture: TrainingFixture
    let expected: Fingerprint
    /// File operations of an undisturbed run.
    let operations: Int

    init() throws {
        fixture = try TrainingFixture { plan in
            plan.training.duration = .steps(6)
            plan.training.saveEvery = 2
            plan.training.evalEvery = 2
            plan.training.saveTotalLimit = 1
        }
        let counting = FaultInjector(in: fixture.folder)
        try FaultFixture.train(fixture, "straight", counting.store)
        expected = try fixture.adapter("straight")
        operations = counting.count
    }

    private static func train(_ fixture: TrainingFixture, _ name: String, _ store: FileStore) throws {
        let run = fixture.run(name)
        try store.createFolder(run.path)
        let log = try LineLog(path: run.events, store: store)
        let trainer = try fixture.trainer(name, store: store) { event in
            try log.append(EventLine(time: Date(timeIntervalSince1970: 0), event: event).text)
        }
        do { try trainer.resume() } catch CheckpointError.none {}
        _ = try trainer.train()
    }

    /// Trains in the run `name` with one operation going wrong; false when training reached its end all the same.
    func isStopped(_ fault: FaultInjector.Fault, at operation: Int, _ name: String) -> Bool {
        let injector = FaultInjector(fault, at: operation, in: fixture.folder)
        do {
            try FaultFixture.train(fixture, name, injector.store)
            return false
        } catch {
            return true
        }
    }

    /// Goes on without faults, and says what is wrong with what came out.
    func problemAfterResuming(_ name: String) throws -> String? {
        try FaultFixture.train(fixture, name, FileStore())
        let run = fixture.run(name), store = FileStore()
        defer { try? store.remove(run.path) }
        guard try fixture.adapter(name) == expected else { return "another adapter" }
        let steps = EventLog(try store.readText(run.events)).steps.map(\.globalStep.number)
        guard steps == Array(1...6) else { return "the log has the steps \(steps)" }
        let kept = try store.list(run.checkpoints)
        return kept == ["step-000006"] ? nil : "checkpoints \(kept)"
    }
}

/// `make test-all` hits every operation; the fast tests hit some of them.
private let isThorough = ProcessInfo.processInfo.environment["HONE_SLOW_TESTS"] == "1"

@Suite("A disk or machine that fails while training")
struct FaultTests {
    @Test("whichever file operation goes wrong, training goes on from what is left to the same adapter")
    func everyOperation() throws {
        let faults = try FaultFixture()
        var injected = 0
        for (offset, fault) in FaultInjector.Fault.allCases.enumerated() {
            for operation in stride(from: isThorough ? 0 : 7 * offset, to: faults.operations, by: isThorough ? 1 : 41) {
                let name = "\(fault)-\(operation)"
                injected += 1
                #expect(faults.isStopped(fault, at: operation, name), "\(name) of \(faults.operations)")
                let problem = try faults.problemAfterResuming(name)
                #expect(problem == nil, "\(name) of \(faults.operations)")
            }
        }
        print("faults injected: \(injected), in \(faults.operations) file operations of a run of 6 steps")
    }

    @Test("a fault while going on after a fault is no different")
    func twice() throws {
        let faults = try FaultFixture()
        for round in 0..<(isThorough ? 300 : 15) {
            // Spread over both runs without falling on the same operations again.
            let first = round * 37 % faults.operations, second = round * 61 % faults.operations
            let fault = FaultInjector.Fault.allCases[round % FaultInjector.Fault.allCases.count]
            let name = "\(fault)-\(first)-\(second)"
            #expect(faults.isStopped(fault, at: first, name), "\(name)")
            // What is left may need fewer operations than that.
            _ = faults.isStopped(fault, at: second, name)
            let problem = try faults.problemAfterResuming(name)
            #expect(problem == nil, "\(name)")
        }
    }
}
