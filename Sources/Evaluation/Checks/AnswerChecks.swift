package import Datasets

/// What is looked for in an answer beside its score: a refusal, an admission of not knowing, words without a source.
///
/// What is found stands among the item's scores as `over_refusal`, `missed_refusal`, `grounded` and `tests_pass`.
package struct AnswerChecks: Sendable {
    /// Where the facts of answers are to come from.
    package struct Grounding: Sendable {
        package var settings: Groundedness.Settings
        package var library: PassageLibrary?

        package init(settings: Groundedness.Settings, documents: [Passage] = []) {
            self.settings = settings
            library = documents.isEmpty ? nil : PassageLibrary(documents)
        }

        /// The whole prompt of the row, and the passages nearest to its question and to its expected answer: the same for every
        /// arm, whatever it was shown. Nil where there is no passage to answer from.
        func sources(for example: Example) -> [String]? {
            let prompt = example.prompt.map(\.content)
            let words = prompt.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }
            guard library != nil || words >= settings.passageWords else { return nil }
            var passages: [String] = []
            for query in [example.request, example.completion] {
                passages += library?.nearest(to: query, count: settings.passages).map { $0.heading + "\n" + $0.text } ?? []
            }
            return prompt + passages
        }
    }

    private let phrases: PhraseMatcher
    package var grounding: Grounding?
    /// Runs the tests of rows that bring some; nil unless somebody allowed code to be run.
    package var code: CodeSandbox?

    /// - Parameters:
    ///   - refusals: Beginnings of answers that refuse.
    ///   - unknown: Phrases of answers that say they do not know.
    package init(refusals: [String], unknown: [String]) {
        phrases = PhraseMatcher([
            PhraseList(phrases: refusals, atStart: true), PhraseList(phrases: unknown, atStart: false),
        ])
    }

    package func refuses(_ text: String) -> Bool { phrases.hits(in: straight(text))[0] != nil }
    package func admitsNotKnowing(_ text: String) -> Bool { phrases.hits(in: straight(text))[1] != nil }

    /// Apostrophes as the phrases have them.
    private func straight(_ text: String) -> String { text.replacing("’", with: "'") }

    /// Whether `metric` can be found for any of the rows; the others stay unmeasured.
    package func measures(_ metric: Metric, _ examples: [Example]) -> Bool {
        switch metric {
        case .overRefusal, .missedRefusal: true
        case .grounded: grounding.map { grounding in examples.contains { grounding.sources(for: $0) != nil } } ?? false
        case .testsPass: code != nil && examples.contains { CodeTask($0) != nil }
        default: false
        }
    }

    /// The item with what was found; a row that was not answered has nothing to find.
    package func checked(_ item: ItemResult, _ example: Example) -> ItemResult {
        guard item.finish != .missing, !example.request.isEmpty else { return item }
        var item = item
        let refuses = refuses(item.output)
        if self.refuses(example.completion) {
            item.scores[.missedRefusal] = refuses ? 0 : 1
        } else {
            item.scores[.overRefusal] = refuses ? 1 : 0
        }
        if !item.output.isEmpty, let grounding, let sources = grounding.sources(for: example) {
            // Saying that one does not know claims nothing.
            let isSilent = refuses || admitsNotKnowing(item.output)
            let judge = Groundedness(sources: sources, settings: grounding.settings)
            item.scores[.grounded] = isSilent || judge.unsupported(in: item.output).isEmpty ? 1 : 0
        }
        if let code, let task = CodeTask(example) { item.scores[.testsPass] = code.passes(task, item.output) ? 1 : 0 }
        return item
    }
}
