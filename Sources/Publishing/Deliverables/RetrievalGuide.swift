import Datasets
import JSONText

/// What to index, how to ask and how to test, where facts are to be retrieved instead of trained in.
struct RetrievalGuide {
    let task: String?
    let examples: [Example]
    let documents: [Deliverables.SourceDocument]

    func files(_ templates: ReportTemplates) throws(ReportError) -> [ReportInput.Deliverable] {
        var files = [
            ReportInput.Deliverable(file: "retrieval.md", text: try templates.render(page, with: "retrieval.md"))
        ]
        if !questions.isEmpty {
            let lines = questions.map { $0.text() + "\n" }.joined()
            files.append(.init(file: "retrieval-questions.jsonl", text: lines))
        }
        return files
    }

    /// Every row with a question and an answer; the source is what a retriever has to find.
    private var questions: [JSONValue] {
        examples.filter { !$0.request.isEmpty && !$0.completion.isEmpty }.map { example in
            var object: JSONObject = [
                "line": JSONValue(example.line), "question": JSONValue(example.request),
                "expected": JSONValue(example.completion),
            ]
            object["source"] = example.source.map { JSONValue($0) }
            return .object(object)
        }
    }

    private var page: Page {
        var counts: [String: Int] = [:]
        for example in examples { if let source = example.source { counts[source, default: 0] += 1 } }
        let sources = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let samples = ExampleChoice(from: examples, count: 3).chosen
        return Page(
            task: task, hasDocuments: !documents.isEmpty,
            documents: documents.map { .init(name: $0.name, value: Figure.bytes($0.byteCount)) },
            hasSources: !sources.isEmpty, sources: sources.map { .init(name: $0.key, value: Figure.count($0.value)) },
            questions: Figure.count(questions.count),
            samples: samples.map {
                .init(question: $0.request, answer: $0.completion, source: $0.source ?? "–", line: String($0.line))
            })
    }

    struct Page {
        let task: String?
        let hasDocuments: Bool
        let documents: [ReportPage.Fact]
        let hasSources: Bool
        let sources: [ReportPage.Fact]
        let questions: String
        let samples: [Sample]

        struct Sample {
            let question: String
            let answer: String
            let source: String
            let line: String
        }
    }
}
