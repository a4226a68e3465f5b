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
        package var place: String
        package var origin: String
        package var model: String?
    }

    /// What a source says that the verdict does not follow.
    package struct Dissent: Sendable, Hashable {
        package var source: String
        package var says: String
    }

    package struct Flip: Sendable, Hashable {
        package var changes: [ReportInput.Answer]
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
        json["rule"]?.stringValue.map {
            Reason(
                rule: $0, text: json["text"]?.stringValue ?? "",
                source: sentences(json["source"]).joined(separator: ", "),
                place: sentences(json["where"]).joined(separator: ", "), origin: json["origin"]?.stringValue ?? "",
                model: json["model"]?.stringValue)
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
        return Flip(changes: changes, verdict: verdict)
    }

    /// The texts of a list whose members are texts, or objects that say their text.
    private static func sentences(_ json: JSONValue?) -> [String] {
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
