import JSONText

/// Rows that say the same: how often, and where they disagree.
struct Repetition {
    /// Rows by normalised request and answer; the first row of each set is the one to keep.
    let copies: RowSets
    /// Rows that ask the same under the same system prompt.
    let sameRequest: RowSets
    /// Rows in a set of equal requests whose answers disagree.
    private(set) var conflicting: Set<Int> = []
    private(set) var identical: [(row: Int, first: Int)] = []
    private(set) var sameConversation: [(row: Int, first: Int)] = []
    private(set) var sameText: [(row: Int, first: Int)] = []
    private var conflicts: [(row: Int, other: Int)] = []

    /// How many examples are repeated how often: `[1: 950, 2: 20]` is 950 once and 20 twice.
    var multiplicities: [Int: Int] {
        copies.reduce(into: [:]) { $0[$1.count, default: 0] += 1 }
    }

    init(_ examples: ExampleRows, rules: AuditRules, isClassification: Bool, threads: Int) {
        let keys = inParallel(things: examples.count, size: 2048, threads: threads) { $0.map { Keys(examples[$0]) } }
        let firstOfText = RowSets.firsts(ofEqual: keys.lazy.map(\.text))
        do {
            let firstOfRow = RowSets.firsts(ofEqual: keys.lazy.map(\.row))
            let firstOfBody = RowSets.firsts(ofEqual: keys.lazy.map(\.body))
            for (row, key) in keys.enumerated() {
                let (firstRow, firstBody) = (Int(firstOfRow[row]), Int(firstOfBody[row]))
                if firstRow != row, key.row != 0 {
                    identical.append((row, firstRow))
                } else if firstBody != row {
                    sameConversation.append((row, firstBody))
                } else if firstOfText[row] != row {
                    sameText.append((row, Int(firstOfText[row])))
                }
            }
        }
        copies = RowSets(firsts: firstOfText)
        sameRequest = RowSets(firsts: RowSets.firsts(ofEqual: keys.lazy.map(\.request)))
        for set in sameRequest where set.count > 1 {
            let rows = set.map { Int($0) }
            guard case .chat = examples[rows[0]].body else { continue }
            findConflicts(in: rows, examples, keys, rules: rules, isClassification: isClassification)
        }
    }

    /// Hashes of one row at the levels of sameness.
    private struct Keys: Sendable {
        var row: UInt64
        var body: UInt64
        var text: UInt64
        var request: UInt64
        var answer: UInt64

        init(_ example: Example) {
            row = example.rowHash
            var body: UInt64 = 0
            for message in example.messages {
                body = TextKey.hash(message.content, seed: body &+ UInt64(message.role.rawValue.utf8.count))
                if let fields = message.fields {
                    body = TextKey.hash(JSONValue.object(fields).utf8(.canonical), seed: body)
                }
            }
            if case .plainText(let text) = example.body { body = TextKey.hash(text) }
            self.body = body
            let prompt = TextKey.hash(example.promptKey, seed: 1)
            answer = TextKey.hash(TextKey.normalised(example.completion), seed: 2)
            request = TextKey.hash(example.systemPrompt.map(TextKey.normalised) ?? [], seed: prompt)
            text = request ^ (answer &* 3)
        }
    }

    private mutating func findConflicts(
        in set: [Int], _ examples: ExampleRows, _ keys: [Keys], rules: AuditRules, isClassification: Bool
    ) {
        // Each answer is compared with the first one of its set and with the first different one.
        guard let other = set.first(where: { keys[$0].answer != keys[set[0]].answer }) else { return }
        let answers = AnswerComparison(isClassification: isClassification, leastOverlap: rules[.conflictingText])
        let differ = set.filter { keys[$0].answer != keys[set[0]].answer }
        let disagree = differ.filter { answers.disagree(examples[set[0]].completion, examples[$0].completion) }
        guard !disagree.isEmpty else { return }
        for row in set { conflicting.insert(row) }
        conflicts.append((set[0], disagree.first ?? other))
        conflicts += set.dropFirst().map { ($0, set[0]) }
    }

    func report(_ examples: ExampleRows, rules: AuditRules, into book: inout EvidenceBook) {
        func repeated(_ check: AuditCheck, _ pairs: [(row: Int, first: Int)]) {
            for (row, first) in pairs {
                book.add(check, examples[row].place, "as line \(examples[first].line): \(examples[row].request)")
            }
        }
        repeated(.identicalRows, identical)
        repeated(.sameConversation, sameConversation)
        repeated(.sameText, sameText)
        let frequent = copies.filter { Double($0.count) >= rules[.repeatedOften] }.map { $0.map { Int($0) } }
        for set in frequent.sorted(by: { ($1.count, $0[0]) < ($0.count, $1[0]) }) {
            for (place, row) in set.enumerated() {
                book.add(
                    .repeatedOften, examples[row].place,
                    place == 0 ? "\(set.count) times: \(examples[row].request)" : "again")
            }
        }
        for (row, other) in conflicts.sorted(by: { $0.row < $1.row }) {
            let (one, two) = (examples[row], examples[other])
            book.add(
                .conflictingAnswers, one.place,
                "\(one.request) → \(one.completion) | line \(two.line): \(two.completion)")
        }
    }
}

/// Whether two different answers to one request contradict each other.
struct AnswerComparison {
    var isClassification: Bool
    /// Free texts that share fewer of their words than this disagree.
    var leastOverlap: Double

    func disagree(_ one: String, _ other: String) -> Bool {
        if isClassification { return true }
        if let first = one.structure, let second = other.structure { return first != second }
        return Self.overlap(one, other) < leastOverlap
    }

    /// F1 over words, as in question answering.
    static func overlap(_ one: String, _ other: String) -> Double {
        let first = words(of: one)
        let second = words(of: other)
        var counts: [Substring: Int] = [:]
        for word in first { counts[word, default: 0] += 1 }
        var common = 0
        for word in second {
            guard let left = counts[word], left > 0 else { continue }
            counts[word] = left - 1
            common += 1
        }
        guard common > 0 else { return 0 }
        return 2 * Double(common) / Double(first.count + second.count)
    }

    private static func words(of text: String) -> [Substring] {
        Substring(text.lowercased()).split { !$0.isLetter && !$0.isNumber }
    }
}

extension String {
    fileprivate var structure: JSONValue? {
        guard let first = utf8.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        return try? JSONValue.parse(self)
    }
}
