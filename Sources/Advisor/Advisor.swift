package import RuleEngine

/// Turns a situation into a decision. It holds no threshold and no opinion: those are in `rules/`.
package struct Advisor: Sendable {
    package let book: RuleBook
    let approach: DecisionTable
    let calculations: Calculations

    /// - Parameter today: With it, listed prices that have grown old are named.
    package init(_ book: RuleBook, today: Day? = nil) throws(AdvisorError) {
        guard let approach = book.decision("approach") else { throw .missingDecision("approach") }
        self.book = book
        self.approach = approach
        self.calculations = Calculations(book, today: today)
    }

    /// How far to look beyond the verdict. Each step costs a search over changed answers.
    package enum Search: Sendable {
        /// The verdict alone, for ranking thousands of cases.
        case none
        /// Also the unanswered facts that could change it.
        case unknown
        /// Also the smallest changes of answers that would change it.
        case flips
    }

    package func decide(_ stated: Situation, search depth: Search = .flips) -> Decision {
        var given = stated
        let listed = calculations.assumed(stated.facts)
        for (fact, value) in listed.facts {
            given.assume(fact, value, why: "listed price of \(listed.price?.model ?? "")")
        }
        for (fact, value) in calculations.values(stated.facts) { given.derive(fact, value, by: "calculation") }
        let deliberation = book.deliberate(given.facts)
        let situation = completed(given, deliberation)
        let facts = deliberation.facts
        let result = deliberation["approach"] ?? approach.decide(facts)
        let verdict = verdict(result)
        let rules = result.fired.map { approach.rules[$0] }
        let besides = fired("beside", deliberation)
        let method = fired("method", deliberation)
        let venue = fired("venue", deliberation)
        let speaking = rules + deriving(rules, deliberation) + besides + method + venue
        // Flips start from what was said and measured, so that a changed answer is calculated anew.
        let search = FlipSearch(book: book, calculations: calculations, facts: stated.facts, verdict: verdict)
        let effects = depth == .none ? [:] : search.effects(result)
        let unknown = depth == .none ? [] : search.unknownFacts(result, effects)
        return Decision(
            verdict: verdict,
            with: distinct(besides.compactMap { $0.outcome("with")?.text }),
            method: method.first?.outcome("method")?.text,
            venue: venue.first?.outcome("venue")?.text,
            confidence: confidence(result, rules, situation),
            decidedBy: speaking.map(\.id),
            options: options(deliberation),
            reasons: speaking.map { reason($0, situation) },
            flips: depth == .flips ? search.flips() : [],
            unknown: unknown,
            questions: unknown.compactMap { openQuestion($0, effects[$0] ?? []) },
            followUps: followUps(deliberation),
            dissent: speaking.flatMap { rule in rule.dissent.map { Decision.Objection(rule: rule.id, dissent: $0) } },
            sizeBand: fired("size_band", deliberation).first,
            contradictions: fired("contradictions", deliberation),
            costs: calculations.compare(facts, listed: listed.price),
            experiment: depth != .none && Experiment.isCalledFor(book, facts)
                ? Experiment(book, facts, calculations) : nil,
            models: verdict.trains && depth != .none ? ModelShortlist(book, facts, calculations) : nil,
            situation: situation,
            trace: approach.trace(facts, result),
            ruleBook: book.fingerprint,
            overrides: book.overrides)
    }

    /// The week for a case whose number of examples may be unknown, for somebody who asks for it.
    package func experiment(for decision: Decision) -> Experiment? {
        Experiment(book, decision.situation.facts, calculations)
    }

    private func verdict(_ result: DecisionResult) -> Decision.Verdict {
        guard result.state == .decided, let rule = result.fired.first,
            let name = approach.rules[rule].outcome("verdict")?.text
        else { return .undecided }
        return Decision.Verdict(rawValue: name) ?? .undecided
    }

    private func fired(_ decision: String, _ deliberation: Deliberation) -> [Rule] {
        guard let table = book.decision(decision), let result = deliberation[decision] else { return [] }
        return result.fired.map { table.rules[$0] }
    }

    /// The rules behind the derived facts that the deciding rule looked at: a refusal names its law, a number its source.
    private func deriving(_ rules: [Rule], _ deliberation: Deliberation) -> [Rule] {
        let tested = Set(rules.flatMap(\.when.tests).flatMap(\.factIDs))
        return zip(book.decisions, deliberation.results).compactMap { table, result -> Rule? in
            guard table.hitPolicy == .first, table.id != approach.id,
                let rule = result.fired.first.map({ table.rules[$0] }),
                rule.then.contains(where: { tested.contains(table.factID(of: $0.column)) })
            else { return nil }
            // That nothing stands against it is no reason for anything.
            let isSilence = rule.when == .always && rule.then.allSatisfy { $0.value.flag != nil }
            return isSilence ? nil : rule
        }
    }

    /// Adds what the decisions derived, so that every fact a rule looked at can be shown with its origin.
    private func completed(_ given: Situation, _ deliberation: Deliberation) -> Situation {
        var situation = given
        for (table, result) in zip(book.decisions, deliberation.results) where table.hitPolicy != .collect {
            guard result.state == .decided, let rule = result.fired.first.map({ table.rules[$0] }) else { continue }
            for outcome in rule.then {
                situation.derive(table.factID(of: outcome.column), outcome.value, by: rule.id)
            }
        }
        return situation
    }

    private func confidence(_ result: DecisionResult, _ rules: [Rule], _ situation: Situation) -> Decision.Confidence {
        if result.isContested { return .contested }
        let usesMeasurement = rules.flatMap(\.when.tests).contains { test in
            situation.facts.vocabulary[test.id]?.from == .measured && situation.facts[test.id] != nil
        }
        return usesMeasurement ? .measured : .by_rule
    }

    private func reason(_ rule: Rule, _ situation: Situation) -> Decision.Reason {
        let tests = rule.when.tests
        let origins = tests.compactMap { situation.origin(of: $0.id) }
        // A measured score carries the reason. Otherwise one answer makes it an answered reason, whatever was counted
        // beside it: a reason is no better founded than its weakest part.
        let score = tests.first {
            situation.facts.vocabulary[$0.id]?.from == .measured && situation.facts[$0.id] != nil
        }
        // A rule without a condition rests on nothing but itself.
        var name = tests.isEmpty ? "derived" : "assumed"
        if origins.contains(where: { $0.name == "derived" }) { name = "derived" }
        if origins.contains(where: { $0.name == "measured" }) { name = "measured" }
        if origins.contains(.answered) && score == nil { name = "answered" }
        var model: String?
        if case .measured(let measuredOn)? = score.flatMap({ situation.origin(of: $0.id) }) { model = measuredOn }
        let restsOnTrial = tests.contains { $0.id.hasSuffix(".result") }
        if model == nil && restsOnTrial { model = situation.facts["prompting.model"]?.text }
        return Decision.Reason(rule: rule, origin: name, model: model)
    }

    /// Options in the order the table would give with each winner removed, then those an answer could still bring in.
    ///
    /// Among the rest, of which the table says nothing, those that something speaks for come before those that something
    /// speaks against.
    private func options(_ deliberation: Deliberation) -> [Decision.Option] {
        let signals = fired("signals", deliberation)
        func side(_ name: String, of option: String) -> [Rule] {
            signals.filter { $0.outcome("option")?.text == option && $0.outcome("side")?.text == name }
        }
        var order: [String] = [], out: [String] = []
        var waiting: [String: [String]] = [:]
        for truth in [Truth.holds, .unknown, .fails] {
            for rule in approach.rules where rule.status == .stable && rule.when.truth(deliberation.facts) == truth {
                guard let name = rule.outcome("verdict")?.text, !order.contains(name), !out.contains(name) else {
                    continue
                }
                if truth == .fails { out.append(name) } else { order.append(name) }
                if truth == .unknown { waiting[name] = unanswered(rule, deliberation.facts) }
            }
        }
        func merit(_ name: String) -> Int {
            (side("for", of: name).isEmpty ? 0 : 1) - (side("against", of: name).isEmpty ? 0 : 1)
        }
        for level in [1, 0, -1] { order += out.filter { merit($0) == level } }
        return order.enumerated().compactMap { index, name in
            guard let verdict = Decision.Verdict(rawValue: name) else { return nil }
            return Decision.Option(
                verdict: verdict, rank: index + 1, speaksFor: side("for", of: name),
                speaksAgainst: side("against", of: name), waitsFor: waiting[name] ?? [])
        }
    }

    private func unanswered(_ rule: Rule, _ facts: Facts) -> [String] {
        distinct(
            rule.when.tests.flatMap(\.factIDs).filter { facts[$0] == nil && facts.vocabulary[$0]?.from == .answer })
    }

    private func followUps(_ deliberation: Deliberation) -> [Decision.FollowUp] {
        let rules = fired("follow_ups", deliberation)
        return distinct(rules.compactMap { $0.outcome("follow_up")?.text }).map { name in
            Decision.FollowUp(name: name, rules: rules.filter { $0.outcome("follow_up")?.text == name })
        }
    }
}

private func distinct(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
}
