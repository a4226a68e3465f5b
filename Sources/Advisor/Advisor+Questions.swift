import RuleEngine

extension Advisor {
    /// The question for a fact with where each answer alone leads; nil where the rule book has no question for it.
    func openQuestion(
        _ fact: String, _ outcomes: [(value: FactValue, verdict: Decision.Verdict)]
    ) -> Decision.OpenQuestion? {
        guard let question = book.question(for: fact), let definition = book.vocabulary[fact] else { return nil }
        let answers =
            definition.isNumeric
            ? ranges(outcomes, definition)
            : outcomes.map { outcome in
                let word = outcome.value.set?.joined(separator: ",") ?? outcome.value.spelled
                let meaning = question.choices.first { $0.value == word }?.meaning ?? ""
                return Decision.OpenQuestion.Answer(spelled: word, meaning: meaning, verdict: outcome.verdict)
            }
        return Decision.OpenQuestion(question: question, unit: definition.unit, answers: answers)
    }

    /// Numbers were tried once between any two thresholds: neighbours that lead to the same verdict are one range.
    private func ranges(
        _ outcomes: [(value: FactValue, verdict: Decision.Verdict)], _ definition: FactDefinition
    ) -> [Decision.OpenQuestion.Answer] {
        let sorted = outcomes.compactMap { outcome in outcome.value.number.map { (from: $0, verdict: outcome.verdict) }
        }
        .sorted { $0.from < $1.from }
        var starts: [(from: Double, verdict: Decision.Verdict)] = []
        for outcome in sorted where starts.last?.verdict != outcome.verdict { starts.append(outcome) }
        return starts.enumerated().map { index, start in
            let words: String
            if starts.count == 1 {
                words = "any number"
            } else if index + 1 == starts.count {
                words = "\(FactValue.spelled(start.from)) or more"
            } else if index == 0 {
                words = "less than \(FactValue.spelled(starts[1].from))"
            } else {
                words = "\(FactValue.spelled(start.from)) to less than \(FactValue.spelled(starts[index + 1].from))"
            }
            return Decision.OpenQuestion.Answer(spelled: words, meaning: "", verdict: start.verdict)
        }
    }
}
