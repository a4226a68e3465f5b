import Advisor

extension Decision.Verdict {
    /// The verdict as an instruction.
    var headline: String {
        switch self {
        case .prompting: "Do not train. Work on the prompt."
        case .few_shot: "Do not train yet. Put the best examples into the prompt."
        case .constrained_output: "Do not train yet. Constrain the output first."
        case .rag: "Do not train. Retrieve the facts."
        case .plain_classifier: "Train a plain text classifier, not a language model."
        case .sft: "Fine-tune."
        case .sft_with_rag: "Retrieve the facts and fine-tune the form."
        case .stronger_base: "Use a stronger base model."
        case .improve_data: "Improve the data first."
        case .undecided: "Undecided: the missing answers would lead to different work."
        }
    }
}

extension Decision.Confidence {
    var words: String {
        switch self {
        case .by_rule: "decided by rule, on what was answered"
        case .measured: "decided by what was measured"
        case .contested: "contested: an open answer could change it"
        }
    }
}
