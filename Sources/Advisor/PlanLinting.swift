package import Plan
package import RuleEngine
package import YAMLText

/// One lint that speaks against a plan, where it stands in the file, and whether somebody took it on.
package struct PlanFinding: Sendable {
    package enum Band: String, Sendable, Hashable { case amber, red }

    package let rule: Rule
    package let band: Band
    /// The key of the plan that would be changed.
    package let key: String
    /// Its value as the plan has it; empty where the key is not set.
    package let value: String
    package let place: YAMLPlace?
    /// Why it was taken on, where it was.
    package let override: String?

    /// The rule's id without `lint.`: the name it is taken on by.
    package var name: String { PlanLinter.name(of: rule) }
    /// Stops training.
    package var isBlocking: Bool { band == .red && override == nil }
}

/// Runs the lints of the rule book over a plan.
package struct PlanLinter: Sendable {
    private let book: RuleBook

    package init(_ book: RuleBook) { self.book = book }

    static let decision = "plan_lints"

    static func name(of rule: Rule) -> String {
        rule.id.hasPrefix("lint.") ? String(rule.id.dropFirst("lint.".count)) : rule.id
    }

    /// The names of all lints, for suggestions.
    package var names: [String] { book.decision(Self.decision)?.rules.map(Self.name) ?? [] }

    /// The keys that some lint looks at: those without a finding are green.
    package var keys: [String] {
        book.decision(Self.decision)?.columns.first { $0.name == "key" }?.values ?? []
    }

    /// Red findings first, then in the order of the rules.
    package func findings(_ facts: PlanFacts, _ plan: RunPlan, places: [String: YAMLPlace] = [:]) -> [PlanFinding] {
        guard let table = book.decision(Self.decision), let result = book.decide(Self.decision, facts.facts) else {
            return []
        }
        let findings = result.fired.map { table.rules[$0] }.compactMap { rule -> PlanFinding? in
            guard let band = rule.outcome("band")?.text.flatMap(PlanFinding.Band.init),
                let key = rule.outcome("key")?.text
            else { return nil }
            let written = written(key, plan)
            return PlanFinding(
                rule: rule, band: band, key: key, value: plan.value(of: written)?.plainText ?? "",
                place: place(of: written, places),
                override: plan.overrides.first { $0.lint == Self.name(of: rule) }?.because)
        }
        return findings.filter { $0.band == .red } + findings.filter { $0.band == .amber }
    }

    /// The key that stands in the plan where two can say the same.
    private func written(_ key: String, _ plan: RunPlan) -> String {
        if key == "training.epochs", case .steps = plan.training.duration { return "training.max_steps" }
        if key == "training.micro_batch", case .packed = plan.training.batching {
            return "training.tokens_per_micro_batch"
        }
        return key
    }

    /// Where the key stands, or the section it would stand in.
    private func place(of key: String, _ places: [String: YAMLPlace]) -> YAMLPlace? {
        var key = key
        while true {
            if let place = places[key] { return place }
            guard let dot = key.lastIndex(of: ".") else { return places["version"] }
            key = String(key[..<dot])
        }
    }
}

extension RuleBook {
    /// What a key of a plan means and why its default is what it is.
    package func meaning(ofPlanKey key: String) -> (what: String, why: String)? {
        table("plan_keys")?[key].map { ($0.text("what") ?? "", $0.text("why") ?? "") }
    }

    /// The row that a plan cites behind a value: `training_defaults#rank`.
    package func row(cited id: String) -> RuleTable.Row? {
        let parts = id.split(separator: "#", maxSplits: 1).map(String.init)
        return parts.count == 2 ? table(parts[0])?[parts[1]] : nil
    }
}
