import Advisor
import RuleEngine

/// Holds the questionnaire with a person: one question per step, plain lines, readable aloud.
struct Interview {
    var questionnaire: Questionnaire
    let page: Page

    /// Asks until nothing open can change the verdict, or the person says `done` or closes the input.
    mutating func hold() -> Answers {
        Terminal.say("Answer with a word, a number, `unknown`, `back`, `why` or `done`.")
        tellWhatTheDataSays()
        var isAgain = false
        while let question = questionnaire.next {
            if !isAgain {
                standing()
                ask(question)
            }
            Terminal.put("> ", to: 2)
            guard let line = readLine() else {
                Terminal.say()
                break
            }
            let typed = line.split(separator: " ").joined(separator: " ").replacing(", ", with: ",")
            isAgain = false
            switch typed {
            case "done": return questionnaire.answers
            case "back": if !questionnaire.back() { Terminal.say("This is the first question.") }
            case "why", "?":
                explain(question)
                isAgain = true
            default: isAgain = !take(question, typed)
            }
        }
        return questionnaire.answers
    }

    /// Asks these facts in their order, whatever the verdict; what is known already is not asked.
    mutating func hold(only facts: [String]) -> Answers {
        Terminal.say("Answer with a word, a number or `unknown`; `why` gives the reason for a question.")
        tellWhatTheDataSays()
        for fact in facts {
            guard questionnaire.isOpen(fact), let question = questionnaire.question(for: fact) else { continue }
            Terminal.say()
            ask(question)
            while true {
                Terminal.put("> ", to: 2)
                guard let line = readLine() else {
                    Terminal.say()
                    return questionnaire.answers
                }
                let typed = line.split(separator: " ").joined(separator: " ").replacing(", ", with: ",")
                if typed == "done" { return questionnaire.answers }
                if typed == "why" || typed == "?" {
                    explain(question)
                } else if take(question, typed) {
                    break
                }
            }
        }
        return questionnaire.answers
    }

    /// False when the answer was not understood; then the same question waits for another one.
    private mutating func take(_ question: Question, _ typed: String) -> Bool {
        let before = questionnaire.decision()
        do {
            try questionnaire.answer(question, expanded(question, typed))
        } catch {
            let explanation = error.explanation
            Terminal.say(
                page.wrap(explanation.what + (explanation.hint.map { ": " + $0 } ?? ""), indent: 2).joined(
                    separator: "\n"))
            return false
        }
        let after = questionnaire.decision()
        let known = Set(before.contradictions.map(\.id))
        for rule in after.contradictions where !known.contains(rule.id) {
            Terminal.say(
                page.item("!", "these answers contradict each other: \(rule.title). \(rule.rationale)").joined(
                    separator: "\n"))
        }
        for disagreement in after.situation.disagreements where !before.situation.disagreements.contains(disagreement) {
            Terminal.say(page.item("!", disagreement.words).joined(separator: "\n"))
        }
        return true
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

    /// What need not be asked, because it was counted, and where that differs from what was answered before.
    private func tellWhatTheDataSays() {
        let situation = questionnaire.decision().situation
        let read = situation.facts.known.filter { id, _ in
            guard situation.facts.vocabulary[id]?.from == .answer else { return false }
            switch situation.origin(of: id) {
            case .measured?, .derived?: return true
            case .answered?, .assumed?, nil: return false
            }
        }
        if !read.isEmpty {
            let words = read.map { "\($0.id) \($0.value.spelled)" }.joined(separator: ", ")
            Terminal.say(page.wrap("read from the data: " + words, indent: 0, hanging: 2).joined(separator: "\n"))
        }
        for disagreement in situation.disagreements {
            Terminal.say(page.item("!", disagreement.words).joined(separator: "\n"))
        }
    }

    /// A running view of how the options stand: the verdict so far, what else is open, and what is out.
    private func standing() {
        let decision = questionnaire.decision()
        let state = decision.verdict == .undecided ? "undecided" : decision.verdict.rawValue
        let others = decision.options.filter { $0.verdict != decision.verdict }
        Terminal.say()
        Terminal.say(page.wrap("so far: \(state)", indent: 0).joined(separator: "\n"))
        for (name, isOpen) in [("still open", true), ("behind so far", false)] {
            let options = others.filter { $0.waitsFor.isEmpty != isOpen }.map(\.verdict.rawValue)
            if options.isEmpty { continue }
            let line = name + ": " + options.joined(separator: ", ")
            Terminal.say(page.wrap(line, indent: 0, hanging: 2).joined(separator: "\n"))
        }
    }

    private func explain(_ question: Question) {
        Terminal.say(page.wrap(question.why, indent: 2).joined(separator: "\n"))
        for citation in question.sources {
            let source = questionnaire.sources.spelled(citation)
            Terminal.say(page.wrap("source: " + source, indent: 2, hanging: 4).joined(separator: "\n"))
        }
    }

    private func ask(_ question: Question) {
        let definition = questionnaire.answers.vocabulary[question.fact]
        Terminal.say(page.wrap(question.ask, indent: 0).map(page.bold).joined(separator: "\n"))
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
    }
}
