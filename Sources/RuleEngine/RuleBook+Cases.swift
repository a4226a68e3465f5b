import YAMLText

extension RuleBook {
    /// Runs every case and reports what does not come out as written.
    ///
    /// Under an overlay the cases as shipped may come out differently, which is what it is for: only its own are tests.
    package func failingCases() -> [RuleProblem] {
        let folder = overrides.first.map { $0.place.file.dropLast(RuleOverlay.fileName.count) }
        return cases.filter { ruleCase in folder.map { ruleCase.place.file.hasPrefix($0) } ?? true }.flatMap(
            problems(of:))
    }

    private func problems(of ruleCase: RuleCase) -> [RuleProblem] {
        let facts = facts(of: ruleCase)
        let deliberation = deliberate(facts)
        var problems: [RuleProblem] = []
        func report(_ expected: String, _ found: String, at place: YAMLPlace) {
            problems.append(RuleProblem(place, .caseFails(name: ruleCase.name, expected: expected, found: found)))
        }
        for (fact, value) in ruleCase.expect {
            let found = deliberation.facts[fact]?.spelled ?? "undecided"
            if found != value { report("\(fact) \(value)", found, at: ruleCase.place) }
        }
        for id in ruleCase.fires where !isKnown(id) {
            problems.append(RuleProblem(ruleCase.place, .unknownRule(id, known: ruleIDs)))
        }
        for id in ruleCase.silent where !isKnown(id) {
            problems.append(RuleProblem(ruleCase.place, .unknownRule(id, known: ruleIDs)))
        }
        for id in ruleCase.fires where isKnown(id) && truth(of: id, deliberation.facts) != .holds {
            report("`\(id)` to be true", truth(of: id, deliberation.facts).rawValue, at: ruleCase.place)
        }
        for id in ruleCase.silent where isKnown(id) && truth(of: id, deliberation.facts) == .holds {
            report("`\(id)` not to be true", "true", at: ruleCase.place)
        }
        for boundary in ruleCase.boundaries {
            guard isKnown(boundary.rule) else {
                problems.append(RuleProblem(boundary.place, .unknownRule(boundary.rule, known: ruleIDs)))
                continue
            }
            for (value, isFiring) in [(boundary.fires, true), (boundary.silent, false)] {
                var moved = facts
                moved[boundary.fact] = value
                let fires = truth(of: boundary.rule, deliberate(moved).facts) == .holds
                if fires != isFiring {
                    let side = isFiring ? "true" : "not true"
                    report(
                        "`\(boundary.rule)` \(side) at \(boundary.fact) \(value.spelled)", "the opposite",
                        at: boundary.place)
                }
            }
        }
        return problems
    }

    func facts(of ruleCase: RuleCase) -> Facts {
        var facts = Facts(vocabulary)
        for (fact, value) in ruleCase.given { facts[fact] = value }
        return facts
    }

    func isKnown(_ rule: String) -> Bool { self.rule(rule) != nil }

    func truth(of id: String, _ facts: Facts) -> Truth { rule(id)?.rule.when.truth(facts) ?? .unknown }
}

/// A decided column that comes out differently under two rule books.
package struct CaseChange: Sendable, Hashable {
    package let name: String
    package let fact: String
    package let before: String
    package let after: String
}

extension RuleBook {
    /// The cases of this book whose decisions differ from those of an older one. Facts only this book knows are left out.
    package func changes(since old: RuleBook) -> [CaseChange] {
        cases.flatMap { ruleCase -> [CaseChange] in
            var given = Facts(old.vocabulary)
            for (fact, value) in ruleCase.given { given[fact] = value }
            let before = old.deliberate(given).facts
            let after = deliberate(facts(of: ruleCase)).facts
            return decisions.filter { $0.hitPolicy != .collect }.flatMap { decision in
                decision.columns.compactMap { column in
                    let id = decision.factID(of: column.name)
                    let (was, now) = (before[id]?.spelled ?? "undecided", after[id]?.spelled ?? "undecided")
                    return was == now ? nil : CaseChange(name: ruleCase.name, fact: id, before: was, after: now)
                }
            }
        }
    }
}
