import Advisor
import RuleEngine
import Testing

@Suite("The questionnaire")
struct QuestionnaireTests {
    private let advisor = RandomCases.advisor

    @Test("ends with a verdict, and every question it asked could still change it")
    func ends() throws {
        for truth in RandomCases.make(40, answered: 1, seed: 5) {
            var questionnaire = Questionnaire(advisor, Answers(RandomCases.vocabulary))
            var asked = 0
            while let question = questionnaire.next {
                let before = questionnaire.decision()
                #expect(before.verdict == .undecided || before.confidence == .contested)
                let value = truth.facts[question.fact]
                let typed = value.map { $0.set?.joined(separator: ",") ?? $0.spelled } ?? "unknown"
                try questionnaire.answer(question, typed.isEmpty ? "unknown" : typed)
                asked += 1
                if asked > 60 { Issue.record("asks without end"); return }
            }
            #expect(questionnaire.decision().verdict != .undecided)
        }
    }

    @Test("asks a person whose prompt works nothing else that matters")
    func stopsEarly() throws {
        var answers = Answers(RandomCases.vocabulary)
        try answers.set("prompting.result=works")
        #expect(Questionnaire(advisor, answers).next == nil)
    }

    @Test("an unknown is not asked again, and going back opens the question anew")
    func backAndUnknown() throws {
        var questionnaire = Questionnaire(advisor, Answers(RandomCases.vocabulary))
        let first = try #require(questionnaire.next)
        try questionnaire.answer(first, "unknown")
        #expect(questionnaire.next?.fact != first.fact)
        let wentBack = questionnaire.back()
        #expect(wentBack)
        #expect(questionnaire.next?.fact == first.fact)
        let wentFurther = questionnaire.back()
        #expect(!wentFurther)
    }

    @Test("every fact the approach can ask for has a question")
    func everyFactHasAQuestion() {
        for definition in RandomCases.relevant { #expect(advisor.book.question(for: definition.id) != nil, "\(definition.id)") }
    }
}
