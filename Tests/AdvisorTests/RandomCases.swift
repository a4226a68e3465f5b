import Advisor
import Foundation
import RuleEngine

/// The rules of this checkout and a stream of random but legal answers.
enum RandomCases {
    static let rules = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("rules").path

    static let advisor: Advisor = {
        do { return try Advisor(RuleBook.load(RuleFolder(path: rules))) } catch { preconditionFailure("\(error)") }
    }()

    static var vocabulary: FactVocabulary { advisor.book.vocabulary }

    /// Facts that the approach looks at and a person can answer.
    static let relevant: [FactDefinition] = {
        let ids = Set(advisor.book.tests(of: "approach").flatMap(\.factIDs))
        return vocabulary.definitions.filter { ids.contains($0.id) && $0.from == .answer }
    }()

    /// Legal values of a fact, with numbers on both sides of every threshold of the shipped rules.
    static func values(of definition: FactDefinition) -> [FactValue] {
        switch definition.kind {
        case .yes_no: return [.flag(true), .flag(false)]
        case .choice: return definition.values.map(FactValue.text)
        case .set: return [.set([])] + definition.values.map { .set([$0]) } + [.set(definition.values)]
        case .whole, .number:
            if definition.unit == "share" { return [0, 0.5, 0.99, 1].map(FactValue.number) }
            return [0, 2, 10, 20, 21, 49, 50, 99, 100, 499, 500, 999, 1000, 1499, 1500, 4999, 5000, 50_000]
                .filter { $0 >= definition.minimum ?? 0 && $0 <= definition.maximum ?? .infinity }.map(FactValue.number)
        case .text, .list: return []
        }
    }

    /// `count` cases; in each, a fact is answered with the given probability.
    static func make(_ count: Int, answered: Double, seed: UInt64) -> [Answers] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in
            var answers = Answers(vocabulary)
            for definition in relevant where Double.random(in: 0..<1, using: &random) < answered {
                answers.set(definition.id, to: values(of: definition).randomElement(using: &random))
            }
            return answers
        }
    }
}

/// Small seeded generator (Steele, Lea and Flood 2014), so that a failing case can be made again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
