package import Evaluation

/// `README.md` beside an index: how to ask it, and what it found of the test set.
package struct RetrievalPage: Sendable {
    package struct Miss: Sendable {
        let line: String
        let question: String
        let source: String
    }

    struct Row {
        let count: String
        let share: String
        let range: String
    }

    let documents: String
    let passages: String
    let questions: String
    let tested: String
    let isTested: Bool
    let recall: [Row]
    let misses: [Miss]

    package init(
        documents: Int, passages: Int, questions: Int, recall: [(count: Int, share: Interval)],
        misses: [(line: Int, question: String, source: String)]
    ) {
        self.documents = Figure.count(documents)
        self.passages = Figure.count(passages)
        self.questions = Figure.count(questions)
        tested = Figure.count(recall.first?.share.n ?? 0)
        isTested = !recall.isEmpty
        self.recall = recall.map { count, share in
            Row(
                count: String(count), share: Figure.percent(share.value),
                range: "\(Figure.fixed(share.low * 100, digits: 1))–\(Figure.fixed(share.high * 100, digits: 1))")
        }
        self.misses = misses.map { Miss(line: String($0.line), question: $0.question, source: $0.source) }
    }

    package func text(_ templates: ReportTemplates) throws(ReportError) -> String {
        try templates.render(self, with: "retrieval-index.md")
    }
}
