/// What is measured, by the id used in plans, rules, `summary.json` and `--metrics`.
package enum Metric: String, Sendable, Hashable, CaseIterable {
    /// The trimmed output equals the trimmed expected text, character for character.
    case exactMatch = "exact_match"
    /// The same words after SQuAD normalisation: case, articles and ASCII punctuation do not count.
    case answerMatch = "answer_match"
    /// The output is the same JSON value as expected; spaces, member order and `1.0` for `1` do not count.
    case objectMatch = "object_match"
    /// The whole output is one JSON object or array.
    case jsonParse = "json_parse"
    /// An object or array can be taken out of the output: in a code fence, or the first balanced one.
    case jsonFound = "json_found"
    /// F1 over the fields (path and value) of the JSON that could be found; an item without any scores 0.
    case fieldF1 = "field_f1"
    /// The output names the expected label; an output that names no known label is wrong, never left out.
    case labelAccuracy = "label_accuracy"
    /// F1 per label, then the mean over all labels that were expected or given, as scikit-learn does.
    case macroF1 = "macro_f1"
    /// Overlap of words with the expected answer after SQuAD normalisation.
    case tokenF1 = "token_f1"
    /// The numbers of the expected answer that the request does not hold are in the output, and no others: what somebody
    /// had to know was known, however it was said. Not defined where there is no such number.
    case factsRight = "facts_right"
    /// BLEU over all items together, as sacrebleu computes it, as a share of 1.
    case bleu
    /// chrF over all items together, as sacrebleu computes it, as a share of 1.
    case chrF = "chrf"
    /// F1 over words, pairs of words and the longest common run of words, as rouge-score computes them; texts that are not
    /// ASCII are read by words of their own script.
    case rouge1, rouge2
    case rougeL = "rouge_l"
    /// The output is JSON that fits the schema: the one given, else the one all expected answers share.
    case schemaValid = "schema_valid"
    /// The JSON that could be found has every key the expected object has.
    case requiredFields = "required_fields"
    /// The first letter that stands alone in the output is the expected one.
    case choiceAccuracy = "choice_accuracy"
    /// Exponential of the mean negative log-likelihood of the expected answer's tokens, end token included.
    case perplexity
    /// The same surprise per byte of text: comparable between tokenizers.
    case bitsPerByte = "bits_per_byte"
    /// Characters written by characters expected, over all items together.
    case lengthRatio = "length_ratio"
    /// The model ended its answer by itself instead of running into the limit.
    case stopRate = "stop_rate"
    /// The output repeats the request.
    case echoRate = "echo_rate"
    /// Share of the output's runs of three words that came before in it: a model in a loop.
    case repetition
    /// The output refuses although the expected answer does not.
    case overRefusal = "over_refusal"
    /// The output answers although the expected answer refuses.
    case missedRefusal = "missed_refusal"
    /// Every number, name and claim of the output is in the passages it was to be answered from.
    case grounded
    /// The tests of the row pass when they are run after the output; measured only where running code was allowed.
    case testsPass = "tests_pass"
}

extension Metric {
    /// How a value is read by a person.
    package enum Scale: Sendable, Hashable {
        /// Every item is right or wrong; the value is the share that is right.
        case proportion
        /// Every item scores between 0 and 1.
        case mean
        /// Computed over all items together.
        case corpus
        /// A positive number without upper end.
        case ratio
    }

    package enum Direction: Sendable, Hashable {
        case higherIsBetter, lowerIsBetter
        /// There is no better, only usual and unusual.
        case descriptive
    }

    package var scale: Scale {
        switch self {
        case .exactMatch, .answerMatch, .objectMatch, .jsonParse, .jsonFound, .labelAccuracy, .factsRight, .stopRate,
            .echoRate:
            .proportion
        case .schemaValid, .requiredFields, .choiceAccuracy: .proportion
        case .overRefusal, .missedRefusal, .grounded, .testsPass: .proportion
        case .fieldF1, .tokenF1, .rouge1, .rouge2, .rougeL, .repetition: .mean
        case .macroF1, .bleu, .chrF: .corpus
        case .perplexity, .bitsPerByte, .lengthRatio: .ratio
        }
    }

    package var direction: Direction {
        switch self {
        case .perplexity, .bitsPerByte, .overRefusal, .missedRefusal: .lowerIsBetter
        case .lengthRatio, .stopRate, .echoRate, .repetition: .descriptive
        case .exactMatch, .answerMatch, .objectMatch, .jsonParse, .jsonFound, .fieldF1, .labelAccuracy, .macroF1,
            .tokenF1, .factsRight, .bleu, .chrF, .rouge1, .rouge2, .rougeL, .schemaValid, .requiredFields, .choiceAccuracy,
            .grounded, .testsPass:
            .higherIsBetter
        }
    }

    /// Found by looking at the whole row, not by comparing its answer with the expected one.
    package var isFoundByChecks: Bool {
        switch self {
        case .overRefusal, .missedRefusal, .grounded, .testsPass: true
        default: false
        }
    }

    /// Needs the model's own probabilities, not only its text.
    package var needsTokenLosses: Bool { self == .perplexity || self == .bitsPerByte }
}
