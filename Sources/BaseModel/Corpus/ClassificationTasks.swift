import Foundation

/// Rows that choose one of the labels named in the prompt: sentiment, topic, intent, with varied label names.
struct ClassificationTasks {
    let words: WordBook
    let intents: [SectionedText.Section]
    let rules: PatternRules

    func row(_ random: inout CorpusRandom) -> CorpusRow {
        let (kind, text, classes, answer) = random.chance(0.5) ? sentiment(&random) : intent(&random)
        if random.chance(0.25) { return renamed(text, classes, answer, &random) }
        let list = random.shuffled(classes)
        let choices = list.dropLast().joined(separator: ", ") + " or " + list[list.count - 1]
        switch random.whole(0...3) {
        case 0:
            return CorpusRow(
                .classification, user: "What is the \(kind) of this text: \(choices)?\n\(text)", assistant: answer)
        case 1:
            return CorpusRow(
                .classification,
                [
                    .init(role: .system, content: "Answer with the \(kind): \(choices)."),
                    .init(role: .user, content: text),
                    .init(role: .assistant, content: answer),
                ])
        case 2: return CorpusRow(.classification, user: "Text: \(text)\nChoose one: \(choices).", assistant: answer)
        default: return CorpusRow(.classification, user: "Is this \(choices)? \"\(text)\"", assistant: answer)
        }
    }

    /// "Say x for a and y for b": the label must be looked up in the prompt.
    private func renamed(_ text: String, _ classes: [String], _ answer: String, _ random: inout CorpusRandom)
        -> CorpusRow
    {
        let names = rules.labelNames(classes.count, &random)
        let key = zip(classes, names).map { "\($1) for \($0)" }.joined(separator: ", ")
        let name = names[classes.firstIndex(of: answer) ?? 0]
        return CorpusRow(.classification, user: "Say \(key).\n\(text)", assistant: name)
    }

    private func sentiment(_ random: inout CorpusRandom) -> (String, String, [String], String) {
        let label = random.pick(["positive", "negative", "neutral"])
        let forms: [String]
        switch label {
        case "positive":
            forms = [
                "I love [this|the] {product}.", "The {food} was [great|wonderful|excellent|delicious].",
                "What a [great|lovely|perfect] {noun}!",
                "{name} was so [kind|helpful|friendly] to us.", "I am very happy with the {product}.",
                "Best {food} I ever had.",
                "The {product} works perfectly, thank you.", "We had a wonderful time in {city}.",
            ]
        case "negative":
            forms = [
                "I hate [this|the] {product}.", "The {food} was [awful|terrible|horrible|cold].",
                "What a [bad|terrible|boring] {noun}!",
                "{name} was so [rude|unfriendly|slow] to us.", "I am very unhappy with the {product}.",
                "Worst {food} I ever had.",
                "The {product} broke after one day.", "We had a terrible time in {city}.",
            ]
        default:
            forms = [
                "The {product} arrived on {weekday}.", "The {food} comes with {drink}.",
                "There is a {noun} in the {place}.",
                "{name} works at the {place}.", "The {product} is {colour}.", "We went to {city} by {vehicle}.",
            ]
        }
        var template = PhraseTemplate(words: words)
        let text = template.fill(random.pick(forms), &random).withArticlesFixed
        return ("sentiment", text, ["positive", "negative", "neutral"], label)
    }

    private func intent(_ random: inout CorpusRandom) -> (String, String, [String], String) {
        let chosen = random.sample(intents, random.whole(2...6))
        let section = random.pick(chosen)
        var template = PhraseTemplate(words: words)
        let text = template.fill(random.pick(section.lines), &random).withArticlesFixed
        return (random.pick(["intent", "topic", "kind"]), text, chosen.map(\.title), section.title)
    }
}
