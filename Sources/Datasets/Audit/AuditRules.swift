package import RuleEngine

/// What the rule book says about the audit: how bad each check is, where it begins, and what to do.
package struct AuditRules: Sendable {
    private let checks: [AuditCheck: CheckRule]
    private let thresholds: [String: Double]
    private let phrases: [String: PhraseList]
    /// Checks the chosen profile asks for even where no row mentions their column.
    private let demanded: Set<AuditCheck>
    /// Frequent words of languages in Latin script.
    let languages: [(name: String, words: [String])]
    let bands: [SizeBand]

    /// - Parameter profile: A name in the table `audit_profiles`; nil is as strict as the checks themselves.
    package init(_ book: RuleBook, profile: String? = nil) throws(AuditRulesError) {
        let table = try Self.table("audit_checks", of: book)
        var checks: [AuditCheck: CheckRule] = [:]
        for check in AuditCheck.allCases {
            guard let row = table[check.rawValue] else { throw .missingRow(table: table.id, row: check.rawValue) }
            checks[check] = try CheckRule(row)
        }
        demanded = try Self.tighten(&checks, profile, book)
        self.checks = checks
        languages = try Self.table("languages", of: book).rows.map { ($0.id, $0.list("words") ?? []) }
        var thresholds: [String: Double] = [:]
        for row in try Self.table("audit_thresholds", of: book).rows { thresholds[row.id] = row.number("value") }
        self.thresholds = thresholds
        var phrases: [String: PhraseList] = [:]
        for row in try Self.table("audit_phrases", of: book).rows {
            phrases[row.id] = PhraseList(phrases: row.list("phrases") ?? [], atStart: row.flag("at_start") ?? false)
        }
        self.phrases = phrases
        for threshold in Threshold.allCases where thresholds[threshold.rawValue] == nil {
            throw .missingRow(table: "audit_thresholds", row: threshold.rawValue)
        }
        bands = SizeBand.all(in: book)
    }

    private static func tighten(
        _ checks: inout [AuditCheck: CheckRule], _ profile: String?, _ book: RuleBook
    ) throws(AuditRulesError) -> Set<AuditCheck> {
        guard let profile else { return [] }
        let rows = try table("audit_profiles", of: book).rows
        let own = rows.filter { $0.text("profile") == profile }
        guard !own.isEmpty else {
            throw .unknownProfile(profile, known: Set(rows.compactMap { $0.text("profile") }).sorted())
        }
        var demanded: Set<AuditCheck> = []
        for row in own {
            let name = row.text("check") ?? ""
            guard let check = AuditCheck(rawValue: name) else {
                throw .badCell(
                    row: row.ruleID, column: "check", value: name, allowed: AuditCheck.allCases.map(\.rawValue))
            }
            checks[check]?.errorFrom = row.number("error_from") ?? 0
            demanded.insert(check)
        }
        return demanded
    }

    private static func table(_ id: String, of book: RuleBook) throws(AuditRulesError) -> RuleTable {
        guard let table = book.table(id) else { throw .missingTable(id) }
        return table
    }

    /// Every check has a rule: `init` saw to it.
    subscript(check: AuditCheck) -> CheckRule { checks[check] ?? CheckRule() }

    subscript(threshold: Threshold) -> Double { thresholds[threshold.rawValue] ?? 0 }

    func demands(_ check: AuditCheck) -> Bool { demanded.contains(check) }

    func phrases(_ id: String) -> PhraseList { phrases[id] ?? PhraseList(phrases: [], atStart: false) }

    /// Share of rows on which two arms are assumed to differ while a test part is being sized.
    package var splitDiscordance: Double { self[.splitDiscordance] }

    package var labelLimits: LabelInventory.Limits {
        LabelInventory.Limits(
            mostDistinctShare: self[.labelDistinct], mostWords: Int(self[.labelWords]),
            leastRepeatedShare: self[.labelRepeated])
    }

    /// Rows of `audit_thresholds`.
    enum Threshold: String, CaseIterable {
        case fewExamples = "few_examples"
        case repeatedOften = "repeated_often"
        case nearDuplicate = "near_duplicate"
        case boilerplate
        case conflictingText = "conflicting_text"
        case passageWords = "passage_words"
        case passageShare = "passage_share"
        case labelDistinct = "label_distinct"
        case labelWords = "label_words"
        case labelRepeated = "label_repeated"
        case fewPerLabel = "few_per_label"
        case labelImbalance = "label_imbalance"
        case smallTest = "small_test"
        case splitTrainLeast = "split_train_least"
        case splitTrainMost = "split_train_most"
        case splitHeldOutLeast = "split_held_out_least"
        case splitHeldOutMost = "split_held_out_most"
        case jsonAnswers = "json_answers"
        case jsonKeyExpected = "json_key_expected"
        case jsonKeyRare = "json_key_rare"
        case jsonTypeUsual = "json_type_usual"
        case instructionRare = "instruction_rare"
        case wordingShare = "wording_share"
        case wordingsCover = "wordings_cover"
        case minority
        case disclaimerEverywhere = "disclaimer_everywhere"
        case usageUnknownWords = "usage_unknown_words"
        case usageDivergence = "usage_divergence"
        case behaviourRows = "behaviour_rows"
        case paddingWaste = "padding_waste"
        case splitDiscordance = "split_discordance"
    }
}

/// The rule book lacks something the audit needs.
package enum AuditRulesError: Error, Sendable, Hashable {
    case missingTable(String)
    case missingRow(table: String, row: String)
    /// No row of `audit_profiles` has that profile.
    case unknownProfile(String, known: [String])
    case badCell(row: String, column: String, value: String, allowed: [String])
}

/// One row of `audit_checks`.
struct CheckRule: Sendable {
    var id = ""
    var heading = Finding.Heading.quality
    var title = ""
    var severity = Finding.Severity.warning
    var warningFrom: Double?
    var errorFrom: Double?
    var why = ""
    var fix = ""

    init() {}

    init(_ row: RuleTable.Row) throws(AuditRulesError) {
        id = row.ruleID
        heading = try Self.choice(row, "heading")
        severity = try Self.choice(row, "severity")
        title = row.text("title") ?? row.id
        warningFrom = row.number("warning_from")
        errorFrom = row.number("error_from")
        why = row.text("why") ?? ""
        fix = row.text("fix") ?? ""
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ row: RuleTable.Row, _ column: String
    ) throws(AuditRulesError) -> Value {
        let text = row.text(column) ?? ""
        guard let value = Value(rawValue: text) else {
            throw .badCell(row: row.ruleID, column: column, value: text, allowed: Value.allCases.map(\.rawValue))
        }
        return value
    }

    func severity(atShare share: Double) -> Finding.Severity {
        if let errorFrom, share >= errorFrom { return .error }
        if let warningFrom, share >= warningFrom { return max(severity, .warning) }
        return severity
    }
}

/// What a dataset of some size can be expected to do: one rule of the decision `size_band`.
package struct SizeBand: Sendable, Hashable {
    package var rule: String
    package var band: String
    package var title: String

    static func all(in book: RuleBook) -> [SizeBand] {
        book.decision("size_band")?.rules.map(SizeBand.init) ?? []
    }

    /// The band of a dataset with that many effective examples.
    static func band(of examples: Int, in book: RuleBook) -> SizeBand? {
        guard let table = book.decision("size_band") else { return nil }
        var facts = Facts(book.vocabulary)
        facts["data.examples"] = .number(Double(examples))
        return table.decide(facts).fired.first.map { SizeBand(table.rules[$0]) }
    }

    /// The next band above that many examples and how many are missing to it.
    static func next(after examples: Int, in book: RuleBook) -> NextBand? {
        let here = band(of: examples, in: book)
        var (below, above) = (examples, max(examples, 1))
        repeat {
            guard above < 10_000_000 else { return nil }
            above *= 2
        } while band(of: above, in: book) == here
        while above - below > 1 {
            let middle = (below + above) / 2
            if band(of: middle, in: book) == here { below = middle } else { above = middle }
        }
        return band(of: above, in: book).map { NextBand(band: $0, missing: above - examples) }
    }

    private init(_ rule: Rule) {
        self.rule = rule.id
        band = rule.outcome("band")?.text ?? ""
        title = rule.title
    }
}

/// A band not reached yet.
package struct NextBand: Sendable, Hashable {
    package var band: SizeBand
    package var missing: Int
}
