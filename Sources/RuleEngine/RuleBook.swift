import YAMLText

/// Everything `rules/` says: facts, decisions in the order they depend on each other, tables, questions, sources, cases.
package struct RuleBook: Sendable {
    /// All but the tables, which many a command needs alone.
    private let parts: Lazily<Parts>
    private let ownTables: RuleTables
    /// SHA-256 over names and contents of every file read, in hexadecimal; recorded with each decision.
    package let fingerprint: String
    /// Everything an organisation's overlay changed; empty for the rules as shipped.
    package let overrides: [RuleOverride]

    /// A class, so that a search that asks for them thousands of times does not copy them.
    final class Parts: Sendable {
        let vocabulary: FactVocabulary
        let decisions: [DecisionTable]
        let questions: [Question]
        let sources: SourceBook
        let cases: [RuleCase]
        let carried: [CarriedItem]
        let prerequisites: [String: [Int]]

        init(
            vocabulary: FactVocabulary, decisions: [DecisionTable], questions: [Question], sources: SourceBook,
            cases: [RuleCase], carried: [CarriedItem], prerequisites: [String: [Int]]
        ) {
            self.vocabulary = vocabulary
            self.decisions = decisions
            self.questions = questions
            self.sources = sources
            self.cases = cases
            self.carried = carried
            self.prerequisites = prerequisites
        }
    }

    init(_ parts: Lazily<Parts>, tables: RuleTables, fingerprint: String, overrides: [RuleOverride] = []) {
        self.parts = parts
        self.ownTables = tables
        self.fingerprint = fingerprint
        self.overrides = overrides
    }

    package var vocabulary: FactVocabulary { parts.value.vocabulary }
    /// Ordered so that a decision stands after those whose results it tests.
    package var decisions: [DecisionTable] { parts.value.decisions }
    package var questions: [Question] { parts.value.questions }
    package var sources: SourceBook { parts.value.sources }
    package var cases: [RuleCase] { parts.value.cases }
    package var carried: [CarriedItem] { parts.value.carried }
    /// For each decision, where the decisions stand that it builds on, directly or not, in their order.
    var prerequisites: [String: [Int]] { parts.value.prerequisites }
    package var tables: [RuleTable] { ownTables.all }

    package func decision(_ id: String) -> DecisionTable? { decisions.first { $0.id == id } }
    package func table(_ id: String) -> RuleTable? { ownTables[id] }
    package func question(for fact: String) -> Question? { questions.first { $0.fact == fact } }

    package func rule(_ id: String) -> (rule: Rule, decision: DecisionTable)? {
        for decision in decisions {
            if let rule = decision.rules.first(where: { $0.id == id }) { return (rule, decision) }
        }
        return nil
    }

    package var ruleIDs: [String] { decisions.flatMap { $0.rules.map(\.id) } }
}
