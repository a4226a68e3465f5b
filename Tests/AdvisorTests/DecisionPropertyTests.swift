import Advisor
import RuleEngine
import Testing

@Suite("What must hold for every case")
struct DecisionPropertyTests {
    private let advisor = RandomCases.advisor

    private func decide(_ answers: Answers, search: Advisor.Search = .none) -> Decision {
        advisor.decide(Situation(answers), search: search)
    }

    @Test("with the six questions answered there is always a verdict")
    func sixQuestions() {
        let vocabulary = RandomCases.vocabulary
        let kinds = vocabulary["task.kind"]?.values ?? []
        for kind in kinds {
            for flags in 0..<8 {
                for examples in [0, 49, 50, 99, 100, 499, 500, 4999, 5000, 100_000] {
                    for requests in [0, 99, 999, 1000, 1_000_000] {
                        var answers = Answers(vocabulary)
                        answers.set("task.kind", to: .text(kind))
                        answers.set("task.well_defined", to: .flag(flags & 1 == 1))
                        answers.set("latency.sensitive", to: .flag(flags & 2 == 2))
                        answers.set("differentiation.matters", to: .flag(flags & 4 == 4))
                        answers.set("data.examples", to: .number(Double(examples)))
                        answers.set("traffic.requests_per_day", to: .number(Double(requests)))
                        #expect(decide(answers).verdict != .undecided, "\(answers.yaml)")
                    }
                }
            }
        }
    }

    @Test("private or changing facts always bring retrieval into the verdict or beside it", arguments: ["private", "changing"])
    func privateFactsBringRetrieval(need: String) {
        for var answers in RandomCases.make(2000, answered: 0.6, seed: 11) {
            answers.set("knowledge.need", to: .text(need))
            let decision = decide(answers)
            let isThere = decision.verdict == .rag || decision.verdict == .sft_with_rag || decision.with.contains("rag")
            #expect(isThere, "\(answers.yaml)")
        }
    }

    @Test("more data never moves a verdict that trains to one that does not")
    func moreDataNeverStopsTraining() {
        let sizes = [0, 49, 50, 99, 100, 499, 500, 999, 1000, 1499, 1500, 4999, 5000, 50_000, 1_000_000]
        for answered in [0.4, 0.7, 0.95] {
            for case let given in RandomCases.make(1500, answered: answered, seed: 22) {
                var answers = given
                var trained: Int?
                for size in sizes {
                    answers.set("data.examples", to: .number(Double(size)))
                    let verdict = decide(answers).verdict
                    let trains = verdict.trains || verdict == .plain_classifier
                    if let trained, !trains {
                        Issue.record("\(trained) examples train, \(size) give \(verdict):\n\(answers.yaml)")
                    }
                    if trains { trained = size }
                }
            }
        }
    }

    @Test("too little data never leads to training")
    func tooLittleData() {
        for var answers in RandomCases.make(3000, answered: 0.9, seed: 33) {
            for size in [0, 10, 49] {
                answers.set("data.examples", to: .number(Double(size)))
                #expect(!decide(answers).verdict.trains, "\(answers.yaml)")
            }
        }
    }

    @Test("a prompt that works ends it, unless a measurement on the model in question says otherwise")
    func promptThatWorks() {
        for var answers in RandomCases.make(2000, answered: 0.8, seed: 44) {
            answers.set("prompting.result", to: .text("works"))
            #expect(decide(answers).verdict == .prompting, "\(answers.yaml)")
        }
    }

    @Test("a verdict not called contested stays, whatever an open question turns out to be")
    func unknownNeverActsLikeNo() {
        for answered in [0.3, 0.6, 0.8, 0.9] {
            for answers in RandomCases.make(400, answered: answered, seed: 55) {
                let decision = decide(answers)
                if decision.verdict == .undecided || decision.confidence == .contested { continue }
                for definition in RandomCases.relevant where answers.facts[definition.id] == nil {
                    for value in RandomCases.values(of: definition) {
                        var known = answers
                        known.set(definition.id, to: value)
                        let verdict = decide(known).verdict
                        #expect(verdict == decision.verdict, "\(definition.id) = \(value.spelled) in\n\(answers.yaml)")
                    }
                }
            }
        }
    }

    @Test("high stakes always carry review, guardrails, provenance and a preference step")
    func highStakes() {
        for var answers in RandomCases.make(500, answered: 0.7, seed: 66) {
            answers.set("stakes.level", to: .text("high"))
            let names = decide(answers).followUps.map(\.name)
            for name in ["human_review", "guardrails", "provenance", "preference_tuning"] { #expect(names.contains(name)) }
        }
    }

    @Test("an undecided case names what would decide it")
    func undecidedNamesQuestions() {
        for answers in RandomCases.make(800, answered: 0.3, seed: 77) {
            let decision = decide(answers, search: .unknown)
            if decision.verdict == .undecided { #expect(!decision.unknown.isEmpty, "\(answers.yaml)") }
        }
    }

    @Test("answers written as a file replay to the same verdict")
    func replay() throws {
        for answers in RandomCases.make(300, answered: 0.7, seed: 88) where !answers.facts.known.isEmpty {
            let read = try Answers.read(answers.yaml, file: "answers.yaml", RandomCases.vocabulary)
            #expect(decide(read).verdict == decide(answers).verdict)
        }
    }

    @Test("every decision ranks all nine options, the verdict first")
    func ranks() {
        for answers in RandomCases.make(300, answered: 0.7, seed: 99) {
            let decision = decide(answers)
            #expect(decision.options.map(\.rank) == Array(1...9))
            #expect(Set(decision.options.map(\.verdict)).count == 9)
            if decision.verdict != .undecided { #expect(decision.options.first?.verdict == decision.verdict) }
        }
    }
}
