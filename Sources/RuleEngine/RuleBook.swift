import YAMLText

/// Everything `rules/` says: facts, decisions in the order they depend on each other, tables, questions, sources, cases.
package struct RuleBook: Sendable {
    package let vocabulary: FactVocabulary
    /// Ordered so that a decision stands after those whose results it tests.
    package let decisions: [DecisionTable]
    package let tables: [RuleTable]
    package let questions: [Question]
    package let sources: SourceBook
    package let cases: [RuleCase]
    package let carried: [CarriedItem]
    /// SHA-256 over names and contents of every file read, in hexadecimal; recorded with each decision.
    package let fingerprint: String
    /// Everything an organisation's overlay changed; empty for the rules as shipped.
    package let overrides: [RuleOverride]
    /// For each decision, where the decisions stand that it builds on, directly or not, in their order.
    let prerequisites: [String: [Int]]

    package func decision(_ id: String) -> DecisionTable? { decisions.first { $0.id == id } }
    package func table(_ id: String) -> RuleTable? { tables.first { $0.id == id } }
    package func question(for fact: String) -> Question? { questions.first { $0.fact == fact } }

    package func rule(_ id: String) -> (rule: Rule, decision: DecisionTable)? {
        for decision in decisions {
            if let rule = decision.rules.first(where: { $0.id == id }) { return (rule, decision) }
        }
        return nil
    }

    package var ruleIDs: [String] { decisions.flatMap { $0.rules.map(\.id) } }
}
