/// The metrics of an evaluation and why these: chosen from the task and from what the expected answers look like.
package struct MetricSet: Sendable, Hashable {
    /// What the expected answers are.
    package enum AnswerForm: String, Sendable, Hashable {
        case json, labels
        case shortText = "short_text"
        case openText = "open_text"
    }

    /// The one the verdict rests on.
    package let primary: Metric
    package let all: [Metric]
    package let form: AnswerForm
    /// The person named them; nothing was chosen.
    package let isGiven: Bool

    /// The general-knowledge questions: right or wrong.
    package static let generalKnowledge = MetricSet(
        primary: ProbeResult.metric, all: [ProbeResult.metric], form: .shortText, isGiven: false)

    /// Metrics that suit the expected answers; `taskKind` is the fact `task.kind`, nil where it is unknown.
    ///
    /// Where questions are answered with numbers that stand in no question, those numbers are what counts: words around them
    /// are easily right.
    package static func suiting(expected: [String], requests: [String] = [], taskKind: String? = nil) -> MetricSet {
        let form = form(of: expected, taskKind: taskKind)
        var own: [Metric] =
            switch form {
            case .json:
                [.exactMatch, .objectMatch, .jsonParse, .jsonFound, .schemaValid, .requiredFields, .fieldF1]
            case .labels: [.labelAccuracy, .macroF1, .exactMatch]
            case .shortText: [.answerMatch, .exactMatch, .tokenF1]
            case .openText: [.tokenF1, .chrF, .rougeL, .bleu, .exactMatch]
            }
        if form == .labels, expected.allSatisfy(ChoiceAnswer.isLetter) { own.insert(.choiceAccuracy, at: 0) }
        if taskKind == "summarization", form == .openText { own = [.rougeL] + own.filter { $0 != .rougeL } }
        let withFacts = zip(requests, expected).count { !NumberFacts.needed(request: $0, expected: $1).isEmpty }
        if taskKind == "qa", form == .openText || form == .shortText, withFacts * 2 > expected.count {
            own.insert(.factsRight, at: 0)
        }
        return MetricSet(
            primary: own[0], all: own + [.perplexity, .bitsPerByte] + failureDetectors, form: form, isGiven: false)
    }

    /// The metrics somebody asked for; the first one is primary.
    package static func given(_ metrics: [Metric], expected: [String]) -> MetricSet? {
        guard let first = metrics.first else { return nil }
        return MetricSet(primary: first, all: metrics, form: form(of: expected, taskKind: nil), isGiven: true)
    }

    /// The primary metric and the two that explain it best: what fits on a first screen.
    package var headline: [Metric] {
        let wanted = all.filter {
            $0.scale != .ratio && $0.direction == .higherIsBetter && ($0 == primary || !$0.isFoundByChecks)
        }
        let core = wanted.filter {
            $0 != .jsonFound && $0 != .objectMatch && $0 != .schemaValid && $0 != .requiredFields
        }
        return Array((core.isEmpty ? wanted : core).prefix(3))
    }

    /// The same with further metrics behind them; a given set stays as it was given.
    package func adding(_ more: [Metric]) -> MetricSet {
        let new = more.filter { !all.contains($0) }
        // Tests say what code does; words it shares with another solution say little.
        let isCode = new.contains(.testsPass)
        return isGiven
            ? self
            : MetricSet(primary: isCode ? .testsPass : primary, all: isCode ? [.testsPass] + all + new.filter { $0 != .testsPass } : all + new, form: form, isGiven: false)
    }

    /// Whether text has to be generated at all; losses alone need one pass over the rows.
    package var needsGeneration: Bool { !all.allSatisfy(\.needsTokenLosses) }
    /// The same figures for an arm whose prompt is not the row's own: the surprise of its answer would be another one.
    package var withoutTokenLosses: MetricSet {
        MetricSet(primary: primary, all: all.filter { !$0.needsTokenLosses }, form: form, isGiven: isGiven)
    }

    package var needsTokenLosses: Bool { all.contains(where: \.needsTokenLosses) }

    /// Cheap signs that something is broken, whatever the task is.
    private static let failureDetectors: [Metric] = [.lengthRatio, .stopRate, .echoRate, .repetition]

    private static func form(of expected: [String], taskKind: String?) -> AnswerForm {
        guard !expected.isEmpty else { return .openText }
        if expected.allSatisfy({ JSONAnswer.structure(in: $0) != nil }) { return .json }
        let words = expected.map { $0.split(whereSeparator: \.isWhitespace).count }
        let longest = words.max() ?? 0
        let distinct = Set(expected.map(LabelScores.fold)).count
        // A label is short and comes back: on average each is seen at least twice.
        if longest <= labelWords, taskKind == "classification" || (distinct >= 2 && distinct * 2 <= expected.count) {
            return .labels
        }
        return words.reduce(0, +) <= shortAnswerWords * words.count ? .shortText : .openText
    }

    private static let labelWords = 6
    private static let shortAnswerWords = 8
}
