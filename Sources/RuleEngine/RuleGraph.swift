/// The decisions as a Mermaid flow chart: one node per rule, in the order they are tried.
package struct RuleGraph: Sendable {
    private let decision: DecisionTable

    package init(_ decision: DecisionTable) { self.decision = decision }

    package var mermaid: String {
        var lines = ["flowchart TD", "  start([\"\(escaped(decision.answers))\"])"]
        var previous = "start"
        for (index, rule) in decision.rules.enumerated() where rule.status == .stable {
            let node = "r\(index)"
            let outcome = rule.then.first.map { $0.value.spelled } ?? ""
            lines.append("  \(node)[\"\(escaped(rule.title))\"]")
            lines.append("  \(previous) \(previous == "start" ? "-->" : "-- no -->") \(node)")
            lines.append("  \(node) -- yes --> o\(index)([\"\(escaped(outcome))\"])")
            if decision.hitPolicy == .first { previous = node }
        }
        return lines.joined(separator: "\n")
    }

    /// Mermaid reads `#quot;` inside a quoted label.
    private func escaped(_ text: String) -> String { text.replacing("\"", with: "#quot;") }
}
