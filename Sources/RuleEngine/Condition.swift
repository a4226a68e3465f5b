/// When a rule applies: tests of facts joined by `all`, `any` and `none`. There is no expression language on purpose.
package indirect enum Condition: Sendable, Hashable {
    case always
    case all([Condition])
    case any([Condition])
    case none([Condition])
    case test(FactTest)

    /// Truth for these facts. With `asIfOpen`, a fact that is unknown today may still turn out to be anything, so
    /// `known` and `unknown` are themselves unknown; that is how a verdict is checked for being contested.
    package func truth(_ facts: borrowing Facts, asIfOpen: Bool = false) -> Truth {
        switch self {
        case .always:
            return .holds
        case .all(let parts):
            var result = Truth.holds
            for part in parts {
                let truth = part.truth(facts, asIfOpen: asIfOpen)
                if truth == .fails { return .fails }
                if truth == .unknown { result = .unknown }
            }
            return result
        case .any(let parts), .none(let parts):
            var result = Truth.fails
            for part in parts {
                let truth = part.truth(facts, asIfOpen: asIfOpen)
                if truth == .holds { result = .holds; break }
                if truth == .unknown { result = .unknown }
            }
            if case .any = self { return result }
            return Truth.none(CollectionOfOne(result))
        case .test(let test):
            return test.truth(facts, asIfOpen: asIfOpen)
        }
    }

    /// The same condition with every test changed.
    func mapTests(_ change: (FactTest) -> FactTest) -> Condition {
        switch self {
        case .always: .always
        case .all(let parts): .all(parts.map { $0.mapTests(change) })
        case .any(let parts): .any(parts.map { $0.mapTests(change) })
        case .none(let parts): .none(parts.map { $0.mapTests(change) })
        case .test(let test): .test(change(test))
        }
    }

    /// Every test in reading order.
    package var tests: [FactTest] {
        switch self {
        case .always: []
        case .all(let parts), .any(let parts), .none(let parts): parts.flatMap(\.tests)
        case .test(let test): [test]
        }
    }
}

/// One fact compared with a written value or with another fact.
package struct FactTest: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable, CaseIterable {
        case `is`, is_not, `in`, at_least, at_most, more_than, less_than, known, unknown

        package var comparesNumbers: Bool {
            switch self {
            case .at_least, .at_most, .more_than, .less_than: true
            case .is, .is_not, .in, .known, .unknown: false
            }
        }
    }

    package enum Operand: Sendable, Hashable {
        case nothing
        case values([FactValue])
        case fact(Int, id: String)
    }

    package let fact: Int
    package let id: String
    package let comparison: Operator
    package let operand: Operand

    /// The facts this test reads: its own, and the one it is compared with.
    package var factIDs: [String] {
        if case .fact(_, let other) = operand { [id, other] } else { [id] }
    }

    func truth(_ facts: borrowing Facts, asIfOpen: Bool) -> Truth {
        let value = facts.values[fact]
        switch comparison {
        case .known:
            return value == nil && asIfOpen ? .unknown : Truth(value != nil)
        case .unknown:
            return value == nil && asIfOpen ? .unknown : Truth(value == nil)
        case .is, .is_not, .in, .at_least, .at_most, .more_than, .less_than:
            guard let value else { return .unknown }
            switch operand {
            case .nothing: return .unknown
            case .values(let values): return compare(value, values)
            case .fact(let other, _):
                guard let reference = facts.values[other] else { return .unknown }
                return compare(value, CollectionOfOne(reference))
            }
        }
    }

    private func compare(_ value: FactValue, _ references: some Collection<FactValue>) -> Truth {
        switch comparison {
        case .is, .in:
            return Truth(references.contains { matches(value, $0) })
        case .is_not:
            return Truth(!references.contains { matches(value, $0) })
        case .at_least, .at_most, .more_than, .less_than:
            guard let number = value.number, let reference = references.first?.number else { return .unknown }
            switch comparison {
            case .at_least: return Truth(number >= reference)
            case .at_most: return Truth(number <= reference)
            case .more_than: return Truth(number > reference)
            default: return Truth(number < reference)
            }
        case .known, .unknown:
            return .unknown
        }
    }

    /// A fact that is a set "is" a word when the word is among its members.
    private func matches(_ value: FactValue, _ reference: FactValue) -> Bool {
        if case .set(let members) = value, case .text(let word) = reference { return members.contains(word) }
        return value == reference
    }
}
