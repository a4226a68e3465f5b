package import Advisor
package import RuleEngine

/// All questions on one page, to be filled in anywhere and read back by `--answers`.
package struct AnswerForm: Sendable {
    package enum Format: String, Sendable, CaseIterable { case markdown = "md", html }

    package let text: String

    /// - Parameters:
    ///   - answers: What is already known; it is filled in.
    ///   - name: File name of the form, for the command that reads it back.
    package init(
        _ answers: Answers, book: RuleBook, format: Format, name: String, _ templates: ReportTemplates
    ) throws(ReportError) {
        var fields: [Page.Field] = []
        for question in book.questions {
            guard let definition = book.vocabulary[question.fact] else { continue }
            fields.append(Page.Field(question, definition, answers.facts[question.fact], number: fields.count + 1))
        }
        let block = Answers.formStart + "\n</script>"
        let page = Page(file: name, fields: fields, answers: block)
        text = try templates.render(page, with: "form." + format.rawValue)
    }

    struct Page {
        let file: String
        let fields: [Field]
        let answers: String

        struct Field {
            let number: String
            let fact: String
            let kind: String
            let ask: String
            let why: String
            let example: String?
            let choices: [Choice]
            let isSet: Bool
            let isRadio: Bool
            let isOpen: Bool
            let unit: String?
            let written: String

            struct Choice {
                let value: String
                /// The value for reading.
                let word: String
                let meaning: String?
                let mark: String
                let isTicked: Bool
            }
        }
    }
}

extension AnswerForm.Page.Field {
    init(_ question: Question, _ definition: FactDefinition, _ known: FactValue?, number: Int) {
        self.number = String(number)
        fact = question.fact
        kind = definition.kind.rawValue
        ask = question.ask
        why = question.why
        example = question.example
        let words = definition.kind == .yes_no ? ["yes", "no"] : definition.values
        let ticked = known.map { $0.set ?? [$0.spelled] } ?? []
        choices = words.map { word in
            let meaning = question.choices.first { $0.value == word }?.meaning
            let isTicked = ticked.contains(word)
            return Choice(
                value: word, word: word.replacing("_", with: " "), meaning: meaning, mark: isTicked ? "x" : " ", isTicked: isTicked)
        }
        isSet = definition.kind == .set
        isOpen = choices.isEmpty
        isRadio = !isSet && !isOpen
        unit = definition.isNumeric ? definition.unit : nil
        let line = known.map { $0.set?.joined(separator: ", ") ?? $0.spelled } ?? ""
        written = isOpen ? String(line.map { $0.isNewline ? " " : $0 }) : ""
    }
}
