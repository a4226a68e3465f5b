package import YAMLText

/// One rule: when it applies, what follows, why, who says so, who disagrees, and when it is wrong.
package struct Rule: Sendable {
    package enum Status: String, Sendable, CaseIterable { case draft, stable, retired }

    /// How good the reason is. A hunch is welcome; dressed as a finding it is not.
    package enum Basis: String, Sendable, CaseIterable { case published, measured, judgement }

    /// What an unanswered condition does under the hit policy `first`.
    package enum WhenUnknown: String, Sendable, CaseIterable { case `continue`, ask }

    package let id: String
    package let title: String
    package internal(set) var status: Status
    package internal(set) var when: Condition
    package internal(set) var then: [Outcome]
    package let whenUnknown: WhenUnknown
    package let rationale: String
    package let basis: Basis
    package let owner: String?
    package let sources: [Citation]
    package let dissent: [Dissent]
    package let failsWhen: String
    package let place: YAMLPlace
    /// Protects people or the law: an overlay may weaken it only with a written reason.
    package let isSafety: Bool
    /// What an organisation's overlay changed in this rule, in words; empty for a rule as shipped.
    package internal(set) var overridden: [String]

    package func outcome(_ column: String) -> FactValue? { then.first { $0.column == column }?.value }
}

/// One column of what follows from a rule, such as `verdict: rag`.
package struct Outcome: Sendable, Hashable {
    package let column: String
    package let value: FactValue
    /// The fact it becomes for decisions after this one: see `DecisionTable.Column`.
    let fact: Int?
}

/// A pointer into `rules/sources.yaml`: items of a source document, or a place in a published one.
package struct Citation: Sendable, Hashable {
    package let ref: String
    package let items: [String]
    package let locator: String?
    package let place: YAMLPlace
}

/// A source that says otherwise. Kept and shown, never averaged away.
package struct Dissent: Sendable, Hashable {
    package let citation: Citation
    package let says: String
}
