package import RuleEngine

/// Everything known about one case, each fact with where it comes from.
package struct Situation: Sendable {
    package enum Origin: Sendable, Hashable {
        case answered
        /// Found by hone; `model` names the model it was measured on, when there was one.
        case measured(model: String?)
        /// Follows from other facts by a rule or a calculation.
        case derived(by: String)
        case assumed(why: String)

        package var name: String {
            switch self {
            case .answered: "answered"
            case .measured: "measured"
            case .derived: "derived"
            case .assumed: "assumed"
            }
        }
    }

    /// An answer and a measurement that say different things. The measurement is used and both are shown.
    package struct Disagreement: Sendable, Hashable {
        package let fact: String
        package let answered: FactValue
        package let measured: FactValue
    }

    package private(set) var facts: Facts
    package private(set) var origins: [String: Origin] = [:]
    package private(set) var disagreements: [Disagreement] = []

    package init(_ answers: Answers) {
        facts = answers.facts
        for (id, _) in facts.known {
            let definition = facts.vocabulary[id]
            if definition?.from != .measured {
                origins[id] = .answered
            } else if definition?.initially == facts[id] {
                origins[id] = .derived(by: "nothing was measured")
            } else {
                origins[id] = .measured(model: answers.facts["model.id"]?.text)
            }
        }
    }

    /// Adds what was measured. A measurement replaces an answer, and the difference is kept.
    package mutating func measure(_ fact: String, _ value: FactValue, model: String? = nil) {
        if let answered = facts[fact], answered != value, origins[fact] == .answered {
            disagreements.append(Disagreement(fact: fact, answered: answered, measured: value))
        }
        facts[fact] = value
        origins[fact] = .measured(model: model)
    }

    /// Adds what follows from other facts, unless it was given.
    package mutating func derive(_ fact: String, _ value: FactValue, by source: String) {
        guard facts[fact] == nil else { return }
        facts[fact] = value
        origins[fact] = .derived(by: source)
    }

    package func origin(of fact: String) -> Origin? { origins[fact] }
}
