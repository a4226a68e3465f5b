/// How a decision was reached, in the shape of the rules themselves, with the value found at every test.
package struct Trace: Sendable {
    package let decision: String
    package let rules: [RuleTrace]

    package struct RuleTrace: Sendable {
        package let rule: Rule
        package let truth: Truth
        package let condition: ConditionTrace
    }

    package indirect enum ConditionTrace: Sendable {
        case always
        case group(Joint, [ConditionTrace], Truth)
        case test(FactTest, found: FactValue?, reference: FactValue?, Truth)

        package var truth: Truth {
            switch self {
            case .always: .holds
            case .group(_, _, let truth), .test(_, _, _, let truth): truth
            }
        }
    }

    package enum Joint: String, Sendable { case all, any, none }
}

extension DecisionTable {
    /// The trace of one rule for these facts.
    package func trace(ofRule index: Int, _ facts: Facts) -> Trace.RuleTrace {
        let condition = rules[index].when.trace(facts)
        return Trace.RuleTrace(rule: rules[index], truth: condition.truth, condition: condition)
    }

    /// Every stable rule from the top down to the one that decided, or all of them when none did.
    package func trace(_ facts: Facts, _ result: DecisionResult) -> Trace {
        let last = hitPolicy == .first ? result.fired.first ?? rules.count - 1 : rules.count - 1
        let tried = rules.indices.filter { $0 <= last && rules[$0].status == .stable }
        return Trace(decision: id, rules: tried.map { trace(ofRule: $0, facts) })
    }
}

extension Condition {
    package func trace(_ facts: Facts) -> Trace.ConditionTrace {
        switch self {
        case .always: .always
        case .all(let parts): .group(.all, parts.map { $0.trace(facts) }, truth(facts))
        case .any(let parts): .group(.any, parts.map { $0.trace(facts) }, truth(facts))
        case .none(let parts): .group(.none, parts.map { $0.trace(facts) }, truth(facts))
        case .test(let test):
            .test(test, found: facts[test.id], reference: test.reference(in: facts), truth(facts))
        }
    }
}

extension FactTest {
    func reference(in facts: Facts) -> FactValue? {
        if case .fact(_, let other) = operand { facts[other] } else { nil }
    }

    /// The test as the rule's author wrote it: `data.examples at_least 500`.
    package var spelled: String {
        let words = comparison.rawValue.replacing("_", with: " ")
        switch operand {
        case .nothing: return "\(id) \(words)"
        case .fact(_, let other): return "\(id) \(words) \(other)"
        case .values(let values):
            if comparison == .in { return "\(id) in [\(values.map(\.spelled).joined(separator: ", "))]" }
            return "\(id) \(words) \(values.first?.spelled ?? "")"
        }
    }
}
