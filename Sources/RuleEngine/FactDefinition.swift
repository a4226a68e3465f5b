/// What a fact may be: its type, unit, closed list or range, and where its value comes from.
package struct FactDefinition: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case text, choice, set, list, yes_no, whole, number
    }

    /// Who knows the value: a person, a measurement of hone, or a rule.
    package enum Source: String, Sendable, Hashable, CaseIterable {
        case answer, measured, derived
    }

    package let id: String
    package let kind: Kind
    /// The closed list of a `choice` or `set`, in the order a person should read it.
    package let values: [String]
    /// Required for `whole` and `number`: a threshold without a unit means nothing.
    package let unit: String
    package let minimum: Double?
    package let maximum: Double?
    package let from: Source
    /// One sentence for a person.
    package let what: String
    /// The rule table whose row ids are this text's legal values; nil for free text.
    package let idsOf: String?
    /// Words that are legal beside those ids.
    package var also: [String] = []
    /// A path (anything with a slash) is legal beside those ids.
    package var acceptsPaths = false
    /// The ids themselves, filled in once the tables are read.
    package internal(set) var ids: [String] = []
    /// What holds before hone has measured anything: "not measured" is known, it is not an open question.
    package var initially: FactValue?

    package var isNumeric: Bool { kind == .whole || kind == .number }

    /// A value as a person would say it: `not tried`, `49 examples`, `40 %`.
    package func words(_ value: FactValue) -> String {
        switch value {
        case .text(let text): kind == .choice ? text.replacing("_", with: " ") : text
        case .flag(let flag): flag ? "yes" : "no"
        case .set(let members):
            members.isEmpty ? "none" : members.joined(separator: ", ").replacing("_", with: " ")
        case .number(let number):
            // A share of 0.29 is 29 %, not 28.999….
            unit == "share"
                ? FactValue.spelled((number * 1e8).rounded() / 1e6) + " %" : "\(FactValue.spelled(number)) \(unit)"
        }
    }
}

/// Why a given value cannot be the value of a fact.
package enum FactProblem: Error, Sendable, Hashable {
    case unknownFact(String, known: [String])
    case notOneOf(fact: String, value: String, allowed: [String])
    case notAnID(fact: String, value: String, table: String, known: [String])
    case notANumber(fact: String, value: String)
    case notWhole(fact: String, value: String)
    case outOfRange(fact: String, value: String, minimum: Double?, maximum: Double?, unit: String)
    case notYesOrNo(fact: String, value: String)
    case severalValues(fact: String, values: [String])
    case empty(fact: String)
}

extension FactDefinition {
    /// Reads one written value; nil means the person said `unknown`.
    package func value(_ words: [String]) throws(FactProblem) -> FactValue? {
        if words == ["unknown"] { return nil }
        if kind == .set || kind == .list { return .set(try members(words)) }
        guard words.count == 1, let word = words.first else {
            throw words.isEmpty ? .empty(fact: id) : .severalValues(fact: id, values: words)
        }
        switch kind {
        case .text:
            guard !word.isEmpty else { throw .empty(fact: id) }
            try refuseUnknownID(word)
            return .text(word)
        case .choice:
            guard values.contains(word) else { throw .notOneOf(fact: id, value: word, allowed: values) }
            return .text(word)
        case .yes_no:
            switch word {
            case "yes", "true": return .flag(true)
            case "no", "false": return .flag(false)
            default: throw .notYesOrNo(fact: id, value: word)
            }
        case .whole, .number:
            return .number(try number(word))
        case .set, .list:
            return nil
        }
    }

    private func refuseUnknownID(_ word: String) throws(FactProblem) {
        guard let idsOf, !ids.isEmpty, !ids.contains(word), !also.contains(word) else { return }
        if acceptsPaths && word.contains("/") { return }
        throw .notAnID(fact: id, value: word, table: idsOf, known: also + ids)
    }

    private func members(_ words: [String]) throws(FactProblem) -> [String] {
        var seen: Set<String> = []
        for word in words {
            if kind == .set && !values.contains(word) { throw .notOneOf(fact: id, value: word, allowed: values) }
            if word.isEmpty { throw .empty(fact: id) }
            seen.insert(word)
        }
        return kind == .set ? values.filter(seen.contains) : words.filter { seen.remove($0) != nil }
    }

    private func number(_ word: String) throws(FactProblem) -> Double {
        let plain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard plain, let number = Double(word), number.isFinite else { throw .notANumber(fact: id, value: word) }
        if kind == .whole && (number != number.rounded() || abs(number) > 1e15) {
            throw .notWhole(fact: id, value: word)
        }
        if number < minimum ?? -.infinity || number > maximum ?? .infinity {
            throw .outOfRange(fact: id, value: word, minimum: minimum, maximum: maximum, unit: unit)
        }
        return number
    }
}
