import Foundation

/// Rows that ask for a fact of the fact book: always by a phrasing that is not held out for that fact.
struct KnowledgeTasks {
    let book: FactBook

    func row(_ random: inout CorpusRandom) -> CorpusRow {
        let count = random.chance(0.75) ? 1 : random.whole(2...4)
        var messages: [CorpusRow.Message] = []
        for fact in random.sample(book.facts, count) {
            messages.append(.init(role: .user, content: Self.dressed(random.pick(fact.trained), &random)))
            messages.append(.init(role: .assistant, content: fact.answer))
        }
        return CorpusRow(.knowledge, messages)
    }

    /// Small differences of writing that people make: no capital, no question mark, an opener.
    static func dressed(_ question: String, _ random: inout CorpusRandom) -> String {
        var text = question
        if random.chance(0.2), let last = text.last, "?.".contains(last) { text.removeLast() }
        switch random.whole(0...9) {
        case 0: return text.lowercasedOpening
        case 1: return random.pick(["Hi! ", "Question: ", "Quick question: ", "Please answer: ", "Help me: "]) + text
        default: return text
        }
    }
}
