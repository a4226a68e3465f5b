import Advisor
import JSONText
import RuleEngine
import Testing

@Suite("What is said about answers that are missing or do not fit")
struct OpenQuestionTests {
    private let advisor = RandomCases.advisor

    private func answers(_ settings: [String]) throws -> Answers {
        var answers = Answers(RandomCases.vocabulary)
        for setting in settings { try answers.set(setting) }
        return answers
    }

    @Test("an undecided case asks in words, and each answer leads where it says")
    func questions() throws {
        for given in RandomCases.make(200, answered: 0.3, seed: 101) {
            let decision = advisor.decide(Situation(given), search: .unknown)
            guard decision.verdict == .undecided else { continue }
            #expect(decision.questions.contains { $0.couldDecide }, "\(given.yaml)")
            for open in decision.questions {
                #expect(!open.question.ask.isEmpty && open.question.example != nil)
                for answer in open.answers where RandomCases.vocabulary[open.question.fact]?.isNumeric == false {
                    var changed = given
                    try changed.set("\(open.question.fact)=\(answer.spelled)")
                    #expect(advisor.decide(Situation(changed), search: .none).verdict == answer.verdict)
                }
            }
        }
    }

    @Test("numbers are asked for in ranges between the thresholds")
    func ranges() throws {
        let given = try answers([
            "task.kind=summarization", "knowledge.need=none", "task.well_defined=yes", "prompting.result=falls_short",
            "few_shot.result=falls_short", "latency.sensitive=yes", "traffic.requests_per_day=9000",
            "data.can_get_more=yes",
        ])
        let decision = advisor.decide(Situation(given), search: .unknown)
        #expect(decision.verdict == .undecided)
        let open = try #require(decision.questions.first { $0.question.fact == "data.examples" })
        #expect(open.answers.map(\.spelled) == ["less than 50", "50 to less than 500", "500 or more"])
        #expect(open.answers.map(\.verdict).first == .few_shot && open.answers.map(\.verdict).last == .sft)
    }

    @Test("answers that contradict each other are named beside the verdict, not resolved in silence")
    func contradictions() throws {
        let decision = advisor.decide(
            Situation(try answers(["prompting.result=works", "base.capable=no"])), search: .none)
        #expect(decision.verdict == .prompting)
        #expect(decision.contradictions.map(\.id) == ["contradiction.works-but-the-base-cannot"])
        let json = decision.json(advisor.book.sources, next: "")
        #expect(json["contradictions"]?.arrayValue?.count == 1)
    }

    @Test("what the data only suggests fills silence, and an answer that says otherwise stands and is named")
    func suggestions() throws {
        var silent = Situation(try answers([]))
        silent.suggest("task.kind", .text("classification"), by: "the rows")
        #expect(silent.facts["task.kind"] == .text("classification") && silent.disagreements.isEmpty)
        var answered = Situation(try answers(["task.kind=qa", "data.examples=900"]))
        answered.suggest("task.kind", .text("classification"), by: "the rows")
        answered.measure("data.examples", .number(300))
        #expect(answered.facts["task.kind"] == .text("qa") && answered.facts["data.examples"] == .number(300))
        #expect(answered.disagreements.map(\.dataCounts) == [false, true])
    }

    @Test("an option whose turn depends on an answer says on which")
    func waiting() throws {
        let given = try answers(["task.kind=style", "knowledge.need=none", "task.well_defined=yes", "data.examples=10"])
        let decision = advisor.decide(Situation(given), search: .none)
        let constrained = try #require(decision.options.first { $0.verdict == .constrained_output })
        #expect(constrained.waitsFor == ["constrained.result"])
    }
}
