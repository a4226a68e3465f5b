package import RuleEngine

/// The verdict about one case, with everything needed to argue about it.
package struct Decision: Sendable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        case prompting, few_shot, constrained_output, rag, plain_classifier, sft, sft_with_rag, stronger_base
        case improve_data, undecided

        /// Whether a language model is trained.
        package var trains: Bool { self == .sft || self == .sft_with_rag }
    }

    package enum Confidence: String, Sendable, Hashable { case by_rule, measured, contested }

    package let verdict: Verdict
    /// Further means beside the verdict.
    package let with: [String]
    package let method: String?
    package let venue: String?
    package let confidence: Confidence
    package let decidedBy: [String]
    package let options: [Option]
    package let reasons: [Reason]
    package let flips: [Flip]
    /// Facts nobody answered that could change the verdict, the most telling first.
    package let unknown: [String]
    /// The questions behind those facts, each with what its answers would lead to.
    package let questions: [OpenQuestion]
    package let followUps: [FollowUp]
    package let dissent: [Objection]
    package let sizeBand: Rule?
    /// Answers that contradict each other, in the words of the rules that noticed.
    package let contradictions: [Rule]
    /// Nil while prices or lengths are unknown.
    package let costs: CostComparison?
    /// What to do in a week where there is no data to speak of.
    package let experiment: Experiment?
    /// Base models to compare, where a model is trained.
    package let models: ModelShortlist?
    package let situation: Situation
    package let trace: Trace
    /// Fingerprint of the rule book that decided.
    package let ruleBook: String
    /// What the organisation's overlay changed in that rule book.
    package let overrides: [RuleOverride]

    package struct Option: Sendable {
        package let verdict: Verdict
        package let rank: Int
        package let speaksFor: [Rule]
        package let speaksAgainst: [Rule]
        /// The unanswered facts on which it depends whether this option comes into question.
        package let waitsFor: [String]
    }

    /// A question nobody answered, and where each answer alone would lead.
    package struct OpenQuestion: Sendable {
        package struct Answer: Sendable, Hashable {
            /// As it would be typed, or a range of numbers in words.
            package let spelled: String
            /// What it means, for a choice.
            package let meaning: String
            package let verdict: Verdict
        }
        package let question: Question
        package let unit: String
        package let answers: [Answer]

        package var couldDecide: Bool { answers.contains { $0.verdict != .undecided } }
    }

    /// One rule that carried the decision, with the facts it looked at.
    package struct Reason: Sendable {
        package let rule: Rule
        package let origin: String
        /// The model the evidence comes from, when the rule rests on a trial or a measurement.
        package let model: String?
    }

    /// A change of one or two answers that would change the verdict.
    package struct Flip: Sendable, Hashable {
        package struct Change: Sendable, Hashable {
            package let fact: String
            package let value: FactValue

            package init(fact: String, value: FactValue) {
                self.fact = fact
                self.value = value
            }
        }
        package let changes: [Change]
        package let verdict: Verdict
    }

    package struct FollowUp: Sendable {
        package let name: String
        package let rules: [Rule]
    }

    package struct Objection: Sendable {
        package let rule: String
        package let dissent: Dissent
    }
}
