/// Every decision of the book for one set of facts, each with what it came to.
package struct Deliberation: Sendable {
    /// The facts given, together with those that decisions added.
    package let facts: Facts
    package let results: [DecisionResult]

    package subscript(decision: String) -> DecisionResult? { results.first { $0.decision == decision } }
}

extension RuleBook {
    /// Runs all decisions in order. A decided column becomes a fact for the decisions after it, unless the caller gave
    /// that fact, so a measurement can replace what a rule would derive.
    package func deliberate(_ given: Facts) -> Deliberation {
        var facts = given
        var results: [DecisionResult] = []
        results.reserveCapacity(decisions.count)
        for decision in decisions {
            let result = decision.decide(facts)
            adopt(result.state == .decided ? result.fired.first : nil, of: decision, into: &facts, given: given)
            results.append(result)
        }
        return Deliberation(facts: facts, results: results)
    }

    /// Decides `id` alone, with what it builds on. Cheaper than `deliberate` where many variants are tried.
    package func decide(_ id: String, _ given: Facts, without: Set<FactValue> = []) -> DecisionResult? {
        var facts = given
        for decision in decisions {
            if decision.id == id { return decision.decide(facts, without: without) }
            guard prerequisites[id]?.contains(decision.id) ?? true else { continue }
            adopt(decision.winner(facts), of: decision, into: &facts, given: given)
        }
        return nil
    }

    /// The rule that decides, where `decide` would find one; faster, because it does not ask how sure that is.
    package func winner(_ id: String, _ given: Facts) -> Rule? {
        var facts = given
        for decision in decisions {
            if decision.id == id { return decision.winner(facts).map { decision.rules[$0] } }
            guard prerequisites[id]?.contains(decision.id) ?? true else { continue }
            adopt(decision.winner(facts), of: decision, into: &facts, given: given)
        }
        return nil
    }

    /// What a decision that others build on comes to becomes a fact, unless somebody gave it.
    private func adopt(_ winner: Int?, of decision: DecisionTable, into facts: inout Facts, given: Facts) {
        guard decision.hitPolicy != .collect, let fired = winner else { return }
        for outcome in decision.rules[fired].then {
            let id = decision.factID(of: outcome.column)
            if given[id] == nil { facts[id] = outcome.value }
        }
    }
}

extension RuleBook {
    /// Every test of a decision and of what it builds on.
    package func tests(of decision: String) -> [FactTest] {
        decisions.filter { $0.id == decision || prerequisites[decision]?.contains($0.id) ?? false }
            .flatMap { $0.rules.flatMap(\.when.tests) }
    }

    /// The numbers a test compares a fact with: the written one, or every value that rules can give the other fact.
    package func thresholds(of test: FactTest, otherThan fact: String) -> [Double] {
        switch test.operand {
        case .nothing: return []
        case .values(let values): return test.comparison.comparesNumbers ? values.compactMap(\.number) : []
        case .fact(_, let other):
            let reference = test.id == fact ? other : test.id
            return decisions.flatMap(\.rules).compactMap { $0.outcome(reference)?.number }
        }
    }
}
