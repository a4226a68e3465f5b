package import RuleEngine
package import YAMLText

/// Why answers cannot be used.
package enum AdvisorError: Error, Sendable, Hashable {
    case yaml(YAMLError)
    case fact(FactProblem, YAMLPlace?)
    /// `--set` without an equals sign.
    case setting(String)
    /// The rule book lacks a decision the advisor needs.
    case missingDecision(String)
    /// A Markdown or HTML file without a form, or a page that was never saved after filling it in.
    case noForm(String)
    /// A line of a batch file is not a JSON object of facts.
    case batchLine(Int, problem: String)
}
