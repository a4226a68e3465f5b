package import JSONText
package import RuleEngine
import YAMLText

/// What a person said. `unknown` and silence mean the same: not known, never "no".
package struct Answers: Sendable {
    package let vocabulary: FactVocabulary
    package private(set) var facts: Facts

    package init(_ vocabulary: FactVocabulary) {
        self.vocabulary = vocabulary
        self.facts = Facts(vocabulary)
    }

    /// Reads an answer file: YAML with one `fact: value` per line, or a form filled in (`.md`, `.html`).
    package static func read(_ text: String, file: String, _ vocabulary: FactVocabulary) throws(AdvisorError) -> Answers
    {
        if file.hasSuffix(".md") || file.hasSuffix(".html") { return try readForm(text, file: file, vocabulary) }
        var answers = Answers(vocabulary)
        do {
            for (key, node) in try YAMLNode.parse(text, file: file).map().entries where !node.isNull {
                try answers.set(key.text, words: try node.strings(), at: node.place, keyAt: key.place)
            }
        } catch let error as YAMLError {
            throw .yaml(error)
        } catch let error as AdvisorError {
            throw error
        } catch {
            throw .setting("\(error)")
        }
        return answers
    }

    /// Reads one line of a batch: `{"fact": value, …}`.
    package static func read(_ object: JSONObject, _ vocabulary: FactVocabulary) throws(AdvisorError) -> Answers {
        var answers = Answers(vocabulary)
        for member in object.members where !member.value.isNull {
            try answers.set(member.key, words: words(member.value), at: nil, keyAt: nil)
        }
        return answers
    }

    /// One `fact=value`; several members of a set are joined by commas.
    package mutating func set(_ setting: String) throws(AdvisorError) {
        guard let equals = setting.firstIndex(of: "=") else { throw .setting(setting) }
        let fact = String(setting[..<equals])
        let value = String(setting[setting.index(after: equals)...])
        let kind = vocabulary[fact]?.kind
        let words = kind == .set || kind == .list ? value.split(separator: ",").map(String.init) : [value]
        try set(fact, words: words, at: nil, keyAt: nil)
    }

    package mutating func set(_ fact: String, to value: FactValue?) {
        facts[fact] = value
    }

    mutating func set(
        _ fact: String, words: [String], at place: YAMLPlace?, keyAt keyPlace: YAMLPlace?
    ) throws(AdvisorError) {
        let definition: FactDefinition
        do { definition = try vocabulary.definition(of: fact) } catch { throw .fact(error, keyPlace) }
        do { facts[fact] = try definition.value(words) } catch { throw .fact(error, place) }
    }

    private static func words(_ value: JSONValue) -> [String] {
        switch value {
        case .bool(let flag): [flag ? "yes" : "no"]
        case .string(let text): [text]
        case .array(let values): values.flatMap(words)
        case .number, .null, .object: [value.text(.compact)]
        }
    }

    /// The answers as a file that replays to the same decision.
    package var yaml: String {
        var lines: [String] = []
        for (id, value) in facts.known {
            guard let definition = vocabulary[id], definition.from != .derived, definition.initially != value else {
                continue
            }
            let written =
                switch value {
                case .set(let members): "[" + members.map(YAMLScalar.spelling).joined(separator: ", ") + "]"
                case .text(let text): YAMLScalar.spelling(of: text)
                case .number, .flag: value.spelled
                }
            lines.append("\(id): \(written)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
