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

    /// An answer and the data that say different things; both are shown.
    package struct Disagreement: Sendable, Hashable {
        package let fact: String
        package let answered: FactValue
        package let measured: FactValue
        /// The data was counted and replaces the answer. Otherwise it only suggests something, and the answer stands.
        package let dataCounts: Bool
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
            disagreements.append(Disagreement(fact: fact, answered: answered, measured: value, dataCounts: true))
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

    /// Adds what the data suggests without proving it: it fills silence, and an answer that says otherwise stands.
    package mutating func suggest(_ fact: String, _ value: FactValue, by source: String) {
        if let answered = facts[fact], answered != value, origins[fact] == .answered {
            disagreements.append(Disagreement(fact: fact, answered: answered, measured: value, dataCounts: false))
        }
        derive(fact, value, by: source)
    }

    /// Adds what is taken for granted while nobody said otherwise.
    package mutating func assume(_ fact: String, _ value: FactValue, why: String) {
        guard facts[fact] == nil else { return }
        facts[fact] = value
        origins[fact] = .assumed(why: why)
    }

    package func origin(of fact: String) -> Origin? { origins[fact] }
}
