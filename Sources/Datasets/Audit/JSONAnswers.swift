import JSONText

/// What structured answers have in common, and which of them differ.
///
/// There is no declared schema, so the answers themselves are asked: a key nearly all have is expected, a type nearly all
/// values of a key have is the usual one.
struct JSONAnswers {
    private let rules: AuditRules
    private let threads: Int
    /// Share of the answers that are JSON or were meant to be.
    let share: Double
    /// For each row whether its answer is JSON or was meant to be. The answers are read again where they are reported:
    /// kept as values they would need many times their bytes.
    private let isStructured: [Bool]
    private var facts: Facts
    /// What the answers ask for, by a member such as `action`; nil where no such member says it.
    let kinds: AnswerKinds?

    private enum Broken {
        case python
        case syntax(JSONSyntaxError)
    }

    init(_ examples: ExampleRows, rules: AuditRules, threads: Int) {
        self.rules = rules
        self.threads = threads
        let kindKeys = rules.phrases("answer_kind_keys").phrases
        var facts = Facts(kindKeys: kindKeys)
        var isStructured: [Bool] = []
        isStructured.reserveCapacity(examples.count)
        let pieces = ranges(of: examples.count, size: 2048)
        for wave in ranges(of: pieces.count, size: 4 * max(1, threads)) {
            let parts = inParallel(pieces: wave.count, threads: threads) { place in
                var facts = Facts(kindKeys: kindKeys)
                let kinds = pieces[wave.lowerBound + place].map { row -> Bool in
                    switch Self.read(examples[row].completion) {
                    case .text: return false
                    case .broken: return true
                    case .value(let value, _):
                        facts.add(value)
                        return true
                    }
                }
                return (kinds, facts)
            }
            for (kinds, found) in parts {
                isStructured += kinds
                facts.join(found)
            }
        }
        self.isStructured = isStructured
        self.facts = facts
        kinds = facts.kinds(atLeast: rules[.jsonAnswers] * Double(examples.count))
        share = examples.isEmpty ? 0 : Double(isStructured.count { $0 }) / Double(examples.count)
    }

    var areExpected: Bool { share >= rules[.jsonAnswers] }

    private enum Reading: Sendable {
        case text
        case value(JSONValue, isFenced: Bool)
        case broken(Broken)
    }

    private static func read(_ answer: String) -> Reading {
        var body = answer[...]
        while let first = body.first, first.isWhitespace { body.removeFirst() }
        var isFenced = false
        if body.hasPrefix("```") {
            let inside = body.drop { $0 != "\n" }.dropFirst()
            guard let first = inside.first(where: { !$0.isWhitespace }), "{[".contains(first) else { return .text }
            body = inside.suffix(3) == "```" ? inside.dropLast(3) : inside.prefix(while: { $0 != "`" })
            isFenced = true
        }
        guard let first = body.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            return .text
        }
        do throws(JSONSyntaxError) {
            let value = try JSONValue.parse(String(body))
            // `[1]` and `[see note]` open many plain texts.
            return value.objectValue != nil || value[0]?.objectValue != nil ? .value(value, isFenced: isFenced) : .text
        } catch {
            switch error.reason {
            case .singleQuotes, .foreignLiteral("None"), .foreignLiteral("True"), .foreignLiteral("False"):
                return .broken(.python)
            default:
                // A bracket that opens prose is no attempt at JSON.
                return first == UInt8(ascii: "{") && body.contains(":") ? .broken(.syntax(error)) : .text
            }
        }
    }

    func report(_ examples: ExampleRows, into book: inout EvidenceBook) {
        let usual = areExpected ? facts.usual(rules) : nil
        let rows = isStructured.indices.filter { isStructured[$0] }
        let pieces = ranges(of: rows.count, size: 2048)
        let found = inParallel(pieces: pieces.count, threads: threads) { piece in
            var book = EvidenceBook()
            for row in rows[pieces[piece]] { look(at: examples[row], usual, into: &book) }
            return book
        }
        for part in found { book.join(part) }
        guard let few = kinds?.kinds.filter({ Double($0.count) < rules[.fewPerLabel] }), !few.isEmpty else { return }
        book[.fewPerLabel].add(rows: few.reduce(0) { $0 + $1.count })
        book[.fewPerLabel].detail = few.prefix(8).map { "\($0.text) (\($0.count))" }.joined(separator: ", ")
    }

    private func look(at example: Example, _ usual: Usual?, into book: inout EvidenceBook) {
        let answer = example.completion
        switch Self.read(answer) {
        case .text: return
        case .broken(.python): book.add(.pythonLiteralAnswer, example.place, answer)
        case .broken(.syntax(let error)):
            guard areExpected else { return }
            book.add(.brokenJSONAnswer, example.place, Excerpt.of(answer, aroundByte: error.byteOffset))
        case .value(let value, let isFenced):
            guard let usual else { return }
            if isFenced { book.add(.fencedJSONAnswer, example.place, answer) }
            let odd = usual.oddities(of: value)
            if let key = odd.missing { book.add(.jsonKeyMissing, example.place, "no \(key.dropFirst()): \(answer)") }
            if let key = odd.rare { book.add(.jsonKeyRare, example.place, "\(key.dropFirst()): \(answer)") }
            if let text = odd.type { book.add(.jsonTypeDiffers, example.place, "\(text): \(answer)") }
        }
    }
}

// MARK: - Keys and types

extension JSONAnswers {
    /// What one key of one kind of object was seen with.
    private struct KeyFacts {
        var count = 0
        var types: [JSONValue.Kind: Int] = [:]

        mutating func join(_ other: KeyFacts) {
            count += other.count
            types.merge(other.types, uniquingKeysWith: +)
        }

        var usualType: (key: JSONValue.Kind, value: Int)? {
            types.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        }
    }

    /// What objects at each path hold.
    private struct Facts {
        private(set) var objects: [String: Int] = [:]
        private(set) var keys: [String: KeyFacts] = [:]
        private let kindKeys: [String]
        /// For each of `kindKeys` its values at the top of the answers.
        private var values: [[String: Int]]

        init(kindKeys: [String]) {
            self.kindKeys = kindKeys
            values = kindKeys.map { _ in [:] }
        }

        mutating func add(_ value: JSONValue) {
            // A list of tool calls counts by its first call.
            let top = value[0] ?? value
            for (place, key) in kindKeys.enumerated() {
                guard let kind = (top[key] ?? top["function"]?[key])?.stringValue, kind.utf8.count <= 60 else {
                    continue
                }
                values[place][kind, default: 0] += 1
            }
            JSONAnswers.walk(value, at: "") { path, object in
                objects[path, default: 0] += 1
                for member in object.members {
                    keys[path + "." + member.key, default: KeyFacts()].count += 1
                    keys[path + "." + member.key]?.types[member.value.kind, default: 0] += 1
                }
            }
        }

        mutating func join(_ other: Facts) {
            objects.merge(other.objects, uniquingKeysWith: +)
            for (key, facts) in other.keys { keys[key, default: KeyFacts()].join(facts) }
            for place in values.indices { values[place].merge(other.values[place], uniquingKeysWith: +) }
        }

        /// The first member most answers have whose values repeat as kinds do.
        func kinds(atLeast rows: Double) -> AnswerKinds? {
            for (key, counts) in zip(kindKeys, values) {
                let named = counts.values.reduce(0, +)
                guard counts.count > 1, Double(named) >= rows, 4 * counts.count <= named else { continue }
                return AnswerKinds(
                    key: key,
                    kinds: counts.map { .init(text: $0.key, count: $0.value) }
                        .sorted { ($1.count, $0.text) < ($0.count, $1.text) })
            }
            return nil
        }

        func usual(_ rules: AuditRules) -> Usual {
            let expected = keys.filter { key, facts in
                let owner = objects[JSONAnswers.owner(of: key), default: 0]
                return owner >= 20 && facts.count < owner
                    && Double(facts.count) >= rules[.jsonKeyExpected] * Double(owner)
            }
            var usual = Usual(expected: Dictionary(grouping: expected.keys.sorted(), by: JSONAnswers.owner(of:)))
            for (key, facts) in keys {
                let owner = objects[JSONAnswers.owner(of: key), default: 0]
                if owner >= 200, Double(facts.count) < rules[.jsonKeyRare] * Double(owner) { usual.rare.insert(key) }
                guard let type = facts.usualType, facts.count >= 20, type.key != .null,
                    Double(type.value) >= rules[.jsonTypeUsual] * Double(facts.count)
                else { continue }
                usual.types[key] = type.key
            }
            return usual
        }
    }

    /// What most answers agree on.
    private struct Usual {
        /// Keys nearly all objects at a path have.
        let expected: [String: [String]]
        var rare: Set<String> = []
        var types: [String: JSONValue.Kind] = [:]

        func oddities(of value: JSONValue) -> (missing: String?, rare: String?, type: String?) {
            var odd: (missing: String?, rare: String?, type: String?)
            JSONAnswers.walk(value, at: "") { path, object in
                for key in expected[path] ?? [] where object[JSONAnswers.name(of: key)] == nil {
                    odd.missing = odd.missing ?? key
                }
                for member in object.members {
                    let key = path + "." + member.key
                    if rare.contains(key) { odd.rare = odd.rare ?? key }
                    if odd.type == nil, let usual = types[key], member.value.kind != usual, member.value.kind != .null {
                        odd.type = "\(key.dropFirst()) is \(member.value.kind.rawValue), usually \(usual.rawValue)"
                    }
                }
            }
            return odd
        }
    }

    /// Every object in a value with its path; elements of a list share one path.
    private static func walk(_ value: JSONValue, at path: String, depth: Int = 0, _ visit: (String, JSONObject) -> Void)
    {
        guard depth < 8 else { return }
        switch value {
        case .object(let object):
            visit(path, object)
            for member in object.members { walk(member.value, at: path + "." + member.key, depth: depth + 1, visit) }
        case .array(let elements): for element in elements { walk(element, at: path + "[]", depth: depth + 1, visit) }
        default: return
        }
    }

    private static func owner(of key: String) -> String {
        key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
    }

    private static func name(of key: String) -> String {
        key.lastIndex(of: ".").map { String(key[key.index(after: $0)...]) } ?? key
    }
}

/// What structured answers ask for and how often: the actions of an assistant, the tools it calls.
package struct AnswerKinds: Sendable, Hashable {
    /// The member that says it.
    package let key: String
    /// Most frequent first.
    package let kinds: [LabelInventory.Label]
}
