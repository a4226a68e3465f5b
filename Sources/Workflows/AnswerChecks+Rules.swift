import Datasets
import Evaluation
import RuleEngine

extension AnswerChecks {
    /// What is looked for in answers, in the words and by the bounds of the rule book.
    init(_ book: RuleBook, documents: [Passage] = [], allowsCode: Bool = false) {
        self.init(
            refusals: book.table("audit_phrases")?["refusal"]?.list("phrases") ?? [],
            unknown: book.table("answer_phrases")?["does_not_know"]?.list("phrases") ?? [])
        let bounds = book.table("groundedness")
        var settings = Groundedness.Settings()
        func bound(_ id: String, otherwise: Int) -> Int { bounds?[id]?.number("number").map { Int($0) } ?? otherwise }
        settings.claimWords = bound("claim_words", otherwise: settings.claimWords)
        settings.claimSupport = bounds?["claim_support"]?.number("number") ?? settings.claimSupport
        settings.passageWords = bound("passage_words", otherwise: settings.passageWords)
        settings.passages = bound("passages", otherwise: settings.passages)
        grounding = Grounding(settings: settings, documents: documents)
        code = allowsCode ? CodeSandbox() : nil
    }
}
