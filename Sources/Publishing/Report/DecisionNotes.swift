import Advisor

/// What a reader must know beside the verdict: doubts, open questions, money, the week without data, models to compare.
///
/// The decision paper and the report of a run show the same notes.
struct DecisionNotes {
    /// Answers that contradict each other, answers the data contradicts, rules an organisation changed.
    let doubts: [Doubt]
    let questions: [Question]
    let flips: [Flip]
    /// Questions nobody answered whose answers could change the verdict.
    let open: [Open]
    let cost: Cost?
    let experiment: String?
    let models: [Model]
    /// The day licences and sizes were read.
    let modelsCheckedOn: String?

    struct Doubt {
        let kind: String
        let text: String
    }

    struct Question {
        let ask: String
        let fact: String
        let leads: String
    }

    struct Flip {
        /// Markdown: what would have to be true, with the facts it is about.
        let changes: String
        let verdict: String
    }

    struct Open {
        let ask: String
        let fact: String
    }

    struct Model {
        let name: String
        let size: String
        let context: String
        let licence: String
        let access: String
        let memory: String
    }

    init(_ decision: DecisionRecord, _ words: Words) {
        var doubts = decision.contradictions.map {
            Doubt(kind: "contradiction", text: $0.because.isEmpty ? $0.text + "." : "\($0.text). \($0.because)")
        }
        doubts += decision.disagreements.map {
            Doubt(
                kind: "disagreement",
                text: "\($0.fact): answered \($0.answered), the data says \($0.measured); "
                    + ($0.dataCounts ? "the data counts" : "the answer stands"))
        }
        doubts += decision.overrides.map { Doubt(kind: "override", text: $0) }
        self.doubts = doubts.map { Doubt(kind: words.name(.doubts, $0.kind), text: $0.text) }
        questions =
            decision.verdict == Decision.Verdict.undecided.rawValue
            ? decision.questions.filter(\.couldDecide).prefix(4).map { Question($0, words) } : []
        flips = decision.flips.map { Flip($0, words) }
        let asked = Set(questions.map(\.fact))
        let asks = Dictionary(decision.questions.map { ($0.fact, $0.ask) }, uniquingKeysWith: { first, _ in first })
        open = decision.unknown.filter { !asked.contains($0) }.map { Open(ask: asks[$0] ?? $0, fact: $0) }
        cost = decision.costs.map(Cost.init)
        experiment = decision.experiment.map(\.sentence)
        models = decision.models.map(Model.init)
        modelsCheckedOn = decision.models.first?.checkedOn
    }
}

extension DecisionNotes.Question {
    init(_ question: DecisionRecord.Question, _ words: Words) {
        ask = question.ask
        fact = question.fact
        leads = question.leads.map { lead in
            let verdict = lead.verdict == Decision.Verdict.undecided.rawValue
            return "\(lead.answer): \(verdict ? "then more is asked" : words.name(.verdicts, lead.verdict))"
        }.joined(separator: "; ")
    }
}

extension DecisionNotes.Flip {
    init(_ flip: DecisionRecord.Flip, _ words: Words) {
        changes = flip.changes.enumerated().map { place, change in
            guard flip.words.indices.contains(place) else {
                return MarkdownText.code("\(change.fact) = \(change.value)")
            }
            return "\(MarkdownText.escaped(flip.words[place])) (\(MarkdownText.code(change.fact)))"
        }.joined(separator: "<br>and ")
        verdict = words.name(.verdicts, flip.verdict)
    }
}

extension DecisionNotes.Model {
    init(_ model: DecisionRecord.Model) {
        name = model.name
        size = Figure.plain(model.billions) + " billion"
        context = Figure.count(model.contextTokens)
        licence = model.obligations.isEmpty ? model.licence : "\(model.licence): \(model.obligations)"
        access = model.isGated ? "after accepting terms" : "open"
        memory = [("QLoRA", model.qlora), ("LoRA", model.lora)].compactMap { method, need in
            need.map { "\(method) \($0.spelled(digits: $0.low < 10 ? 1 : 0)) GiB" }
        }.joined(separator: ", ")
    }
}

extension DecisionRecord.Week {
    var sentence: String {
        func number(_ value: Double) -> String { Figure.count(Int(min(value, 1e15).rounded())) }
        return
            "\(days) working days: a prompt on \(cases) cases, two experts who judge apart, "
            + "then \(labelsPerDay.spelled(digits: 0)) reviewed examples a day. "
            + "\(number(max(0, needed - examples))) more make \(number(needed)), for \(cost.spelled(digits: 0)) USD."
    }
}

extension DecisionNotes {
    /// The cost comparison as sentences and lines; its chart is drawn from the same figures.
    struct Cost {
        let lines: [Line]
        let oneOff: String
        let parts: String
        let breakEven: String
        let assumed: String?
        let listed: String?

        struct Line {
            let name: String
            let price: String
        }

        init(_ costs: CostComparison) {
            lines = costs.lines.map { Line(name: $0.way.title, price: $0.perRequest.spelled(digits: 5)) }
            oneOff = costs.oneOff.spelled(digits: 0)
            parts = costs.parts.map { "\($0.kind.rawValue) \($0.usd.spelled(digits: 0))" }.joined(separator: ", ")
            breakEven = Self.breakEven(costs)
            assumed = costs.assumed.isEmpty ? nil : costs.assumed.joined(separator: ", ")
            listed = costs.listed.map { listed in
                let age = costs.listedPriceIsOld.map { " It is \($0) days old: look it up again." } ?? ""
                return "Price of \(listed.model) from the price list"
                    + (listed.checkedOn.map { ", read on \($0)." } ?? ".") + age
            }
        }

        private static func breakEven(_ costs: CostComparison) -> String {
            let (low, high) = (costs.breakEven.low, costs.breakEven.high), days = Int(costs.horizonDays)
            func requests(_ count: Double) -> String { Figure.count(Int(min(count, 1e15).rounded(.up))) }
            if low.isInfinite { return "Tuning never pays back within \(days) days." }
            let end = high.isInfinite ? "never at worst" : "\(requests(high)) at worst"
            let today = costs.requestsPerDay.map { "; today it is \(requests($0))" } ?? ""
            return "Tuning pays back within \(days) days from \(requests(low)) requests a day at best, \(end)\(today)."
        }
    }
}

extension CostComparison.Span {
    func spelled(digits: Int) -> String {
        func spelled(_ value: Double) -> String {
            digits > 0 || abs(value) >= 1e15 ? Figure.fixed(value, digits: digits) : Figure.count(Int(value.rounded()))
        }
        let (from, to) = (spelled(low), spelled(high))
        return from == to ? from : "\(from) to \(to)"
    }
}

extension CostComparison.Line.Way {
    var title: String {
        switch self {
        case .prompting: "A long prompt"
        case .prompting_cached: "A long prompt, cached"
        case .few_shot: "More examples in the prompt"
        case .rag: "Retrieved passages in the prompt"
        case .tuned_hosted: "A tuned hosted model"
        case .tuned_own: "A tuned model on your own machine"
        }
    }
}
