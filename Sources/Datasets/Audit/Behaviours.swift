import JSONText

/// Something the model is to be able to do, and how a row that shows it is recognised.
package struct Behaviour: Sendable, Hashable {
    package var name: String
    /// Any of these in a text; the name itself always counts as a label, a `behaviour` member or a phrase.
    package var phrases: [String]

    package init(name: String, phrases: [String] = []) {
        self.name = name
        self.phrases = phrases
    }
}

/// How many rows show each declared behaviour.
struct BehaviourCoverage {
    private(set) var rows: [(behaviour: Behaviour, count: Int)] = []

    init(_ behaviours: [Behaviour], _ examples: ExampleRows, threads: Int) {
        let matcher = PhraseMatcher(
            behaviours.map { PhraseList(phrases: ([$0.name] + $0.phrases).map { $0.lowercased() }, atStart: false) })
        let names = behaviours.map { TextKey.normalised($0.name) }
        let pieces = ranges(of: examples.count, size: 1024)
        let counted = inParallel(pieces: pieces.count, threads: threads) { piece in
            var counts = [Int](repeating: 0, count: behaviours.count)
            for example in examples[pieces[piece]] {
                for (place, shows) in Self.shown(by: example, matcher, names).enumerated() where shows {
                    counts[place] += 1
                }
            }
            return counts
        }
        for (place, behaviour) in behaviours.enumerated() {
            rows.append((behaviour, counted.reduce(0) { $0 + $1[place] }))
        }
    }

    private static func shown(by example: Example, _ matcher: PhraseMatcher, _ names: [[UInt8]]) -> [Bool] {
        var shows = [Bool](repeating: false, count: names.count)
        var texts = example.messages.filter { $0.role != .system }.map(\.content)
        if case .plainText(let text) = example.body { texts = [text] }
        for text in texts {
            for (place, hit) in matcher.hits(in: text).enumerated() where hit != nil { shows[place] = true }
        }
        let declared = [
            example.completion, example.metadata?["behaviour"]?.stringValue, example.metadata?["behavior"]?.stringValue,
        ]
        for case let text? in declared where text.utf8.count < 80 {
            let key = TextKey.normalised(text)
            for place in names.indices where names[place] == key { shows[place] = true }
        }
        return shows
    }

    func report(rules: AuditRules, into book: inout EvidenceBook) {
        let missing = rows.filter { Double($0.count) < rules[.behaviourRows] }
        guard !missing.isEmpty else { return }
        book[.behaviourMissing].add(rows: missing.count)
        book[.behaviourMissing].outOf = rows.count
        book[.behaviourMissing].detail = missing.prefix(12).map { "\($0.behaviour.name) (\($0.count) rows)" }
            .joined(separator: ", ")
    }
}
