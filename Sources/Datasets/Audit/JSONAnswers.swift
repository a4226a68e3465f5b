import JSONText

/// What structured answers have in common, and which of them differ.
///
/// There is no declared schema, so the answers themselves are asked: a key nearly all have is expected, a type nearly all
/// values of a key have is the usual one.
struct JSONAnswers {
    private let rules: AuditRules
    /// Share of the answers that are JSON or were meant to be.
    let share: Double
    private var parsed: [(place: RowPlace, answer: String, value: JSONValue)] = []
    private var broken: [(place: RowPlace, answer: String, kind: Broken)] = []
    private var fenced: [(place: RowPlace, answer: String)] = []

    private enum Broken {
        case python
        case syntax(JSONSyntaxError)
    }

    init(_ examples: [Example], rules: AuditRules, threads: Int) {
        self.rules = rules
        let pieces = ranges(of: examples.count, size: 2048)
        let read = inParallel(pieces: pieces.count, threads: threads) { piece in
            pieces[piece].map { Self.read(examples[$0].completion) }
        }
        var structured = 0
        for (example, reading) in zip(examples, read.joined()) {
            switch reading {
            case .text: continue
            case .value(let value, let isFenced):
                parsed.append((example.place, example.completion, value))
                if isFenced { fenced.append((example.place, example.completion)) }
            case .broken(let kind): broken.append((example.place, example.completion, kind))
            }
            structured += 1
        }
        share = examples.isEmpty ? 0 : Double(structured) / Double(examples.count)
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

    func report(into book: inout EvidenceBook) {
        for row in broken {
            switch row.kind {
            case .python: book.add(.pythonLiteralAnswer, row.place, row.answer)
            case .syntax(let error) where areExpected:
                book.add(.brokenJSONAnswer, row.place, Excerpt.of(row.answer, aroundByte: error.byteOffset))
            case .syntax: continue
            }
        }
        for row in fenced where areExpected { book.add(.fencedJSONAnswer, row.place, row.answer) }
        if areExpected { reportKeys(into: &book) }
    }
}

// MARK: - Keys and types

extension JSONAnswers {
    /// What one key of one kind of object was seen with.
    private struct KeyFacts {
        var count = 0
        var types: [JSONValue.Kind: Int] = [:]
    }

    private func reportKeys(into book: inout EvidenceBook) {
        var objects: [String: Int] = [:]
        var keys: [String: KeyFacts] = [:]
        for row in parsed {
            Self.walk(row.value, at: "") { path, object in
                objects[path, default: 0] += 1
                for member in object.members {
                    keys[path + "." + member.key, default: KeyFacts()].count += 1
                    keys[path + "." + member.key]?.types[member.value.kind, default: 0] += 1
                }
            }
        }
        let expected = keys.filter { key, facts in
            let owner = objects[Self.owner(of: key), default: 0]
            return owner >= 20 && facts.count < owner && Double(facts.count) >= rules[.jsonKeyExpected] * Double(owner)
        }
        let expectedByOwner = Dictionary(grouping: expected.keys.sorted(), by: Self.owner(of:))
        for row in parsed {
            var missing: String?
            var rare: String?
            var odd: String?
            Self.walk(row.value, at: "") { path, object in
                for key in expectedByOwner[path] ?? [] where object[Self.name(of: key)] == nil {
                    missing = missing ?? key
                }
                for member in object.members {
                    let key = path + "." + member.key
                    guard let facts = keys[key] else { continue }
                    let owner = objects[path, default: 0]
                    if owner >= 200, Double(facts.count) < rules[.jsonKeyRare] * Double(owner) { rare = rare ?? key }
                    let usual = facts.types.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
                    if let usual, facts.count >= 20, member.value.kind != usual.key, member.value.kind != .null,
                        usual.key != .null,
                        Double(usual.value) >= rules[.jsonTypeUsual] * Double(facts.count)
                    {
                        odd =
                            odd ?? "\(key.dropFirst()) is \(member.value.kind.rawValue), usually \(usual.key.rawValue)"
                    }
                }
            }
            if let missing { book.add(.jsonKeyMissing, row.place, "no \(missing.dropFirst()): \(row.answer)") }
            if let rare { book.add(.jsonKeyRare, row.place, "\(rare.dropFirst()): \(row.answer)") }
            if let odd { book.add(.jsonTypeDiffers, row.place, "\(odd): \(row.answer)") }
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
