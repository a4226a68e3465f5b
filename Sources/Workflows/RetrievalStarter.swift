package import Evaluation
package import FileStore
import JSONText
package import Plan
package import Publishing
package import Search

/// Documents made searchable, with a test set and what the search finds of it.
package struct RetrievalStarter {
    package let index: PassageStore
    package let passages: Int
    package let documents: [String]
    /// Found among so many passages, for questions whose source is known.
    package let recall: [Recall]
    package let misses: [RetrievalQuestion]
    private let questions: [RetrievalQuestion]

    package struct Recall: Sendable, Hashable {
        package let count: Int
        package let share: Interval
    }

    /// Numbers of passages that recall is measured at.
    package static let counts = [1, 3, 5, 10]

    /// Makes the index at `path`, and asks it every question of the test set.
    ///
    /// - Parameters:
    ///   - documents: A folder to read, or single files: Markdown or plain text.
    ///   - questions: As `retrieval-questions.jsonl` has them.
    package init(
        documents paths: [String], questions: [RetrievalQuestion], index path: String, store: FileStore = FileStore()
    ) throws {
        let pieces = try ArmMeasuring.documents(paths, store)
        guard !pieces.isEmpty else { throw RetrievalStarterError.noPassages(documents: paths) }
        let index = try PassageStore(
            path: path, entries: pieces.map { .init(source: $0.source, heading: $0.heading, text: $0.text) })
        let known = Set(pieces.map(\.source)), testable = questions.filter { $0.source.map(known.contains) ?? false }
        var ranks: [Int?] = []
        for question in testable {
            let hits = try index.search(question.question, count: Self.counts.max() ?? 10)
            ranks.append(hits.firstIndex { $0.entry.source == question.source })
        }
        recall = Self.counts.compactMap { count in
            Interval.wilson(successes: ranks.count { $0.map { $0 < count } ?? false }, of: testable.count)
                .map { Recall(count: count, share: $0) }
        }
        misses = zip(testable, ranks).filter { $0.1 == nil }.map(\.0)
        (self.index, self.questions, passages) = (index, questions, pieces.count)
        documents = known.sorted()
    }

    /// `README.md` of the folder, with the table.
    package func page(_ templates: ReportTemplates) throws(ReportError) -> String {
        try RetrievalPage(
            documents: documents.count, passages: passages, questions: questions.count,
            recall: recall.map { ($0.count, $0.share) },
            misses: misses.prefix(5).map { (line: $0.line, question: $0.question, source: $0.source ?? "") }
        ).text(templates)
    }
}

/// One line of the test set.
package struct RetrievalQuestion: Sendable, Hashable {
    package let line: Int
    package let question: String
    package let expected: String
    /// The document the answer is in, where the data says so.
    package let source: String?

    /// - Parameter text: Of `retrieval-questions.jsonl`.
    package static func read(_ text: String, path: String) throws(RetrievalStarterError) -> [RetrievalQuestion] {
        var questions: [RetrievalQuestion] = []
        for (place, line) in text.split(separator: "\n").enumerated() {
            guard let json = try? JSONValue.parse(String(line)), let question = json["question"]?.stringValue else {
                throw .badQuestion(path: path, line: place + 1)
            }
            questions.append(
                RetrievalQuestion(
                    line: json["line"]?.intValue ?? place + 1, question: question,
                    expected: json["expected"]?.stringValue ?? "", source: json["source"]?.stringValue))
        }
        return questions
    }
}

package enum RetrievalStarterError: Error, Sendable, Hashable {
    case noPassages(documents: [String])
    case badQuestion(path: String, line: Int)
    /// The run was not decided for retrieval or a prompt, so it has nothing to write.
    case noDeliverables(run: String)
    /// Retrieval needs the documents themselves.
    case noDocuments(run: String)
}

/// The line from a run that decided not to train to what can be used the same day.
package struct DeliverableExporting {
    private let run: RunFolder
    private let templates: ReportTemplates
    private let store: FileStore

    package init(_ run: RunFolder, templates: ReportTemplates, store: FileStore = FileStore()) {
        (self.run, self.templates, self.store) = (run, templates, store)
    }

    package struct Written {
        package var paths: [String] = []
        package var starter: RetrievalStarter?
    }

    /// Writes `prompt/` and, with documents, `retrieval/` into the folder.
    package func write(to folder: String, documents: [String]) throws -> Written {
        let prompts = ["prompt.md", "prompt.json", "prompt-request.json", "prompt-tests.jsonl"]
            .filter { store.isFile(run.report + "/" + $0) }
        let guide = run.report + "/retrieval.md", questions = run.report + "/retrieval-questions.jsonl"
        let wantsRetrieval = store.isFile(guide) || !documents.isEmpty
        guard !prompts.isEmpty || wantsRetrieval else { throw RetrievalStarterError.noDeliverables(run: run.path) }
        guard !wantsRetrieval || !documents.isEmpty else { throw RetrievalStarterError.noDocuments(run: run.path) }
        try store.createFolder(folder)
        var record = try ExportRecord(folder: folder, store), written = Written()
        if !prompts.isEmpty {
            try record.allow("prompt", in: folder, store)
            try store.publishFolder(folder + "/prompt") { (temporary) throws in
                for name in prompts {
                    // Inside a folder of that name the files need no such beginning.
                    let short =
                        name == "prompt.md"
                        ? "README.md" : name == "prompt.json" ? "messages.json" : String(name.dropFirst(7))
                    try store.copyFile(run.report + "/" + name, to: temporary + "/" + short)
                    written.paths.append("prompt/" + short)
                }
            }
            try record.add("prompt", in: folder, store)
        }
        guard wantsRetrieval else { return written }
        let asked =
            store.isFile(questions)
            ? try RetrievalQuestion.read(try store.readText(questions), path: questions) : []
        try record.allow("retrieval", in: folder, store)
        try store.publishFolder(folder + "/retrieval") { (temporary) throws in
            let starter = try RetrievalStarter(
                documents: documents, questions: asked, index: temporary + "/index.sqlite", store: store)
            try store.write(try starter.page(templates), to: temporary + "/README.md")
            if store.isFile(questions) { try store.copyFile(questions, to: temporary + "/questions.jsonl") }
            if store.isFile(guide) { try store.copyFile(guide, to: temporary + "/guide.md") }
            written.starter = starter
        }
        try record.add("retrieval", in: folder, store)
        written.paths +=
            ["retrieval/index.sqlite", "retrieval/README.md"]
            + (asked.isEmpty ? [] : ["retrieval/questions.jsonl"])
        return written
    }
}
