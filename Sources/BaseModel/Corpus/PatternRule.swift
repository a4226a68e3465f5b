import Foundation

/// A rule that maps inputs to outputs, to be read off examples; drawing one fixes its constants.
struct PatternRule {
    var name: String
    /// The answer must already have appeared as an output: true where labels are arbitrary, so only examples tell.
    var answerIsSeen = false
    var pair: (inout CorpusRandom) -> (input: String, output: String)
}

/// Draws pattern rules of every family.
struct PatternRules {
    let words: WordBook
    let facts: FactBook
    let intents: [SectionedText.Section]
    private var records: RecordPatterns { RecordPatterns(words: words) }

    func draw(_ random: inout CorpusRandom) -> PatternRule {
        switch random.whole(0...20) {
        case 0...3: lookup(&random)
        case 4...6: edit(&random)
        case 7...9: categoryLabel(&random)
        case 10, 11: sentence(&random)
        case 12, 13: extraction(&random)
        case 14...16: intentLabel(&random)
        case 17: known(&random)
        case 18, 19: records.draw(&random)
        default: number(&random)
        }
    }

    private func word(_ random: inout CorpusRandom) -> String {
        random.chance(0.3)
            ? words.inventedWord(&random)
            : words.value(of: random.pick(["noun", "animal", "fruit", "tool", "adjective"]), &random)
    }

    /// Pairs without any reason: the query repeats an example's input.
    private func lookup(_ random: inout CorpusRandom) -> PatternRule {
        let table = (0..<random.whole(2...6)).map { _ in (input: word(&random), output: word(&random)) }
        return PatternRule(name: "lookup", answerIsSeen: true) { $0.pick(table) }
    }

    /// Cutting, moving, repeating and wrapping words.
    private func edit(_ random: inout CorpusRandom) -> PatternRule {
        let count = random.whole(2...4)
        let fixed = word(&random)
        let (open, close) = random.pick([("[", "]"), ("(", ")"), ("<", ">"), ("\"", "\""), ("*", "*"), ("- ", " -")])
        let edits: [(String, ([String]) -> [String])] = [
            ("first word", { [$0[0]] }), ("last word", { [$0[$0.count - 1]] }), ("reverse", { $0.reversed() }),
            ("twice", { $0 + $0 }), ("prefix", { [fixed] + $0 }), ("suffix", { $0 + [fixed] }),
            ("wrap", { [open + $0.joined(separator: " ") + close] }), ("drop first", { Array($0.dropFirst()) }),
            ("join with and", { [$0.joined(separator: " and ")] }),
            ("join with commas", { [$0.joined(separator: ", ")] }),
            ("copy", { $0 }), ("second word", { [$0[1]] }), ("constant", { _ in [fixed] }),
        ]
        let (name, change) = random.pick(edits)
        return PatternRule(name: name) { random in
            let input = (0..<count).map { _ in self.word(&random) }
            return (input.joined(separator: " "), change(input).joined(separator: " "))
        }
    }

    /// Two or three groups of words, each with a name that may be arbitrary.
    private func categoryLabel(_ random: inout CorpusRandom) -> PatternRule {
        let lists = random.sample(
            [
                "animal", "fruit", "vegetable", "tool", "clothing", "vehicle", "instrument", "job", "city", "colour",
                "month", "weekday", "name",
            ],
            random.whole(2...3))
        let isNatural = random.chance(0.3)
        let labels = isNatural ? lists : labelNames(lists.count, &random)
        return PatternRule(name: isNatural ? "category" : "category label", answerIsSeen: true) { random in
            let index = random.whole(0...lists.count - 1)
            return (random.pick(self.words.words(lists[index])), labels[index])
        }
    }

    func labelNames(_ count: Int, _ random: inout CorpusRandom) -> [String] {
        random.chance(0.4)
            ? (0..<count).map { _ in words.inventedWord(&random) } : random.sample(words.words("label"), count)
    }

    /// Short requests labelled with their intent, or with an arbitrary name for it.
    private func intentLabel(_ random: inout CorpusRandom) -> PatternRule {
        let chosen = random.sample(intents, random.whole(2...4))
        let isNatural = random.chance(0.5)
        let labels = isNatural ? chosen.map(\.title) : labelNames(chosen.count, &random)
        return PatternRule(name: isNatural ? "intent" : "intent label", answerIsSeen: true) { random in
            let index = random.whole(0...chosen.count - 1)
            var template = PhraseTemplate(words: self.words)
            return (template.fill(random.pick(chosen[index].lines), &random).withArticlesFixed, labels[index])
        }
    }

    /// Two values put into a sentence, or taken out of it again.
    private func sentence(_ random: inout CorpusRandom) -> PatternRule {
        let (slots, form) = random.pick(Self.sentences)
        let joiner = random.pick([", ", " / ", " and ", "; "])
        let isReversed = random.chance(0.3)
        return PatternRule(name: isReversed ? "from sentence" : "to sentence") { random in
            let values = slots.map { self.words.value(of: $0, &random) }
            var template = PhraseTemplate(words: self.words, values: ["x": values[0], "y": values[1]])
            let text = template.fill(form, &random)
            let list = values.joined(separator: joiner)
            return isReversed ? (text, list) : (list, text)
        }
    }

    private static let sentences: [([String], String)] = [
        (["person", "town"], "{x} lives in {y}."), (["person", "fruit"], "{x} ate one {y}."),
        (["item", "price"], "{x} for {y}"), (["person", "weekday"], "{x} comes on {y}."),
        (["noun", "colour"], "The {x} is {y}."), (["town", "year"], "{x} in the year {y}"),
        (["person", "job"], "{x}, our {y}"), (["task_object", "due"], "do {x} {y}"),
        (["company", "phone"], "Call {x} at {y}."), (["animal", "place"], "A {x} in the {y}!"),
    ]

    /// One part of a sentence; which part, only the examples tell.
    private func extraction(_ random: inout CorpusRandom) -> PatternRule {
        let (slots, form) = random.pick([
            (["person", "noun", "weekday"], "{x} bought a {y} on {z}"),
            (["person", "town", "year"], "{x} moved to {y} in {z}"),
            (["task_verb", "task_object", "due"], "{x} {y} {z}"),
            (["product", "price", "town"], "the {x} costs {y} in {z}"),
            (["person", "sport", "place"], "{x} likes {y} near the {z}"),
            (["event", "weekday", "time"], "{x} is on {z1} at {z}"),
            (["code", "person", "count"], "order {x} for {y}: {z} pieces"),
            (["animal", "colour", "petname"], "a {y} {x} named {z}"),
        ])
        let asked = random.whole(0...2)
        return PatternRule(name: "extraction") { random in
            let values = slots.map { self.words.value(of: $0, &random) }
            var template = PhraseTemplate(
                words: self.words, values: ["x": values[0], "y": values[1], "z": values[2], "z1": values[1]])
            return (template.fill(form, &random), values[asked])
        }
    }

    /// Pairs the model can know: opposites, capitals, young animals, symbols.
    private func known(_ random: inout CorpusRandom) -> PatternRule {
        let relation = random.pick(["opposite", "capital", "young", "opposite", "language"])
        let pairs = facts.facts.filter { $0.relation == relation }.map { (input: $0.subject, output: $0.answer) }
        return PatternRule(name: "known " + relation) { $0.pick(pairs) }
    }

    private func number(_ random: inout CorpusRandom) -> PatternRule {
        let step = random.whole(1...5)
        let unit = random.pick(["dollars", "kg", "days", "points"])
        return random.chance(0.5)
            ? PatternRule(name: "add number") { random in
                let n = random.whole(1...20)
                return (String(n), String(n + step))
            }
            : PatternRule(name: "unit") { random in
                let n = random.whole(1...400)
                return (String(n), "\(n) \(unit)")
            }
    }
}
