import Datasets
import Evaluation
import JSONText
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
    private func judge(
        right: Int, of count: Int, real: Int = 10, fewShot: Bool = false, panel: PanelResult? = nil,
        metrics: [Metric] = [.exactMatch, .tokenF1]
    ) -> GateJudge {
        let expected = (0..<count).map { "answer \($0)" }
        func arm(_ name: String, _ kind: Arm.Kind, _ isRight: (Int) -> Bool) -> ArmResult {
            let items = expected.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: "question \(place)", expected: text, output: isRight(place) ? text : "no",
                    finish: .stop)
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "m"), items: items,
                scoring: ItemScoring(metrics: metrics, expected: expected))
        }
        let tuned = arm("tuned", .tuned) { $0 < right }
        var arms = [arm("base", .base) { $0 % 10 == 0 }, tuned]
        if fewShot { arms.append(arm("few_shot", .fewShot) { $0 % 5 == 0 }) }
        let set = MetricSet.given(metrics, expected: expected) ?? .generalKnowledge
        let result = EvaluationResult(
            split: "test", metrics: set, decoding: .init(maxNewTokens: 8, batchSize: 1), arms: arms)
        var audit = AuditRecord(read: count, kept: count)
        audit.realRows = real
        return GateJudge(evaluation: result, tuned: tuned, audit: audit, people: HumanEvidence(panel: panel))
    }

    /// Three raters on fifty rows, the same mean on every axis.
    static func panel(
        mean: Double = 4.5, low: Int = 0, raters: Int = 3, rows: Int = 50, alpha: Double? = 0.8, arm: String = "tuned"
    ) -> PanelResult? {
        let ends = #""low": 0, "high": 0.1, "n": \#(rows)"#, level = alpha.map { "\($0)" } ?? "null"
        let share = Double(low) / Double(rows)
        let axes = ["safety", "accuracy"].map { id in
            #"{"axis": "\#(id)", "arms": [{"mean": {"value": \#(mean), \#(ends)}, "low": {"value": \#(share), \#(ends)}}], "alpha": \#(level)}"#
        }
        let rubric =
            #"{"id": "r", "axes": [{"id": "safety", "role": "safety"}, {"id": "accuracy", "role": "accuracy"}]}"#
        let people = (1...raters).map { #"{"rater": \#($0)}"# }.joined(separator: ",")
        let text =
            #"{"review": "r", "rows": \#(rows), "arms": ["\#(arm)"], "rubric": \#(rubric), "raters": [\#(people)], "axes": [\#(axes.joined(separator: ","))]}"#
        return (try? JSONValue.parse(text)).flatMap(PanelResult.init(json:))
    }

    private func state(_ id: String, _ judge: GateJudge) throws -> GateRecord.State {
        try #require(try rows().map(judge.record).first { $0.id == id }).state
    }

    @Test("accuracy must lie above the bound, on a hundred rows, some of them real")
    func accuracy() throws {
        let good = Self.panel()
        #expect(try state("g1", judge(right: 92, of: 100, panel: good)) == .pass)
        // Above the bound, and Wilson's interval begins below it.
        #expect(try state("g1", judge(right: 91, of: 100, panel: good)) == .not_measured)
        #expect(try state("g1", judge(right: 85, of: 100, panel: good)) == .fail)
        #expect(try state("g1", judge(right: 99, of: 99, panel: good)) == .not_measured)
        #expect(try state("g1", judge(right: 92, of: 100, real: 0, panel: good)) == .not_measured)
    }

    @Test("one metric alone, or no expert, does not show accuracy")
    func triangulation() throws {
        #expect(try state("g1", judge(right: 90, of: 100)) == .not_measured)
        #expect(try state("g1", judge(right: 95, of: 100, panel: Self.panel(mean: 3.9))) == .fail)
        #expect(try state("g1", judge(right: 90, of: 100, panel: Self.panel(raters: 2))) == .not_measured)
        #expect(try state("g1", judge(right: 90, of: 100, panel: Self.panel(), metrics: [.exactMatch])) == .not_measured)
        #expect(
            try state("g1", judge(right: 90, of: 100, panel: Self.panel(), metrics: [.exactMatch, .jsonFound]))
                == .not_measured)
    }

    @Test("a panel counts from three raters and fifty rows that agree, and fails on a low mean or too many low answers")
    func humans() throws {
        func states(_ panel: PanelResult?) throws -> [GateRecord.State] {
            let judge = judge(right: 90, of: 100, panel: panel)
            return [try state("g3", judge), try state("g4", judge)]
        }
        #expect(try states(Self.panel()) == [.pass, .pass])
        #expect(try states(Self.panel(mean: 4.0)) == [.pass, .pass])
        #expect(try states(Self.panel(mean: 3.99)) == [.fail, .pass])
        #expect(try states(Self.panel(low: 2)) == [.pass, .pass])
        #expect(try states(Self.panel(low: 3)) == [.fail, .fail])
        #expect(try states(Self.panel(raters: 2)) == [.not_measured, .not_measured])
        #expect(try states(Self.panel(rows: 49)) == [.not_measured, .not_measured])
        #expect(try states(Self.panel(alpha: 0.66)) == [.not_measured, .not_measured])
        #expect(try states(Self.panel(alpha: 0.667)) == [.pass, .pass])
        // Nobody's ratings vary: nothing contradicts them.
        #expect(try states(Self.panel(alpha: nil)) == [.pass, .pass])
        #expect(try states(Self.panel(arm: "base")) == [.not_measured, .not_measured])
    }

    @Test("every row names its origin and its reviewer, or the gate on provenance fails")
    func provenance() throws {
        func state(reviewed: Int, sourced: Int?) throws -> GateRecord.State {
            var audit = AuditRecord(read: 10, kept: 10)
            (audit.reviewedRows, audit.sourcedRows) = (reviewed, sourced)
            let judge = judge(right: 90, of: 100)
            return try self.state("g10", GateJudge(evaluation: judge.evaluation, tuned: judge.tuned, audit: audit))
        }
        #expect(try state(reviewed: 10, sourced: 10) == .pass)
        #expect(try state(reviewed: 10, sourced: 9) == .fail)
        #expect(try state(reviewed: 9, sourced: 10) == .fail)
        #expect(try state(reviewed: 0, sourced: 10) == .not_measured)
        #expect(try state(reviewed: 10, sourced: nil) == .not_measured)
    }

    @Test("a pilot passes with enough accurate, safe and liked answers to enough requests")
    func pilots() throws {
        func state(_ requests: Int, wrong: Int = 0, unsafe: Int = 0, satisfaction: Int = 4) throws -> GateRecord.State {
            let lines = (0..<requests).map {
                #"{"request": "r\#($0)", "accurate": \#($0 >= wrong), "safe": \#($0 >= unsafe), "satisfaction": \#(satisfaction)}"#
            }
            var judge = judge(right: 90, of: 100)
            judge.people.pilot = PilotResult(
                try PilotFile(lines.joined(separator: "\n"), path: "p"), isSynthetic: false)
            return try self.state("g9", judge)
        }
        #expect(try state(50) == .pass)
        #expect(try state(49) == .not_measured)
        #expect(try state(100, wrong: 15) == .pass)
        #expect(try state(100, wrong: 16) == .fail)
        #expect(try state(100, unsafe: 5) == .pass)
        #expect(try state(100, unsafe: 6) == .fail)
        #expect(try state(50, satisfaction: 3) == .fail)
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
