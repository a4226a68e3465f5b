import Datasets
import Evaluation
import Plan
import Publishing
import RuleEngine
import Testing

@testable import Workflows

@Suite("The gates before a tuned model is relied on")
struct ReadinessTests {
    private func gates(_ states: GateRecord.State...) -> [GateRecord] {
        states.enumerated().map { GateRecord(id: "g\($0)", title: "", state: $1, found: "") }
    }

    @Test("what was not measured is never passed, and one failed gate means not ready")
    func verdicts() {
        #expect(Readiness.verdict(gates(.pass, .pass, .does_not_apply), isBetter: true) == .ready)
        #expect(Readiness.verdict(gates(.pass, .not_measured), isBetter: true) == .promising)
        #expect(Readiness.verdict(gates(.pass, .not_measured), isBetter: false) == .inconclusive)
        #expect(Readiness.verdict(gates(.pass, .fail, .not_measured), isBetter: true) == .not_ready)
        #expect(Readiness.verdict([], isBetter: true) == .promising)
    }

    private func rows() throws -> [RuleTable.Row] {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try #require(try RuleBook.load(RuleFolder(path: root + "/rules")).table("gates")).rows
    }

    /// `right` of `count` answers are as expected; the base gets one in ten.
    private func judge(right: Int, of count: Int, real: Int = 10, fewShot: Bool = false) -> GateJudge {
        let expected = (0..<count).map { "answer \($0)" }
        func arm(_ name: String, _ kind: Arm.Kind, _ isRight: (Int) -> Bool) -> ArmResult {
            let items = expected.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: "question \(place)", expected: text, output: isRight(place) ? text : "no",
                    finish: .stop)
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "m"), items: items,
                scoring: ItemScoring(metrics: [.exactMatch], expected: expected))
        }
        let tuned = arm("tuned", .tuned) { $0 < right }
        var arms = [arm("base", .base) { $0 % 10 == 0 }, tuned]
        if fewShot { arms.append(arm("few_shot", .fewShot) { $0 % 5 == 0 }) }
        let metrics = MetricSet.given([.exactMatch], expected: expected) ?? .generalKnowledge
        let result = EvaluationResult(
            split: "test", metrics: metrics, decoding: .init(maxNewTokens: 8, batchSize: 1), arms: arms)
        var audit = AuditRecord(read: count, kept: count)
        audit.realRows = real
        return GateJudge(evaluation: result, tuned: tuned, audit: audit)
    }

    private func state(_ id: String, _ judge: GateJudge) throws -> GateRecord.State {
        try #require(try rows().map(judge.record).first { $0.id == id }).state
    }

    @Test("accuracy must lie above the bound, on a hundred rows, some of them real")
    func accuracy() throws {
        #expect(try state("g1", judge(right: 92, of: 100)) == .pass)
        // Above, and by chance perhaps: the interval of 86 of 100 reaches down to 78.
        #expect(try state("g1", judge(right: 86, of: 100)) == .not_measured)
        #expect(try state("g1", judge(right: 91, of: 100)) == .not_measured)
        #expect(try state("g1", judge(right: 85, of: 100)) == .fail)
        #expect(try state("g1", judge(right: 99, of: 99)) == .not_measured)
        #expect(try state("g1", judge(right: 99, of: 100, real: 0)) == .not_measured)
    }

    @Test("a gain that could be chance, or that examples in the prompt were not held against, is not a pass")
    func gain() throws {
        #expect(try state("g5", judge(right: 90, of: 100)) == .not_measured)
        #expect(try state("g5", judge(right: 90, of: 100, fewShot: true)) == .pass)
        #expect(try state("g5", judge(right: 20, of: 100, fewShot: true)) == .not_measured)
        #expect(try state("g5", judge(right: 0, of: 100, fewShot: true)) == .fail)
    }

    @Test("every gate of the table is judged, and what nobody measured says what it needs")
    func complete() throws {
        let records = try rows().map(judge(right: 90, of: 100).record)
        #expect(records.map(\.id) == (0...10).map { "g\($0)" })
        for record in records where record.state == .not_measured { #expect(!record.found.isEmpty, "\(record.id)") }
        for id in ["g3", "g4", "g8", "g9"] {
            #expect(records.first { $0.id == id }?.state == .not_measured)
            #expect(records.first { $0.id == id }?.found.hasPrefix("needs ") == true)
        }
    }
}
