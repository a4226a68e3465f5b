import Evaluation
import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import Registry
import RuleEngine
import Testing

@testable import Workflows

@Suite("People judge a run")
struct ReviewingTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private let store = FileStore()

    private func book() throws -> RuleBook { try RuleBook.load(RuleFolder(path: Self.home + "/rules")) }
    private func templates() throws -> ReportTemplates {
        try ReportTemplates(folder: Self.home + "/templates/report", store)
    }

    private static let nasty = "say \u{202E}olleh\u{202C} to <script>alert(1)</script> שלום | `x`\u{200B}"

    /// A measured run of sixty rows: the base is right once in ten, the tuned model always.
    private func withRun(_ body: (RunFolder, Reviewing) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = RunFolder(path: path + "/20261122-100000-case")
        try store.createFolder(run.path)
        let expected = (0..<60).map { "answer \($0)" }
        func arm(_ name: String, _ kind: Arm.Kind, _ isRight: (Int) -> Bool) -> ArmResult {
            let items = expected.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: place == 0 ? Self.nasty : "question \(place)", expected: text,
                    output: isRight(place) ? text : "\(name): no </script><b>idea</b>", finish: .stop)
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "m"), items: items,
                scoring: ItemScoring(metrics: [.exactMatch], expected: expected))
        }
        let metrics = MetricSet.given([.exactMatch], expected: expected) ?? .generalKnowledge
        let result = EvaluationResult(
            split: "test", metrics: metrics, decoding: .init(maxNewTokens: 8, batchSize: 1),
            arms: [arm("base", .base) { $0 % 10 == 0 }, arm("tuned", .tuned) { _ in true }])
        try result.write(to: run, store)
        let manifest = RunManifest(
            id: run.id, createdAt: "2026-11-22T10:00:00Z", honeVersion: "0.1.0", status: .evaluated)
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.save()
        try body(run, Reviewing(book: try book(), store: store))
    }

    /// Files as the page saves them, the tuned model's answers with 5 and the base's with 2.
    private func files(_ run: RunFolder, raters: ClosedRange<Int>, tuned: Int = 5) throws -> [String] {
        let json = try JSONValue.parse(try store.readText(run.reviewPlan))
        let axes = (json["rubric"]?["axes"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        return try raters.map { rater in
            let cards = (json["cards"]?[rater - 1]?.arrayValue ?? []).map { card -> JSONValue in
                let sides = (card["sides"]?.arrayValue ?? []).compactMap(\.intValue)
                let ratings = sides.enumerated().map { place, arm in
                    (
                        ["a", "b"][place],
                        JSONValue.object(JSONObject(axes.map { ($0, JSONValue(arm == 0 ? tuned : 2)) }))
                    )
                }
                return [
                    "card": card["card"] ?? 0, "ratings": .object(JSONObject(ratings)),
                    "better": JSONValue(["a", "b"][sides.firstIndex(of: 0) ?? 0]),
                ]
            }
            let file: JSONValue = [
                "format": JSONValue(RatingFile.format), "review": json["review"] ?? "", "rater": JSONValue(rater),
                "name": "somebody", "synthetic": json["synthetic"] ?? false, "cards": .array(cards),
            ]
            let path = run.path + "-file-\(rater)-\(tuned).json"
            try store.write(file.text(), to: path)
            return path
        }
    }

    @Test("every rubric has four axes with five written anchors, and says which axis the gates listen to")
    func rubrics() throws {
        let rubrics = Rubric.all(try book())
        #expect(rubrics.map(\.id) == ["quality", "conduct"])
        for rubric in rubrics {
            #expect(rubric.axes.count == 4)
            #expect(rubric.axes.allSatisfy { $0.anchors.count == 5 && !$0.question.isEmpty })
            for role in Rubric.Role.allCases { #expect(rubric.axis(of: role) != nil, "\(rubric.id) \(role)") }
        }
    }

    @Test("a page names no arm, escapes every text, and shows signs nobody could see")
    func pages() throws {
        try withRun { run, reviewing in
            let (review, pages) = try reviewing.make(run, .init(), try templates(), at: "2026-11-22T11:00:00Z")
            #expect(pages.count == 3)
            #expect(review.rows.count == 50)
            for page in pages {
                let text = try store.readText(page)
                #expect(!text.contains("\"tuned\"") && !text.contains("\"base\""))
                #expect(text.components(separatedBy: "</script>").count == 3)
                #expect(!text.contains("<b>idea"))
                #expect(!text.unicodeScalars.contains("\u{202E}"))
                #expect(!text.contains("Demonstration"))
            }
            var wishes = Reviewing.Wishes()
            wishes.isSynthetic = true
            wishes.outputs = 60
            wishes.rubric = "conduct"
            let again = try reviewing.make(run, wishes, try templates(), at: "2026-11-22T11:00:00Z")
            #expect(again.review.id != review.id)
            let text = try store.readText(again.pages[0])
            #expect(text.contains("Demonstration") && text.contains("Harmlessness") && text.contains("U+202E"))
        }
    }

    @Test("ratings reach the gates, the trail and the manifest, and a changed figure is noticed")
    func adding() throws {
        try withRun { run, reviewing in
            _ = try reviewing.make(run, .init(), try templates(), at: "2026-11-22T11:00:00Z")
            let readiness = Readiness(book: try book(), store: store)
            _ = try reviewing.add(try files(run, raters: 1...2), to: run, at: "2026-11-22T12:00:00Z")
            var gates = try #require(try readiness.judge(run, at: "2026-11-22T12:01:00Z")).gates
            #expect(gates.first { $0.id == "g3" }?.state == .not_measured)
            let panel = try reviewing.add(try files(run, raters: 3...3), to: run, at: "2026-11-22T13:00:00Z")
            #expect(panel.raters.count == 3)
            #expect(panel.preference?.wins == 50)
            gates = try #require(
                try readiness.judge(run, writing: try templates(), to: nil, at: "2026-11-22T13:01:00Z")
            ).gates
            #expect(gates.first { $0.id == "g3" }?.state == .pass)
            #expect(gates.first { $0.id == "g4" }?.state == .pass)
            #expect(try AuditTrail(run, store: store).read().entries.count { $0.kind == .review } == 3)
            func differences() throws -> [RunVerification.Difference] {
                try RunVerification(run, templates: try templates(), book: try book(), store: store).differences
            }
            #expect(try differences() == [])
            let text = try store.readText(run.panel)
            try store.write(text.replacing("\"wins\": 50", with: "\"wins\": 51"), to: run.panel)
            var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
            try record.save()
            #expect(try differences().contains(.notRecomputed("review/panel.json")))
        }
    }

    @Test("nobody is counted twice, a new review throws nothing away by itself, and answers must be today's")
    func refusals() throws {
        try withRun { run, reviewing in
            let time = "2026-11-22T12:00:00Z"
            #expect(throws: ReviewError.noReview(run: run.path)) { try reviewing.add(["x"], to: run, at: time) }
            _ = try reviewing.make(run, .init(), try templates(), at: time)
            let first = try files(run, raters: 1...1), other = try files(run, raters: 1...1, tuned: 4)
            #expect(throws: RatingFileError.sameRater(rater: 1, paths: first + other)) {
                try reviewing.add(first + other, to: run, at: time)
            }
            #expect(!store.isFile(run.ratings(rater: 1)))
            _ = try reviewing.add(first, to: run, at: time)
            _ = try reviewing.add(first, to: run, at: time)
            #expect(throws: RatingFileError.sameRater(rater: 1, paths: [run.ratings(rater: 1)] + other)) {
                try reviewing.add(other, to: run, at: time)
            }
            #expect(try reviewing.add(other, to: run, replaces: true, at: time).axes[0].arms[0].mean.value == 4)
            #expect(throws: ReviewError.ratingsThere(run: run.path, raters: [1])) {
                try reviewing.make(run, .init(), try templates(), at: time)
            }
            let items = run.evalItems(arm: "tuned")
            try store.write(
                try store.readText(items).replacing("\"output\":\"answer 3\"", with: "\"output\":\"else\""), to: items)
            #expect(throws: ReviewError.answersChanged(run: run.path)) {
                try reviewing.add(try files(run, raters: 2...2), to: run, at: time)
            }
            #expect(throws: ReviewError.noSuchRubric("beauty", known: ["quality", "conduct"])) {
                var wishes = Reviewing.Wishes()
                (wishes.rubric, wishes.replaces) = ("beauty", true)
                _ = try reviewing.make(run, wishes, try templates(), at: time)
            }
        }
    }

    @Test("a gate that somebody takes on stays what it is, keeps the run from READY, and is void in another state")
    func overrides() throws {
        try withRun { run, reviewing in
            let readiness = Readiness(book: try book(), store: store)
            try readiness.override("g3", of: run, as: "Ann", because: "we know them", at: "2026-11-22T12:00:00Z")
            var gate = try #require(try readiness.judge(run, at: "2026-11-22T12:01:00Z")?.gates.first { $0.id == "g3" })
            #expect(gate.state == .not_measured)
            #expect(gate.isTakenOn)
            #expect(gate.override?.name == "Ann")
            #expect(throws: OverrideError.nothingToTakeOn("g7", state: .does_not_apply)) {
                try readiness.override("g7", of: run, as: "Ann", because: "x", at: "2026-11-22T12:00:00Z")
            }
            #expect(throws: OverrideError.self) {
                try readiness.override("g11", of: run, as: "Ann", because: "x", at: "2026-11-22T12:00:00Z")
            }
            _ = try reviewing.make(run, .init(), try templates(), at: "2026-11-22T13:00:00Z")
            _ = try reviewing.add(try files(run, raters: 1...3, tuned: 3), to: run, at: "2026-11-22T13:00:00Z")
            gate = try #require(try readiness.judge(run, at: "2026-11-22T13:01:00Z")?.gates.first { $0.id == "g3" })
            #expect(gate.state == .fail)
            #expect(!gate.isTakenOn)
            let input = try ReportInput(folder: run, store)
            #expect(input.gates.first { $0.id == "g3" } == gate)
            #expect(input.readiness == "not_ready")
        }
        var gates = [GateRecord(id: "g1", title: "", state: .fail, found: "")]
        gates[0].override = .init(name: "Ann", because: "x", time: "", state: .fail)
        #expect(Readiness.verdict(gates, isBetter: true) == .promising)
        gates[0].override?.state = .not_measured
        #expect(Readiness.verdict(gates, isBetter: true) == .not_ready)
    }

    @Test("a pilot reaches gate G9, and held-out requests are no pilot")
    func pilot() throws {
        try withRun { run, reviewing in
            func line(_ request: String) -> String {
                #"{"request": "\#(request)", "accurate": true, "safe": true, "satisfaction": 5}"#
            }
            let file = run.path + "-pilot.jsonl", time = "2026-11-22T12:00:00Z"
            try store.write((1...50).map { line("new \($0)") }.joined(separator: "\n"), to: file)
            let pilot = try reviewing.addPilot(file, to: run, isSynthetic: true, at: time)
            #expect(pilot.requests == 50 && pilot.isSynthetic)
            let gates = try #require(try Readiness(book: try book(), store: store).judge(run, at: time)).gates
            #expect(gates.first { $0.id == "g9" }?.state == .pass)
            #expect(try reviewing.pilot(of: run) == pilot)
            #expect(try ReportInput(folder: run, store).synthetic == ["pilot"])
            try store.write(line("question 5"), to: file)
            #expect(throws: PilotFileError.self) { try reviewing.addPilot(file, to: run, isSynthetic: false, at: time) }
        }
    }

    @Test("the human gates listen to the numbers of the table `review`")
    func limits() throws {
        let limits = HumanEvidence.Limits(try book())
        #expect(limits.raters == 3 && limits.outputs == 50 && limits.agreement == 0.667)
        #expect(limits.lowShare == 0.05 && limits.mark == 4 && limits.automaticMetrics == 2)
        #expect(limits.pilotUnsafe == 0.05 && limits.pilotSatisfaction == 4)
    }
}
