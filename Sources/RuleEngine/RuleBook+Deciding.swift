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
        var facts = given, adopted: [Int] = []
        var results: [DecisionResult] = []
        results.reserveCapacity(decisions.count)
        for decision in decisions {
            let result = decision.decide(facts)
            adopt(result.state == .decided ? result.fired.first : nil, of: decision, into: &facts, adopted: &adopted)
            results.append(result)
        }
        return Deliberation(facts: facts, results: results)
    }

    /// Decides `id` alone, with what it builds on. Cheaper than `deliberate` where many variants are tried.
    package func decide(_ id: String, _ given: Facts, without: Set<FactValue> = []) -> DecisionResult? {
        place(of: id).map { decisions[$0].decide(founded(id, given), without: without) }
    }

    /// The rule that decides, where `decide` would find one; faster, because it does not ask how sure that is.
    package func winner(_ id: String, _ given: consuming Facts) -> Rule? {
        let decisions = decisions
        guard let place = place(of: id), let rule = decisions[place].winner(founded(id, given)) else { return nil }
        return decisions[place].rules[rule]
    }

    private func place(of id: String) -> Int? { decisions.firstIndex { $0.id == id } }

    /// The facts given, with what the decisions that `id` builds on come to. Takes them over: a copy for each variant is
    /// what a search over many would spend its time on.
    private func founded(_ id: String, _ given: consuming Facts) -> Facts {
        var facts = given, adopted: [Int] = []
        let decisions = decisions
        for place in prerequisites[id] ?? [] {
            adopt(decisions[place].winner(facts), of: decisions[place], into: &facts, adopted: &adopted)
        }
        return facts
    }

    /// What a decision that others build on comes to becomes a fact, unless somebody gave it.
    ///
    /// - Parameter adopted: The facts that decisions gave and may change again.
    private func adopt(
        _ winner: Int?, of decision: DecisionTable, into facts: inout Facts, adopted: inout [Int]
    ) {
        guard decision.hitPolicy != .collect, let winner else { return }
        for outcome in decision.rules[winner].then {
            guard let fact = outcome.fact, facts.values[fact] == nil || adopted.contains(fact) else { continue }
            facts.values[fact] = outcome.value
            adopted.append(fact)
        }
    }
}

extension RuleBook {
    /// Every test of a decision and of what it builds on.
    package func tests(of decision: String) -> [FactTest] {
        let places = (prerequisites[decision] ?? []) + (place(of: decision).map { [$0] } ?? [])
        return places.flatMap { decisions[$0].rules.flatMap(\.when.tests) }
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
