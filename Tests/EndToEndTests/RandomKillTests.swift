import FileStore
import Foundation
import Testing

/// One way of being interrupted: a signal, to the trainer, to the command that started it, or to both.
private struct Interruption: CustomStringConvertible {
    let signal: String
    let victim: String
    /// Seconds after the command was started.
    let delay: Double

    var description: String { "SIG\(signal) to \(victim) after \((delay * 1000).rounded() / 1000) s" }

    /// Starts `command`, interrupts it, and waits until the trainer, which may outlive its parent, has let go of the run.
    func script(_ command: String) -> String {
        let targets = ["parent": "$parent", "trainer": "$children", "both": "$parent $children"][victim] ?? ""
        return """
            set -m
            \(command) > out.txt 2> talk.txt & parent=$!
            sleep \(delay)
            children=$(cat /proc/$parent/task/*/children 2> /dev/null)
            kill -\(signal) \(targets) 2> /dev/null && echo hit
            wait $parent 2> /dev/null; code=$?
            for log in runs/*-cut/engine.log; do [ -e "$log" ] && flock -w 60 "$log" true; done
            cat talk.txt >&2; exit $code
            """
    }
}

/// A generator that can be started again at the same place.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// `make test-all` kills two hundred times, the fast tests a handful of times.
private let wantedKills = ProcessInfo.processInfo.environment["HONE_SLOW_TESTS"] == "1" ? 200 : 6

@Suite(
    "Training killed at random moments", .serialized, .timeLimit(.minutes(60)),
    .enabled(if: HoneBinary.hasPracticeModel))
struct RandomKillTests {
    @Test("whatever is killed and when, the run goes on and ends with the same adapter, bit for bit")
    func kills() async throws {
        try await SmallCase.inFolder { folder in
            let clock = ContinuousClock(), start = clock.now
            let straight = try await HoneBinary.run("train", "plan.yaml", "--name", "straight", in: folder)
            #expect(straight.code == 0, "\(straight.talk)")
            var seconds = start.duration(to: clock.now) / .seconds(1)
            let expected = try SmallCase.adapter(of: "straight", in: folder)
            var dice = Dice(state: 8), kills = 0, finished = 0, resumed = 0, beforeTheRun = 0
            var counts: [String: Int] = [:]

            func command() throws -> String {
                guard let run = try SmallCase.run("cut", in: folder) else { return "$HONE train plan.yaml --name cut" }
                // Killed while the folder was being made: there is no run yet, and nothing to lose.
                guard FileManager.default.fileExists(atPath: run + "/manifest.json") else {
                    try FileStore().remove(run)
                    beforeTheRun += 1
                    return try command()
                }
                resumed += 1
                return "$HONE train --resume runs/*-cut"
            }
            func compare() throws {
                #expect(try SmallCase.adapter(of: "cut", in: folder) == expected, "after \(kills) kills")
                if let run = try SmallCase.run("cut", in: folder) { try FileStore().remove(run) }
                finished += 1
            }

            while kills < wantedKills {
                let interruption = Interruption(
                    signal: ["KILL", "TERM", "INT"].randomElement(using: &dice) ?? "KILL",
                    victim: ["parent", "trainer", "both"].randomElement(using: &dice) ?? "both",
                    delay: Double.random(in: 0...seconds, using: &dice))
                let result = try await HoneBinary.shell(interruption.script(try command()), in: folder)
                if result.output.contains("hit") {
                    kills += 1
                    counts["SIG\(interruption.signal) to \(interruption.victim)", default: 0] += 1
                } else {
                    // The run ended before: the machine was busier when the first one was timed.
                    seconds = max(0.5, seconds / 2)
                }
                // Done; stopped; the trainer was killed; the command was killed; there was nothing left to do.
                let isKnown =
                    [0, 130, 137, 143, 128 + SIGINT].contains(result.code) || result.talk.contains("killed by signal")
                    || result.talk.contains("is finished")
                #expect(isKnown, "\(interruption): code \(result.code)\n\(result.talk)")
                guard isKnown else { return }
                if result.code == 0 || result.talk.contains("is finished") { try compare() }
            }
            let last = try await HoneBinary.shell(try command(), in: folder)
            #expect(last.code == 0 || last.talk.contains("is finished"), "\(last.talk)")
            try compare()
            print(
                "kills: \(kills), resumed \(resumed) times, \(beforeTheRun) before there was a run, \(finished) runs ended, "
                    + "all with the adapter of the undisturbed one")
            print(counts.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }.joined(separator: "\n"))
        }
    }
}
