import Foundation

/// Rows that answer from a passage in the prompt; every name and value is invented, so memory is of no use.
struct PassageTasks {
    let words: WordBook
    let book: PassageBook

    static let notStated = "The passage does not say."

    private struct Stated {
        var subject: String
        var attribute: PassageBook.Attribute
        var value: String
    }

    /// `questions` fixes the number of questions; by default up to ten follow each other.
    func row(questions: Int? = nil, _ random: inout CorpusRandom) -> CorpusRow {
        if random.chance(0.15) { return priceList(questions: questions, &random) }
        let kind = random.pick(book.kinds)
        let subjectCount = random.pick([1, 1, 1, 2, 2, 2, 3, 3, 4, 6, 9])
        let perSubject = subjectCount > 4 ? 2...4 : 2...6
        var subjects: [String] = []
        while subjects.count < subjectCount {
            let subject = words.value(of: kind.subjectSlot, &random)
            if !subjects.contains(where: { $0.contains(subject) || subject.contains($0) }) { subjects.append(subject) }
        }
        var stated: [Stated] = []
        var unstated: [(subject: String, attribute: PassageBook.Attribute)] = []
        for subject in subjects {
            let order = random.shuffled(kind.attributes)
            let count = min(random.whole(perSubject), order.count)
            for attribute in order.prefix(count) {
                stated.append(
                    Stated(subject: subject, attribute: attribute, value: words.value(of: attribute.slot, &random)))
            }
            unstated += order.dropFirst(count).map { (subject, $0) }
        }
        let told = random.chance(0.3) ? random.shuffled(stated) : stated
        let text = told.map { filled(random.pick($0.attribute.statements), $0.subject, $0.value) }
            .joined(separator: random.chance(0.85) ? " " : "\n")
        var asked: [(question: String, answer: String)] = []
        let order = random.shuffled(stated)
        // A question costs little beside its passage, so a training row asks many.
        for index in 0..<(questions ?? min(random.pick([2, 3, 4, 6, 8, 10]), stated.count + 1)) {
            if random.chance(0.05), !unstated.isEmpty {
                let missing = random.pick(unstated)
                asked.append((filled(random.pick(missing.attribute.questions), missing.subject, ""), Self.notStated))
            } else {
                asked.append(question(order[index % order.count], among: stated, &random))
            }
        }
        return conversation(text, asked, &random)
    }

    private func question(_ fact: Stated, among stated: [Stated], _ random: inout CorpusRandom) -> (
        question: String, answer: String
    ) {
        let twins = stated.filter { $0.attribute.slot == fact.attribute.slot && $0.value == fact.value }
        if twins.count == 1, !fact.attribute.reversedQuestions.isEmpty, random.chance(0.2) {
            return (filled(random.pick(fact.attribute.reversedQuestions), fact.subject, fact.value), fact.subject)
        }
        return (filled(random.pick(fact.attribute.questions), fact.subject, fact.value), fact.value)
    }

    private func filled(_ template: String, _ subject: String, _ value: String) -> String {
        template.replacingOccurrences(of: "{s}", with: subject).replacingOccurrences(of: "{v}", with: value)
            .withArticlesFixed.capitalizedFirst
    }

    /// Lines of wares with prices, the kind of document a price desk keeps.
    private func priceList(questions: Int?, _ random: inout CorpusRandom) -> CorpusRow {
        let products = random.sample(words.words("product") + words.words("fruit"), random.pick([3, 5, 8, 12]))
        let joiner = random.pick([": ", " - ", " costs ", " | "])
        let lines = products.map { (product: $0, price: words.value(of: "price", &random)) }
        let heading = random.pick([
            "Prices today", "Price list of \(words.value(of: "company", &random))", "Our prices", "Catalogue",
        ])
        let text = heading + "\n" + lines.map { $0.product + joiner + $0.price }.joined(separator: "\n")
        let asked = (0..<(questions ?? random.whole(2...6))).map { _ -> (question: String, answer: String) in
            let line = random.pick(lines)
            let other = random.pick(words.words("product"))
            if random.chance(0.05), !products.contains(other) {
                return ("How much is the \(other)?", Self.notStated)
            }
            if random.chance(0.2), lines.filter({ $0.price == line.price }).count == 1 {
                return ("What costs \(line.price)?", line.product)
            }
            return (
                random.pick([
                    "How much is the \(line.product)?", "What does the \(line.product) cost?",
                    "What is the price of the \(line.product)?",
                    "Price of the \(line.product)?", "How much do I pay for the \(line.product) today?",
                ]), line.price
            )
        }
        return conversation(text, asked, &random)
    }

    private func conversation(
        _ text: String, _ asked: [(question: String, answer: String)], _ random: inout CorpusRandom
    ) -> CorpusRow {
        var messages: [CorpusRow.Message] = []
        let first = asked[0].question
        switch random.whole(0...7) {
        case 0: messages = [.init(role: .user, content: "Passage: \(text)\nQuestion: \(first)")]
        case 1:
            messages = [.init(role: .user, content: "Read this text and answer the question.\n\n\(text)\n\n\(first)")]
        case 2: messages = [.init(role: .user, content: "Context:\n\(text)\n\nQuestion: \(first)\nAnswer:")]
        case 3: messages = [.init(role: .user, content: "\(first)\n\nUse this text: \(text)")]
        case 4:
            messages = [
                .init(role: .system, content: "Answer from this text only.\n" + text),
                .init(role: .user, content: first),
            ]
        case 5: messages = [.init(role: .user, content: "\(text)\n\(first)")]
        case 6: messages = [.init(role: .user, content: "Document: \(text)\n\nAnswer from the document. \(first)")]
        default: messages = [.init(role: .user, content: "According to this text: \"\(text)\" \(first)")]
        }
        messages.append(.init(role: .assistant, content: asked[0].answer))
        for next in asked.dropFirst() {
            messages.append(.init(role: .user, content: next.question))
            messages.append(.init(role: .assistant, content: next.answer))
        }
        return CorpusRow(.passage, messages)
    }
}
