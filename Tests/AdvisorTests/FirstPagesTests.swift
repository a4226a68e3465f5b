import Advisor
import FileStore
import RuleEngine
import Testing

@Suite("The four pages a user tries first")
struct FirstPagesTests {
    private func decide(_ name: String, _ changes: [String] = []) throws -> Decision {
        let path = RandomCases.rules + "/../examples/\(name)/answers.yaml"
        var answers = try Answers.read(FileStore().readText(path), file: path, RandomCases.vocabulary)
        for change in changes { try answers.set(change) }
        return RandomCases.advisor.decide(Situation(answers))
    }

    @Test("a support bot that must answer in JSON constrains its output before anybody trains")
    func supportBot() throws {
        let decision = try decide("support-json")
        #expect(
            decision.verdict == .constrained_output && decision.decidedBy.first == "approach.constrain-the-output-first"
        )
        // The first source names a strict format as a reason to tune; that stays visible.
        #expect(decision.dissent.contains { $0.dissent.citation.items.contains("A12") })
        #expect(try decide("support-json", ["constrained.result=falls_short"]).verdict == .few_shot)
        let tuned = try decide("support-json", ["constrained.result=falls_short", "few_shot.result=falls_short"])
        #expect(tuned.verdict == .sft && tuned.with == ["constrained_output"])
        #expect(try #require(decision.costs).lines.count == 5)
    }

    @Test("a bot over internal policies retrieves them, however much data there is")
    func policies() throws {
        let decision = try decide("internal-policies")
        #expect(decision.verdict == .rag && decision.reasons.first?.rule.sources.isEmpty == false)
        #expect(try decide("internal-policies", ["data.examples=50000"]).verdict == .rag)
        #expect(decision.followUps.map(\.name).contains("monitoring"))
    }

    @Test(
        "a brand voice with sixty examples shows them in the prompt, and trains only when that fails and more are there"
    )
    func brandVoice() throws {
        let decision = try decide("brand-voice")
        #expect(decision.verdict == .few_shot && decision.sizeBand?.outcome("band") == .text("proof_of_concept"))
        #expect(decision.followUps.map(\.name).contains("collect_data"))
        #expect(try decide("brand-voice", ["few_shot.result=falls_short"]).verdict == .improve_data)
        #expect(try decide("brand-voice", ["few_shot.result=falls_short", "data.examples=120"]).verdict == .sft)
    }

    @Test("a medical triage assistant is not trained on calls nobody reviewed, and says which rule forbids it")
    func triage() throws {
        let decision = try decide("medical-triage")
        #expect(decision.verdict == .improve_data)
        #expect(decision.decidedBy.contains("training-allowed.healthcare-needs-every-example-reviewed"))
        let followUps = Set(decision.followUps.map(\.name))
        #expect(
            followUps.isSuperset(of: ["human_review", "guardrails", "provenance", "preference_tuning", "collect_data"]))
        let reviewed = try decide("medical-triage", ["data.reviewed_share=1"])
        #expect(reviewed.verdict == .sft && reviewed.decidedBy.contains("enough.high-stakes-with-expert-examples"))
        #expect(Set(reviewed.followUps.map(\.name)).isSuperset(of: ["human_review", "guardrails", "provenance"]))
    }

    @Test("each cites a source, ranks all options, and names what would change it")
    func receipts() throws {
        for name in ["support-json", "internal-policies", "brand-voice", "medical-triage"] {
            let decision = try decide(name)
            #expect(decision.confidence == .by_rule, "\(name)")
            #expect(decision.reasons.allSatisfy { !$0.rule.sources.isEmpty || $0.rule.owner != nil })
            #expect(decision.options.count == 9 && !decision.flips.isEmpty && decision.contradictions.isEmpty)
        }
    }
}
