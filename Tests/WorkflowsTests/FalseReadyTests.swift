import Evaluation
import Foundation
import Plan
import Publishing
import RuleEngine
import Testing

@testable import Workflows

/// How often models that are not good enough pass the gates that measure quality, drawn again and again.
///
/// READY needs every gate, so it is false no more often than the gate that is false passes: the gates hold together as an
/// intersection-union test (Berger 1982), and no correction for their number is needed. Each trial draws held-out rows, answers
/// of the base, of examples in the prompt and of the tuned model with known true accuracies, and lets the gates of the rule
/// book judge what came of it. Everything else (audit, people, pilot) is taken as passed, which is the worst case.
@Suite("False READY")
struct FalseReadyTests {
    struct Truth: Sendable, CustomTestStringConvertible {
        let name: String
        let base: Double
        let fewShot: Double
        let tuned: Double
        let rows: Int

        var testDescription: String { "\(name), \(rows) rows" }
    }

    /// What docs/measuring.md states.
    static let level = 0.05

    static let truths = [100, 200].flatMap { rows in
        [
            Truth(name: "accuracy is the bound itself", base: 0.3, fewShot: 0.5, tuned: 0.85, rows: rows),
            Truth(name: "no better than examples in the prompt", base: 0.3, fewShot: 0.95, tuned: 0.95, rows: rows),
            Truth(name: "no better than the base", base: 0.95, fewShot: 0.6, tuned: 0.95, rows: rows),
            Truth(name: "the bound, and no better", base: 0.3, fewShot: 0.85, tuned: 0.85, rows: rows),
        ]
    }

    @Test("a model that is not good enough is called ready in at most one of twenty runs", arguments: truths)
    func falseReady(truth: Truth) throws {
        let trials = ProcessInfo.processInfo.environment["HONE_SLOW_TESTS"] == nil ? 300 : 4000
        let rate = try Self.readyRate(truth, trials: trials)
        if trials > 300 { print("false READY, \(truth.testDescription): \(rate) of \(trials)") }
        #expect(rate <= Self.level, "\(rate)")
    }

    @Test("a model that is clearly good enough is mostly called ready")
    func power() throws {
        let good = Truth(name: "good", base: 0.3, fewShot: 0.6, tuned: 0.95, rows: 200)
        #expect(try Self.readyRate(good, trials: 100) > 0.9)
    }

    private static func readyRate(_ truth: Truth, trials: Int) throws -> Double {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let table = try #require(try RuleBook.load(RuleFolder(path: root + "/rules")).table("gates"))
        let gates = table.rows.filter { $0.id == "g1" || $0.id == "g5" }
        var chance = Chance(state: 20_261_122)
        var bootstrap = Bootstrap()
        bootstrap.rounds = 1000
        var ready = 0
        for _ in 0..<trials {
            let result = evaluation(truth, &chance, bootstrap)
            let tuned = try #require(result.arm(of: .tuned))
            var audit = AuditRecord(read: truth.rows, kept: truth.rows)
            audit.realRows = truth.rows
            let people = HumanEvidence(panel: ReadinessTests.panel())
            let judge = GateJudge(evaluation: result, tuned: tuned, audit: audit, people: people)
            if Readiness.verdict(gates.map(judge.record), isBetter: judge.isBetterThanBase) == .ready { ready += 1 }
        }
        return Double(ready) / Double(trials)
    }

    /// Half of what makes a row hard is the row itself, alike for every arm.
    private static func evaluation(_ truth: Truth, _ chance: inout Chance, _ bootstrap: Bootstrap) -> EvaluationResult {
        var answers: [[Bool]] = [[], [], []]
        for _ in 0..<truth.rows {
            let row = chance.next()
            for (place, accuracy) in [truth.base, truth.fewShot, truth.tuned].enumerated() {
                answers[place].append((chance.next() < 0.5 ? row : chance.next()) < accuracy)
            }
        }
        let kinds: [Arm.Kind] = [.base, .fewShot, .tuned]
        let arms = zip(kinds, answers).map { kind, right in
            ArmResult(
                arm: Arm(name: kind.rawValue, kind: kind, model: "m"),
                items: right.enumerated().map {
                    ItemResult(line: $0 + 1, prompt: "q", expected: "yes", output: $1 ? "yes" : "no", finish: .stop)
                },
                scoring: ItemScoring(metrics: [.exactMatch, .tokenF1], expected: ["yes"]), bootstrap: bootstrap)
        }
        let metrics = MetricSet.given([.exactMatch, .tokenF1], expected: ["yes"]) ?? .generalKnowledge
        return EvaluationResult(
            split: "test", metrics: metrics, decoding: .init(maxNewTokens: 8, batchSize: 1), arms: arms,
            bootstrap: bootstrap)
    }

    /// SplitMix64, as a number below 1.
    private struct Chance {
        var state: UInt64

        mutating func next() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((bits ^ (bits >> 31)) >> 11) / Double(1 << 53)
        }
    }
}
