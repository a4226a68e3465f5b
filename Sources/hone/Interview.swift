import Advisor
import RuleEngine

/// Holds the questionnaire with a person: one question per step, plain lines, readable aloud.
struct Interview {
    var questionnaire: Questionnaire
    let page: Page

    /// Asks until nothing open can change the verdict, or the person says `done` or closes the input.
    mutating func hold() -> Answers {
        Terminal.say("Answer with a word, a number, `unknown`, `back`, `why` or `done`.")
        while let question = questionnaire.next {
            standing()
            ask(question)
            guard let line = readLine() else { break }
            let typed = line.split(separator: " ").joined(separator: " ").replacing(", ", with: ",")
            switch typed {
            case "done": return questionnaire.answers
            case "back": if !questionnaire.back() { Terminal.say("This is the first question.") }
            case "why", "?": Terminal.say(page.wrap(question.why, indent: 2).joined(separator: "\n"))
            default: take(question, typed)
            }
        }
        return questionnaire.answers
    }

    private mutating func take(_ question: Question, _ typed: String) {
        do {
            try questionnaire.answer(question, expanded(question, typed))
        } catch {
            Terminal.say(error.explanation.text)
        }
    }

    /// `y` and `n`, and the number of a choice, are accepted for the words they stand for.
    private func expanded(_ question: Question, _ typed: String) -> String {
        let definition = questionnaire.answers.vocabulary[question.fact]
        if definition?.kind == .yes_no { return ["y": "yes", "n": "no"][typed.lowercased()] ?? typed.lowercased() }
        guard definition?.kind == .choice, let number = Int(typed), let values = definition?.values,
            values.indices.contains(number - 1)
        else { return typed }
        return values[number - 1]
    }

    /// A running view of how the options stand.
    private func standing() {
        let decision = questionnaire.decision()
        let leading = decision.options.prefix(3).map { "\($0.rank). \($0.verdict.rawValue)" }.joined(separator: "  ")
        let state = decision.verdict == .undecided ? "open" : decision.verdict.rawValue
        Terminal.say("\nso far: \(state)   (\(leading))")
    }

    private func ask(_ question: Question) {
        let definition = questionnaire.answers.vocabulary[question.fact]
        Terminal.say(page.wrap(page.bold(question.ask), indent: 0).joined(separator: "\n"))
        Terminal.say(page.wrap("why I ask: " + question.why, indent: 2, hanging: 4).joined(separator: "\n"))
        if let example = question.example {
            Terminal.say(page.wrap("for example: " + example, indent: 2, hanging: 4).joined(separator: "\n"))
        }
        for (index, value) in (definition?.values ?? []).enumerated() {
            let meaning = question.choices.first { $0.value == value }?.meaning ?? ""
            Terminal.say(page.columns("  \(index + 1). \(value)", meaning, at: 22).joined(separator: "\n"))
        }
        if definition?.kind == .yes_no { Terminal.say("  yes or no") }
        if definition?.isNumeric == true { Terminal.say("  a number of \(definition?.unit ?? "")") }
        Terminal.put("> ", to: 2)
    }
}
