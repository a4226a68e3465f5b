package import RuleEngine

/// Asks one question at a time, and only those whose answer can still change the verdict.
package struct Questionnaire: Sendable {
    package private(set) var answers: Answers
    private let advisor: Advisor
    private let measured: @Sendable (Answers) -> Situation
    /// Facts asked so far, in order, so that one can go back.
    private var asked: [String] = []
    /// Facts the person does not know; they are not asked again.
    private var notKnown: Set<String> = []

    /// - Parameter measured: Makes a situation of answers; where data was given it adds what was measured in it.
    package init(
        _ advisor: Advisor, _ answers: Answers, measured: @escaping @Sendable (Answers) -> Situation = { Situation($0) }
    ) {
        self.advisor = advisor
        self.answers = answers
        self.measured = measured
    }

    /// The documents questions cite.
    package var sources: SourceBook { advisor.book.sources }

    package func decision() -> Decision { advisor.decide(measured(answers), search: .unknown) }

    /// The next question, or nil when no open answer can change the verdict any more.
    package var next: Question? {
        let known = measured(answers).facts
        for fact in decision().unknown where known[fact] == nil && !notKnown.contains(fact) {
            if let question = advisor.book.question(for: fact) { return question }
        }
        return nil
    }

    /// Neither answered nor read from the data.
    package func isOpen(_ fact: String) -> Bool {
        measured(answers).facts[fact] == nil && !notKnown.contains(fact)
    }

    package func question(for fact: String) -> Question? { advisor.book.question(for: fact) }

    /// Takes the answer as typed; `unknown`, or nothing, leaves the fact unknown.
    package mutating func answer(_ question: Question, _ typed: String) throws(AdvisorError) {
        if typed.isEmpty || typed == "unknown" {
            notKnown.insert(question.fact)
        } else {
            try answers.set("\(question.fact)=\(typed)")
        }
        asked.append(question.fact)
    }

    /// Takes the last answer back; false when there is none.
    package mutating func back() -> Bool {
        guard let fact = asked.popLast() else { return false }
        answers.set(fact, to: nil)
        notKnown.remove(fact)
        return true
    }
}
