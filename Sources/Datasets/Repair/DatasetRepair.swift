package import JSONText
package import RuleEngine

/// What can be put right without asking: unreadable rows and copies go, answers that only look like JSON become JSON, labels
/// get their usual spelling, personal data and secrets are masked.
///
/// The input is never touched, and every change is a line of the ledger. Conflicts stay: only a person knows which answer is
/// right.
package struct DatasetRepair: Sendable {
    /// Behind the name of the repaired file.
    package static let ledgerEnding = ".ledger.jsonl"

    package private(set) var examples: [Example] = []
    package private(set) var ledger: [LedgerEntry] = []

    package init(_ dataset: Dataset, book: RuleBook, threads: Int = 1) throws(AuditRulesError) {
        let rules = try AuditRules(book)
        ledger = dataset.dropped.map {
            LedgerEntry(place: $0.place, action: .dropped, check: $0.problem.id, detail: $0.problem.brief)
        }
        let labels = LabelInventory(dataset.rows, limits: rules.labelLimits)
        let spellings = labels.map { LabelChecks(inventory: $0, rules: rules).usualSpellings } ?? [:]
        let repetition = Repetition(dataset.rows, rules: rules, isClassification: labels != nil, threads: threads)
        var firstOfCopy: [Int: Int] = [:]
        for set in repetition.copies {
            for row in set.dropFirst() { firstOfCopy[Int(row)] = set.first.map { Int($0) } }
        }
        for (row, example) in dataset.examples.enumerated() {
            if let first = firstOfCopy[row] {
                let line = "as line \(dataset.examples[first].line)"
                ledger.append(
                    LedgerEntry(
                        place: example.place, action: .dropped, check: AuditCheck.sameText.rawValue, detail: line))
                continue
            }
            var repaired = example
            repairAnswers(of: &repaired, spellings: spellings)
            mask(&repaired)
            examples.append(repaired)
        }
        ledger.sort { ($0.place, $0.check) < ($1.place, $1.check) }
    }

    private mutating func repairAnswers(of example: inout Example, spellings: [String: String]) {
        guard case .chat(var messages) = example.body else { return }
        for place in messages.indices where messages[place].role == .assistant {
            let answer = messages[place].content
            if let usual = spellings[answer] {
                messages[place].content = usual
                note(example, .labelVariants, "\(answer) → \(usual)")
            } else if let bare = StructuredText.withoutFence(answer) {
                messages[place].content = bare
                note(example, .fencedJSONAnswer, "the fence is gone")
            } else if let value = StructuredText.pythonLiteral(answer) {
                messages[place].content = value.text(.pythonStyle)
                note(example, .pythonLiteralAnswer, "\(Excerpt.of(answer)) → \(Excerpt.of(messages[place].content))")
            }
        }
        example.body = .chat(messages)
    }

    private mutating func mask(_ example: inout Example) {
        var kinds: [PersonalData.Kind] = []
        switch example.body {
        case .plainText(let text): example.body = .plainText(PersonalData.masked(text, &kinds))
        case .chat(var messages):
            for place in messages.indices {
                messages[place].content = PersonalData.masked(messages[place].content, &kinds)
            }
            example.body = .chat(messages)
        }
        guard !kinds.isEmpty else { return }
        let check = kinds.contains(where: \.isSecret) ? AuditCheck.secrets : .personalData
        note(example, check, "masked: " + kinds.map(\.rawValue).joined(separator: ", "))
    }

    private mutating func note(_ example: Example, _ check: AuditCheck, _ detail: String) {
        ledger.append(LedgerEntry(place: example.place, action: .changed, check: check.rawValue, detail: detail))
    }
}

/// What happened to one row.
package struct LedgerEntry: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable {
        case dropped, changed
    }

    package var place: RowPlace
    package var action: Action
    /// The check that asked for it.
    package var check: String
    package var detail: String

    package func json(files: [SourceFile]) -> JSONValue {
        [
            "file": .string(files.indices.contains(place.file) ? files[place.file].path : ""),
            "line": JSONValue(place.line),
            "byte_offset": JSONValue(place.byteOffset), "action": .string(action.rawValue), "check": .string(check),
            "detail": .string(detail),
        ]
    }
}

extension PersonalData {
    /// The text with every hit replaced by its kind in brackets, such as `[EMAIL]`.
    static func masked(_ text: String, _ kinds: inout [Kind]) -> String {
        let hits = hits(in: text)
        guard !hits.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var masked: [UInt8] = []
        var copied = 0
        for hit in hits {
            masked += bytes[copied..<hit.range.lowerBound]
            masked += "[\(hit.kind.rawValue.uppercased())]".utf8
            copied = hit.range.upperBound
            kinds.append(hit.kind)
        }
        masked += bytes[copied...]
        return String(decoding: masked, as: UTF8.self)
    }
}
