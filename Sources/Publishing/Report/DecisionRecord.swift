package import Advisor
package import JSONText

/// `decision.json` as a report reads it: the shape `hone advise --json` prints.
package struct DecisionRecord: Sendable, Hashable {
    package var verdict: String
    package var with: [String] = []
    package var method: String?
    package var venue: String?
    package var confidence: String
    package var decidedBy: [String] = []
    package var options: [Option] = []
    package var reasons: [Reason] = []
    package var flips: [Flip] = []
    package var unknown: [String] = []
    package var followUps: [String] = []
    package var dissent: [Dissent] = []
    package var contradictions: [Contradiction] = []
    package var disagreements: [Disagreement] = []
    /// What an organisation's overlay changed in the rules, in words.
    package var overrides: [String] = []
    package var questions: [Question] = []
    package var costs: CostComparison?
    package var experiment: Week?
    package var models: [Model] = []
    package var next: String?

    package struct Option: Sendable, Hashable {
        package var verdict: String
        package var rank: Int
        package var speaksFor: [String]
        package var speaksAgainst: [String]
    }

    package struct Reason: Sendable, Hashable {
        package var rule: String
        package var text: String
        package var source: String
        package var origin: String
        package var model: String?
    }

    /// What a source says that the verdict does not follow.
    package struct Dissent: Sendable, Hashable {
        package var source: String
        package var says: String
    }

    /// Answers that cannot both be true.
    package struct Contradiction: Sendable, Hashable {
        package var text: String
        package var because: String
    }

    /// An answer and what the data says instead.
    package struct Disagreement: Sendable, Hashable {
        package var fact: String
        package var answered: String
        package var measured: String
        package var dataCounts: Bool
    }

    /// A question nobody answered, and where each answer alone would lead.
    package struct Question: Sendable, Hashable {
        package struct Lead: Sendable, Hashable {
            package var answer: String
            package var verdict: String
        }
        package var fact: String
        package var ask: String
        package var leads: [Lead]

        var couldDecide: Bool { leads.contains { $0.verdict != Decision.Verdict.undecided.rawValue } }
    }

    /// The experiment of one week where there is no data to speak of.
    package struct Week: Sendable, Hashable {
        package var days: Int
        package var cases: Int
        package var examples: Double
        package var needed: Double
        package var labelsPerDay: CostComparison.Span
        package var cost: CostComparison.Span
    }

    /// A base model to compare.
    package struct Model: Sendable, Hashable {
        package var name: String
        package var billions: Double
        package var contextTokens: Int
        package var licence: String
        package var obligations: String
        package var isGated: Bool
        package var qlora: CostComparison.Span?
        package var lora: CostComparison.Span?
        package var checkedOn: String?
    }

    package struct Flip: Sendable, Hashable {
        package var changes: [ReportInput.Answer]
        /// Each change as a person would say it.
        package var words: [String]
        package var verdict: String
    }

    /// Nil without a verdict; anything else that is missing stays empty, because a report of less is still a report.
    package init?(json: JSONValue) {
        guard let verdict = json["verdict"]?.stringValue else { return nil }
        self.verdict = verdict
        with = Self.sentences(json["with"])
        method = json["method"]?.stringValue
        venue = json["venue"]?.stringValue
        confidence = json["confidence"]?.stringValue ?? ""
        decidedBy = Self.sentences(json["decided_by"])
        options = (json["options"]?.arrayValue ?? []).compactMap(Self.option).sorted { $0.rank < $1.rank }
        reasons = (json["reasons"]?.arrayValue ?? []).compactMap(Self.reason)
        flips = (json["flips"]?.arrayValue ?? []).compactMap(Self.flip)
        unknown = Self.sentences(json["unknown"])
        followUps = Self.sentences(json["follow_ups"])
        dissent = (json["dissent"]?.arrayValue ?? []).compactMap(Self.objection)
        contradictions = (json["contradictions"]?.arrayValue ?? []).compactMap(Contradiction.init(json:))
        disagreements = (json["disagreements"]?.arrayValue ?? []).compactMap(Disagreement.init(json:))
        overrides = Self.sentences(json["overrides"])
        questions = (json["questions"]?.arrayValue ?? []).compactMap(Question.init(json:))
        costs = json["costs"].flatMap(CostComparison.init(json:))
        experiment = json["experiment"].flatMap(Week.init(json:))
        models = (json["models"]?.arrayValue ?? []).compactMap(Model.init(json:))
        next = json["next"]?.stringValue
    }

    private static func option(_ json: JSONValue) -> Option? {
        json["verdict"]?.stringValue.map {
            Option(
                verdict: $0, rank: json["rank"]?.intValue ?? .max, speaksFor: sentences(json["for"]),
                speaksAgainst: sentences(json["against"]))
        }
    }

    private static func reason(_ json: JSONValue) -> Reason? {
        // `cited` says of each document which of its items; `source` and `where` are the first document and all items.
        let cited = sentences(json["cited"]).joined(separator: "; ")
        let source = [json["source"], json["where"]].map { sentences($0).joined(separator: ", ") }
        return json["rule"]?.stringValue.map {
            Reason(
                rule: $0, text: json["text"]?.stringValue ?? "",
                source: cited.isEmpty ? source.filter { !$0.isEmpty }.joined(separator: ", ") : cited,
                origin: json["origin"]?.stringValue ?? "", model: json["model"]?.stringValue)
        }
    }

    private static func objection(_ json: JSONValue) -> Dissent? {
        json["says"]?.stringValue.map { Dissent(source: sentences(json["source"]).joined(separator: ", "), says: $0) }
    }

    private static func flip(_ json: JSONValue) -> Flip? {
        guard let verdict = json["verdict"]?.stringValue, let change = json["change"]?.objectValue else { return nil }
        let changes = change.members.map {
            ReportInput.Answer(fact: $0.key, value: sentences($0.value).joined(separator: ", "))
        }
        return Flip(changes: changes, words: sentences(json["words"]), verdict: verdict)
    }

    /// The texts of a list whose members are texts, or objects that say their text.
    static func sentences(_ json: JSONValue?) -> [String] {
        switch json {
        case .string(let text)?: [text]
        case .bool(let flag)?: [flag ? "yes" : "no"]
        case .number(let number)?: [number.text]
        case .array(let members)?: members.flatMap(sentences)
        case .object?:
            (json?["text"] ?? json?["name"] ?? json?["rule"]).map { sentences($0) } ?? []
        case .null?, nil: []
        }
    }
}
