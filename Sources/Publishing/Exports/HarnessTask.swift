package import Datasets
package import Evaluation
import JSONText

/// The held-out rows as a task folder of lm-evaluation-harness: a YAML file and the rows as JSON lines.
package struct HarnessTask: Sendable {
    package var name: String
    package var rows: [Example]
    package var primary: Metric
    /// Texts after which an answer is complete.
    package var stops: [String]
    package var longestAnswer: Int

    package init(name: String, rows: [Example], primary: Metric, stops: [String], longestAnswer: Int) {
        (self.name, self.rows, self.primary, self.stops, self.longestAnswer) = (
            name, rows, primary, stops, longestAnswer
        )
    }

    /// A name the harness can look up: letters, digits and underscores.
    package var id: String {
        "hone_" + String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// Rows with one question and one answer; the harness asks no others as they were asked here.
    private var asked: [Example] { rows.filter { !$0.request.isEmpty && !$0.isMultiTurn } }
    package var leftOut: Int { rows.count - asked.count }

    /// File name and text, in the order a reader looks at them.
    package func files(_ templates: ReportTemplates) throws(ReportError) -> [(name: String, text: String)] {
        let systems = Set(asked.map { $0.systemPrompt ?? "" })
        let system = systems.count == 1 ? systems.first.flatMap { $0.isEmpty ? nil : $0 } : nil
        let lines = asked.map { example in
            let object: JSONValue = [
                "line": JSONValue(example.line), "question": JSONValue(example.request),
                "answer": JSONValue(example.completion),
            ]
            return object.text() + "\n"
        }.joined()
        let page = Page(
            id: id, rows: Figure.count(asked.count), leftOut: leftOut == 0 ? nil : Figure.count(leftOut),
            metric: Self.metrics[primary] ?? "exact_match",
            aggregation: primary == .bleu || primary == .chrF ? primary.rawValue : "mean",
            isSame: Self.metrics[primary] != nil,
            honeMetric: primary.rawValue, stops: stops.map { JSONValue($0).text() },
            longestAnswer: String(longestAnswer),
            system: system.map { JSONValue($0).text() })
        return [
            (id + ".yaml", try templates.render(page, with: "harness.yaml")), ("test.jsonl", lines),
            ("README.md", try templates.render(page, with: "harness.md")),
        ]
    }

    /// What the harness calls hone's metric, where it has the same.
    private static let metrics: [Metric: String] = [.exactMatch: "exact_match", .bleu: "bleu", .chrF: "chrf"]

    struct Page {
        let id: String
        let rows: String
        let leftOut: String?
        let metric: String
        let aggregation: String
        /// The harness's metric is the one the run was judged by.
        let isSame: Bool
        let honeMetric: String
        let stops: [String]
        let longestAnswer: String
        let system: String?
    }
}
