/// Patterns whose outputs are records in some notation, JSON-like ones among them: the form is read from the examples.
struct RecordPatterns {
    let words: WordBook

    /// Keys and the slot their values are drawn from.
    private static let fields = [
        "name": "person", "city": "town", "colour": "colour", "animal": "animal", "food": "food", "day": "weekday",
        "job": "job", "item": "noun", "count": "small", "place": "place", "title": "title", "due": "due",
        "priority": "priority", "action": "verb", "status": "adjective", "price": "price", "code": "code", "time": "time",
    ]

    func draw(_ random: inout CorpusRandom) -> PatternRule {
        let keys = random.sample(Self.fields.keys.sorted(), random.whole(1...4))
        // Some records have a member that is always the same, so that not all of them is copied from the input.
        let fixed = random.chance(0.4) ? fixedMember(besides: keys, &random) : []
        let joiner = random.pick([", ", " / ", "; ", " - "])
        let notation = Notation.allCases[random.whole(0...Notation.allCases.count - 1)]
        let isReversed = random.chance(0.3)
        return PatternRule(name: "record") { random in
            let values = keys.map { (key: $0, value: value(of: $0, &random)) }
            let members = fixed + (isReversed ? values.reversed() : values)
            return (values.map(\.value).joined(separator: joiner), notation.text(members))
        }
    }

    private func fixedMember(besides keys: [String], _ random: inout CorpusRandom) -> [(key: String, value: String)] {
        let values = [
            "action": random.pick(words.words("verb")), "due": "null", "kind": random.pick(words.words("noun")),
            "priority": random.pick(words.words("priority")), "status": "null", "type": random.pick(words.words("noun")),
        ]
        let key = random.pick(values.keys.filter { !keys.contains($0) }.sorted())
        return values[key].map { [(key, $0)] } ?? []
    }

    private func value(of key: String, _ random: inout CorpusRandom) -> String {
        key == "title"
            ? random.pick(words.words("task_verb")) + " " + random.pick(words.words("task_object"))
            : words.value(of: Self.fields[key] ?? key, &random)
    }

    private enum Notation: CaseIterable {
        case json, looseJSON, assignments, elements, lines, list

        func text(_ members: [(key: String, value: String)]) -> String {
            switch self {
            case .json: "{" + members.map { "\"\($0.key)\":" + quoted($0.value) }.joined(separator: ",") + "}"
            case .looseJSON: "{" + members.map { "\"\($0.key)\": " + quoted($0.value) }.joined(separator: ", ") + "}"
            case .assignments: members.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            case .elements: members.map { "<\($0.key)>\($0.value)</\($0.key)>" }.joined()
            case .lines: members.map { "\($0.key): \($0.value)" }.joined(separator: " | ")
            case .list: "[" + members.map(\.value).joined(separator: ", ") + "]"
            }
        }

        private func quoted(_ value: String) -> String { value == "null" ? value : "\"\(value)\"" }
    }
}
