import Foundation

/// Rows whose answer is somewhere in the request: repeat, quote, pick, reverse, sort, count.
struct CopyTasks {
    let words: WordBook

    func row(_ random: inout CorpusRandom) -> CorpusRow {
        switch random.whole(0...9) {
        case 0...3: repeated(&random)
        case 4...7: fromList(&random)
        default: fromRecord(&random)
        }
    }

    /// Words to copy: everyday, invented or mixed, sometimes with numbers and capitals.
    func phrase(_ count: ClosedRange<Int>, _ random: inout CorpusRandom) -> [String] {
        let kind = random.whole(0...3)
        let lists = ["noun", "adjective", "past_verb", "food", "job", "name", "animal", "adverb"]
        return (0..<random.whole(count)).map { _ in
            switch kind {
            case 0: words.inventedWord(&random)
            case 1: words.value(of: random.pick(lists), &random)
            default:
                random.chance(0.2)
                    ? (random.chance(0.5) ? words.inventedName(&random) : String(random.whole(1...999)))
                    : words.value(of: random.pick(lists), &random)
            }
        }
    }

    /// Words, or lines of pairs, written several times over: after the first time every token stands in the context, so
    /// looking back is learned from many tokens a row. Mostly everyday words, which are one token each.
    func repetition(_ random: inout CorpusRandom) -> CorpusRow {
        let text: String
        switch random.whole(0...9) {
        case 0, 1:
            let joiner = random.pick([": ", " = ", " -> ", " is "])
            text = (0..<random.whole(3...8)).map { _ in
                words.inventedWord(&random) + joiner + phrase(1...3, &random).joined(separator: " ")
            }.joined(separator: "\n")
        case 2: text = phrase(4...30, &random).joined(separator: random.pick([" ", ", "]))
        default:
            let lists = ["noun", "adjective", "past_verb", "animal", "place", "verb", "fruit", "name"]
            text = (0..<random.whole(4...24)).map { _ in words.value(of: random.pick(lists), &random) }.joined(
                separator: " ")
        }
        let times = random.whole(2...4)
        let request =
            random.pick(["Write this", "Repeat this", "Copy this", "Say this"])
            + ["", "", " twice", " three times", " four times"][times] + ":\n" + text
        return CorpusRow(
            .repetition, user: request, assistant: Array(repeating: text, count: times).joined(separator: "\n"))
    }

    private func sentence(_ random: inout CorpusRandom) -> String {
        var template = PhraseTemplate(words: words)
        return template.fill(
            random.pick([
                "The {adjective} {animal} {past_verb} the {noun} {adverb}.", "{person} {past_verb} a {noun} in {town}.",
                "My {job} said that the {noun} is {adjective}.",
                "On {weekday} {person} will {verb} the {adjective} {noun}.",
                "There are {count} {plural_noun} in the {place}.",
                "{person} and {name} {past_verb} the {colour} {noun}.",
            ]), &random
        ).withArticlesFixed.capitalizedFirst
    }

    private func repeated(_ random: inout CorpusRandom) -> CorpusRow {
        let text = random.chance(0.4) ? sentence(&random) : phrase(1...10, &random).joined(separator: " ")
        let request = random.pick([
            "Repeat this: {x}", "Copy this text exactly: {x}", "Say \"{x}\".", "Write this again: {x}",
            "Repeat the words between the quotes: \"{x}\"", "Please repeat after me: {x}", "Echo: {x}",
            "Copy: {x}", "Type the following line: {x}", "What is written here? \"{x}\"",
            "Repeat \"{x}\" and nothing else.",
        ]).replacingOccurrences(of: "{x}", with: text)
        if random.chance(0.2) {
            return CorpusRow(
                .copying, user: random.pick(["Put this in quotes: ", "Quote this: "]) + text, assistant: "\"\(text)\"")
        }
        return CorpusRow(.copying, user: request, assistant: text)
    }

    private func fromList(_ random: inout CorpusRandom) -> CorpusRow {
        let items = Array(Set(phrase(2...7, &random))).sorted()
        let list = random.shuffled(items.count < 2 ? items + ["lamp", "river"] : items)
        let separator = random.pick([", ", " ", "; ", ", "])
        let text = list.joined(separator: separator)
        let place = random.whole(0...list.count - 1)
        let asked = list[place]
        let ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
        let tasks: [(String, String)] = [
            ("Repeat the last word of this list: ", list[list.count - 1]),
            ("What is the last item? ", list[list.count - 1]),
            ("What is the first item? ", list[0]),
            ("Repeat the first word: ", list[0]),
            ("What is the \(ordinals[place]) word? ", list[place]),
            ("Give me the \(ordinals[place]) item of the list: ", list[place]),
            ("Reverse the order of these words: ", list.reversed().joined(separator: separator)),
            ("Write the list backwards: ", list.reversed().joined(separator: separator)),
            ("How many items are in this list? ", String(list.count)),
            ("Count the words: ", String(list.count)),
            (
                "Sort these words by the alphabet: ",
                list.sorted { $0.lowercased() < $1.lowercased() }.joined(separator: separator)
            ),
            ("Which word comes after \(list[0])? ", list[1]),
            ("Repeat the list without \(asked): ", list.filter { $0 != asked }.joined(separator: separator)),
            ("Does the list contain \(asked)? ", "Yes"),
            ("Is \(words.inventedWord(&random)) in this list? ", "No"),
            ("Write the list with and between the words: ", list.joined(separator: " and ")),
            ("Repeat the list: ", text),
            ("Say the list twice: ", text + separator + text),
        ]
        let (task, answer) = random.pick(tasks)
        return CorpusRow(.copying, user: task + text, assistant: answer)
    }

    /// Lines of "key: value" and questions on them, answered one after another.
    private func fromRecord(_ random: inout CorpusRandom) -> CorpusRow {
        let joiner = random.pick([": ", " = ", " - ", " is "])
        var lines: [(key: String, value: String)] = []
        for _ in 0..<random.whole(2...8) {
            let key = random.chance(0.5) ? words.inventedWord(&random) : words.value(of: "noun", &random)
            let value = words.value(
                of: random.pick(["invented", "small", "colour", "person", "noun", "code", "price"]), &random)
            if !lines.contains(where: { $0.key == key || $0.value == value }) { lines.append((key, value)) }
        }
        let text = lines.map { $0.key + joiner + $0.value }.joined(separator: "\n")
        var messages: [CorpusRow.Message] = []
        for line in random.sample(lines, random.whole(1...4)) {
            let (question, answer): (String, String) = random.pick([
                ("What is the value of \(line.key)?", line.value), ("What belongs to \(line.key)?", line.value),
                ("\(line.key)?", line.value), ("Which key has \(line.value)?", line.key),
                ("Look up \(line.key).", line.value),
            ])
            messages.append(.init(role: .user, content: messages.isEmpty ? text + "\n" + question : question))
            messages.append(.init(role: .assistant, content: answer))
        }
        return CorpusRow(.copying, messages)
    }
}
