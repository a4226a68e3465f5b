import YAMLText

extension RuleBook {
    /// Everything an editor of rules should put right, beyond what loading already refuses. Needs the cases.
    package func lint() -> [RuleProblem] {
        var problems = failingCases()
        for decision in decisions {
            for rule in decision.rules where rule.status == .stable { problems += provenance(rule) }
            problems += reach(decision)
        }
        for row in tables.flatMap(\.rows) { problems += provenance(row) }
        problems += thresholds()
        problems += overlaps()
        problems += carriedProblems()
        problems += RuleCoverage(self).problems
        problems += questions.filter { $0.example == nil }.map {
            RuleProblem($0.place, .questionWithoutExample($0.fact))
        }
        return problems
    }

    private func provenance(_ rule: Rule) -> [RuleProblem] {
        if rule.basis == .judgement {
            return rule.owner == nil ? [RuleProblem(rule.place, .judgementWithoutOwner(rule.id))] : []
        }
        return rule.sources.isEmpty ? [RuleProblem(rule.place, .noSource(rule.id))] : []
    }

    private func provenance(_ row: RuleTable.Row) -> [RuleProblem] {
        if row.basis == .judgement {
            return row.owner == nil ? [RuleProblem(row.place, .judgementWithoutOwner(row.ruleID))] : []
        }
        return row.sources.isEmpty && row.basis == .published ? [RuleProblem(row.place, .noSource(row.ruleID))] : []
    }

    /// Every rule has a case that fires it and one that does not; every outcome is reached by a rule that fires in a case.
    private func reach(_ decision: DecisionTable) -> [RuleProblem] {
        let fired = Set(cases.flatMap(\.fires))
        let silent = Set(cases.flatMap(\.silent))
        var problems: [RuleProblem] = []
        for rule in decision.rules where rule.status == .stable {
            if !fired.contains(rule.id) { problems.append(RuleProblem(rule.place, .noFiringCase(rule.id))) }
            if !silent.contains(rule.id), rule.when != .always {
                problems.append(RuleProblem(rule.place, .noSilentCase(rule.id)))
            }
        }
        for column in decision.columns {
            for value in column.values {
                let isReached = decision.rules.contains { rule in
                    rule.outcome(column.name)?.spelled == value && fired.contains(rule.id)
                }
                if !isReached {
                    problems.append(RuleProblem(column.place, .unreachedOutcome(value, column: column.name)))
                }
            }
        }
        return problems
    }

    /// A written threshold needs a pair of cases on its two sides, as close as its fact can be written.
    private func thresholds() -> [RuleProblem] {
        let boundaries = cases.flatMap(\.boundaries)
        var problems: [RuleProblem] = []
        for rule in decisions.flatMap(\.rules) where rule.status == .stable {
            // A threshold that an overlay moved has its pair in the cases as shipped, on the sides of the old one.
            if !rule.overridden.isEmpty { continue }
            for test in rule.when.tests where test.comparison.comparesNumbers {
                guard case .values(let values) = test.operand, let threshold = values.first?.number else { continue }
                let isCovered = boundaries.contains { boundary in
                    guard boundary.rule == rule.id, boundary.fact == test.id, let fires = boundary.fires.number,
                        let silent = boundary.silent.number
                    else { return false }
                    let low = min(fires, silent), high = max(fires, silent)
                    let isWhole = vocabulary[test.id]?.kind == .whole
                    return low <= threshold && threshold <= high && (!isWhole || high - low == 1)
                }
                if !isCovered {
                    let written = FactValue.spelled(threshold)
                    problems.append(
                        RuleProblem(rule.place, .noBoundary(rule: rule.id, fact: test.id, threshold: written)))
                }
            }
        }
        return problems
    }

    // MARK: overlaps

    /// Under `unique`, no two rules may be true together. Tried on every combination of the values that can tell the
    /// two apart, as long as those are few enough to try.
    private func overlaps() -> [RuleProblem] {
        var problems: [RuleProblem] = []
        for decision in decisions where decision.hitPolicy == .unique {
            for (index, one) in decision.rules.enumerated() {
                for other in decision.rules[(index + 1)...] where canBothHold(one, other) {
                    problems.append(RuleProblem(other.place, .ruleOverlap([one.id, other.id])))
                }
            }
        }
        return problems
    }

    private func canBothHold(_ one: Rule, _ other: Rule) -> Bool {
        let tests = one.when.tests + other.when.tests
        var domains: [(fact: String, values: [FactValue])] = []
        for id in Set(tests.flatMap(\.factIDs)).sorted() { domains.append((id, telling(id, tests))) }
        let combinations = domains.reduce(1.0) { $0 * Double(max(1, $1.values.count)) }
        guard combinations <= 20_000 else { return false }
        return search(domains[...], Facts(vocabulary)) { facts in
            one.when.truth(facts) == .holds && other.when.truth(facts) == .holds
        }
    }

    private func search(
        _ domains: ArraySlice<(fact: String, values: [FactValue])>, _ facts: Facts, _ holds: (Facts) -> Bool
    ) -> Bool {
        guard let first = domains.first else { return holds(facts) }
        return first.values.contains { value in
            var chosen = facts
            chosen[first.fact] = value
            return search(domains.dropFirst(), chosen, holds)
        }
    }

    /// Values of a fact on each side of everything the tests compare it with.
    private func telling(_ id: String, _ tests: [FactTest]) -> [FactValue] {
        guard let definition = vocabulary[id] else { return [] }
        switch definition.kind {
        case .yes_no: return [.flag(true), .flag(false)]
        case .choice: return definition.values.map(FactValue.text)
        case .set, .list: return [.set([]), .set(definition.values)] + definition.values.map { .set([$0]) }
        case .text: return [.text("some text")]
        case .whole, .number:
            let edges = tests.filter { $0.factIDs.contains(id) }.flatMap { thresholds(of: $0, otherThan: id) }
            return edges.flatMap { [$0 - 1, $0 - 0.01, $0, $0 + 0.01, $0 + 1] }.map(FactValue.number)
        }
    }
}
