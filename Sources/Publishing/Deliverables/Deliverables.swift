package import Datasets

/// What a team can use at once when the verdict is not to train.
package struct Deliverables: Sendable {
    /// The files a run may leave in its report folder, in the order a report lists them.
    package static let fileNames = [
        "prompt.md", "prompt.json", "prompt-request.json", "prompt-tests.jsonl", "retrieval.md",
        "retrieval-questions.jsonl",
    ]

    package let files: [ReportInput.Deliverable]

    /// - Parameters:
    ///   - decision: Its verdict and the means beside it say which files are wanted.
    ///   - examples: Rows to show and to test with; the training part where the data has parts.
    ///   - shown: How many of them the prompt shows.
    ///   - documents: Names and sizes of the files that hold the facts, where the team has a folder of them.
    package init(
        for decision: DecisionRecord, answers: [ReportInput.Answer], examples: [Example], shown: Int,
        documents: [SourceDocument],
        _ templates: ReportTemplates
    ) throws(ReportError) {
        let means = Set([decision.verdict] + decision.with)
        let task = answers.first { $0.fact == "task.summary" }?.value
        var files: [ReportInput.Deliverable] = []
        if !means.isDisjoint(with: ["prompting", "few_shot", "constrained_output"]), !examples.isEmpty {
            files += try PromptFile(task: task, choice: ExampleChoice(from: examples, count: shown), all: examples)
                .files(templates)
        }
        if !means.isDisjoint(with: ["rag", "sft_with_rag"]) {
            files += try RetrievalGuide(task: task, examples: examples, documents: documents).files(templates)
        }
        self.files = files
    }

    package struct SourceDocument: Sendable, Hashable {
        package var name: String
        package var byteCount: Int

        package init(name: String, byteCount: Int) {
            self.name = name
            self.byteCount = byteCount
        }
    }
}
