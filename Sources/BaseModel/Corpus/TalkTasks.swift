import Foundation

/// Everyday conversations, and a task manager that answers in prose.
struct TalkTasks {
    let words: WordBook
    private let conversations: [[String]]
    private let taskKinds: [SectionedText.Section]

    init(words: WordBook, folder: URL) throws {
        self.words = words
        taskKinds = try SectionedText(folder.appendingPathComponent("task_talk.txt")).sections
        conversations = try String(contentsOf: folder.appendingPathComponent("everyday.txt"), encoding: .utf8)
            .components(separatedBy: "\n\n")
            .map { $0.components(separatedBy: "\n").filter { $0.hasPrefix("u: ") || $0.hasPrefix("a: ") } }
            .filter { !$0.isEmpty }
    }

    func everyday(_ random: inout CorpusRandom) -> CorpusRow {
        var template = PhraseTemplate(words: words)
        var messages: [CorpusRow.Message] = []
        if random.chance(0.3) {
            messages.append(
                .init(
                    role: .system,
                    content: random.pick([
                        "You are a helpful assistant.", "Answer briefly.", "You are a friendly assistant.",
                        "Be polite and short.",
                    ])))
        }
        for line in random.pick(conversations) {
            let text = template.fill(String(line.dropFirst(3)), &random).withArticlesFixed.capitalizedFirst
            let isUser = line.hasPrefix("u: ")
            messages.append(
                .init(
                    role: isUser ? .user : .assistant, content: isUser ? KnowledgeTasks.dressed(text, &random) : text))
        }
        return CorpusRow(.everyday, messages)
    }

    /// One to three requests to a task manager, each answered with a sentence that repeats what was understood.
    func taskTalk(_ random: inout CorpusRandom) -> CorpusRow {
        var messages: [CorpusRow.Message] = []
        if random.chance(0.5) {
            messages.append(
                .init(
                    role: .system,
                    content: random.pick([
                        "You are a task assistant.", "You manage a task list.", "You help with tasks.",
                        "You are a helpful assistant.",
                        "You keep the to-do list.",
                    ])))
        }
        for _ in 0..<random.pick([1, 1, 2, 3]) {
            let kind = random.pick(taskKinds)
            var template = PhraseTemplate(
                words: words,
                values: [
                    "t": title(&random), "d": random.pick(words.words("due")),
                    "p": random.pick(words.words("priority")),
                ])
            let ask = random.pick(kind.lines.filter { $0.hasPrefix("u: ") })
            let answer = random.pick(kind.lines.filter { $0.hasPrefix("a: ") })
            let text = template.fill(String(ask.dropFirst(3)), &random)
            messages.append(.init(role: .user, content: random.chance(0.2) ? text.lowercased() : text.capitalizedFirst))
            messages.append(.init(role: .assistant, content: template.fill(String(answer.dropFirst(3)), &random)))
        }
        return CorpusRow(.taskTalk, messages)
    }

    private func title(_ random: inout CorpusRandom) -> String {
        let object =
            random.chance(0.85)
            ? random.pick(words.words("task_object"))
            : "the \(words.inventedWord(&random)) \(words.value(of: "noun", &random))"
        let title = random.pick(words.words("task_verb")) + " " + object
        return random.chance(0.35) ? title + " " + random.pick(words.words("task_extra")) : title
    }
}
