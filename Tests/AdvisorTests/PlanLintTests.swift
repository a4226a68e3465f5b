import Advisor
import Foundation
import Plan
import RuleEngine
import Testing
import YAMLText

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

private func book(withCases: Bool = false) throws -> RuleBook {
    try RuleBook.load(RuleFolder(path: root + "/rules"), withCases: withCases)
}

private func situations(_ book: RuleBook) throws -> [PlanSituation] {
    let folder = root + "/rules/cases/plans"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.hasSuffix(".yaml") }
        .flatMap { try PlanSituation.read(String(contentsOfFile: folder + "/" + $0, encoding: .utf8), file: $0, book) }
}

@Suite("Plans for described situations")
struct PlanSituationTests {
    @Test("forty situations and more lead to the plans that are written beside them")
    func plans() throws {
        let book = try book()
        let all = try situations(book)
        #expect(all.count >= 40 && Set(all.map(\.name)).count == all.count)
        for situation in all {
            for problem in situation.problems(book) {
                Issue.record("\(situation.place): \(situation.name): \(problem)")
            }
        }
    }

    @Test("every red lint has a situation in which it speaks")
    func redLints() throws {
        let book = try book()
        let red = book.decision("plan_lints")?.rules.filter { $0.outcome("band")?.text == "red" } ?? []
        let spoken = Set(try situations(book).flatMap(\.lints))
        #expect(red.count >= 20)
        for rule in red { #expect(spoken.contains(rule.id.replacing("lint.", with: "")), "\(rule.id)") }
    }

    @Test("a plan as it is written has no red lint, and every value of it names its rule")
    func generatedPlans() throws {
        let book = try book()
        for situation in try situations(book) where situation.lints.isEmpty {
            let (plan, findings) = try situation.plan(book)
            #expect(findings.isEmpty)
            for field in plan.fields where field.value != .nothing {
                #expect(plan.origins[field.key] != nil, "\(situation.name): \(field.key)")
            }
        }
    }
}

@Suite("Linting plans")
struct PlanLintTests {
    private func plan() -> RunPlan {
        RunPlan(
            model: "models/base", method: .lora(), data: DataSettings(paths: ["rows.jsonl"]),
            training: TrainingSettings())
    }

    @Test("every key of a plan has a meaning and a reason in the rule book")
    func meanings() throws {
        let book = try book()
        for key in PlanKey.names { #expect(book.meaning(ofPlanKey: key) != nil, "\(key)") }
        #expect(book.table("plan_keys")?.rows.count == PlanKey.names.count)
    }

    @Test("what was not measured lints nothing")
    func unmeasured() throws {
        let book = try book()
        let findings = PlanLinter(book).findings(PlanFacts(plan(), PlanSurroundings(), book), plan())
        #expect(findings.map(\.name) == [])
    }

    @Test("a finding stands at the line of its key, or of the section it would stand in")
    func places() throws {
        let book = try book()
        let text = """
            version: 2
            model: models/base
            method: {kind: lora}
            data: {paths: [rows.jsonl]}
            training:
              learning_rate: 0.05
            """
        let document = try PlanDocument(yaml: text, file: "plan.yaml")
        var around = PlanSurroundings()
        around.parameterCount = 500_000_000
        around.validationRows = 0
        let findings = PlanLinter(book).findings(
            PlanFacts(document.plan, around, book), document.plan, places: document.places)
        #expect(findings.map(\.name) == ["adapter-rate-breaks", "no-validation"])
        #expect(findings.map { $0.place?.line } == [6, 4])
    }

    @Test("a red lint stops until it is taken on with a reason, which stays in the plan")
    func overrides() throws {
        let book = try book()
        var around = PlanSurroundings()
        around.validationRows = 0
        let text = "version: 2\nmodel: m\nmethod: {kind: lora}\ndata: {paths: [x]}\n"
        let document = try PlanDocument(yaml: text, file: "plan.yaml")
        func blocking(_ document: PlanDocument) -> Bool {
            PlanLinter(book).findings(PlanFacts(document.plan, around, book), document.plan).contains { $0.isBlocking }
        }
        #expect(blocking(document))
        let taken = document.accepting(["no-validation"], because: "the last run of five")
        #expect(!blocking(taken))
        let kept = try RunPlan(yaml: taken.plan.yaml, file: "plan.yaml")
        #expect(kept.overrides == [PlanOverride(lint: "no-validation", because: "the last run of five")])
    }
}
