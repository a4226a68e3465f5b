/// The value of a fact. Which kind is legal for which fact is said once, in `rules/facts.yaml`.
package enum FactValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)
    /// Distinct members in the order of the fact's closed list.
    case set([String])

    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    package var set: [String]? { if case .set(let members) = self { members } else { nil } }

    /// As it would be written in an answer file.
    package var spelled: String {
        switch self {
        case .text(let text): text
        case .number(let number): FactValue.spelled(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .set(let members): "[" + members.joined(separator: ", ") + "]"
        }
    }

    /// Whole numbers without a fraction, others as short as they read back exactly.
    package static func spelled(_ number: Double) -> String {
        if number == number.rounded(), abs(number) < 1e15 { return String(Int(number)) }
        return "\(number)"
    }
}
