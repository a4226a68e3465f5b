/// The fixed part of the prompts: system messages and how often each is used, and how requests begin.
struct Instructions {
    private(set) var counts: [String: Int] = [:]
    /// The first words of the requests, as hashes; 0 where a request is too short.
    private let openingOfRow: [UInt64]
    /// For each row the first one that begins alike.
    private let firstOfOpening: [Int32]

    /// Words by which two requests are said to begin alike.
    private static let openingWords = 4

    init(_ examples: ExampleRows, threads: Int) {
        for example in examples { counts[example.systemPrompt ?? "", default: 0] += 1 }
        openingOfRow = inParallel(things: examples.count, size: 2048, threads: threads) { rows in
            rows.map { Self.opening(of: examples[$0].request) }
        }
        firstOfOpening = RowSets.firsts(ofEqual: openingOfRow)
    }

    /// Different beginnings per row: near 0 for one template, near 1 where everybody asks in own words.
    var openingDiversity: Double {
        let different = firstOfOpening.enumerated().count { $0 == $1 && openingOfRow[$0] != 0 }
        return Double(different) / Double(max(1, firstOfOpening.count))
    }

    private static func opening(of request: String) -> UInt64 {
        var request = request
        return request.withUTF8 { bytes in
            var key: UInt64 = 0xCBF2_9CE4_8422_2325
            var words = 0
            var isInWord = false
            for byte in bytes.prefix(120) {
                let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
                let belongs = lower >= 0x80 || lower &- UInt8(ascii: "a") < 26 || lower &- UInt8(ascii: "0") < 10
                if belongs { key = (key ^ UInt64(lower)) &* 0x100_0000_01B3 }
                if isInWord, !belongs {
                    key = (key ^ 0x20) &* 0x100_0000_01B3
                    words += 1
                    if words == openingWords { return key }
                }
                isInWord = belongs
            }
            return 0
        }
    }

    func report(_ examples: ExampleRows, rules: AuditRules, into book: inout EvidenceBook) {
        reportSystemPrompts(examples, rules: rules, into: &book)
        reportWordings(examples, rules: rules, into: &book)
    }

    /// Names rows with a rare system prompt where most rows share one wording, and rows without one where most have one.
    private func reportSystemPrompts(_ examples: ExampleRows, rules: AuditRules, into book: inout EvidenceBook) {
        let without = counts["", default: 0]
        if without > 0, 2 * without < examples.count {
            for example in examples where example.systemPrompt == nil {
                book.add(.systemPromptMissing, example.place, example.request)
            }
        }
        guard counts.count > 1, let most = counts.values.max(), 2 * most > examples.count else { return }
        let rare = counts.filter {
            !$0.key.isEmpty && Double($0.value) < rules[.instructionRare] * Double(examples.count)
        }
        guard !rare.isEmpty else { return }
        for example in examples {
            if let prompt = example.systemPrompt, rare[prompt] != nil {
                book.add(.instructionVariants, example.place, prompt)
            }
        }
        book[.instructionVariants].detail = "\(counts.count - (without > 0 ? 1 : 0)) different system prompts"
    }

    /// A few beginnings that cover nearly all rows are wordings of one instruction.
    private func reportWordings(_ examples: ExampleRows, rules: AuditRules, into book: inout EvidenceBook) {
        var rows = [Int32](repeating: 0, count: firstOfOpening.count)
        for (row, first) in firstOfOpening.enumerated() where openingOfRow[row] != 0 { rows[Int(first)] += 1 }
        let frequent = rows.indices.filter {
            rows[$0] > 0 && Double(rows[$0]) >= rules[.wordingShare] * Double(examples.count)
        }
        let covered = frequent.reduce(0) { $0 + Int(rows[$1]) }
        guard frequent.count > 1, Double(covered) >= rules[.wordingsCover] * Double(examples.count),
            let usual = frequent.max(by: { (rows[$0], $1) < (rows[$1], $0) })
        else { return }
        let others = Set(frequent.map { Int32($0) }).subtracting([Int32(usual)])
        for (row, first) in firstOfOpening.enumerated() where others.contains(first) {
            book.add(.instructionWordings, examples[row].place, examples[row].request)
        }
        book[.instructionWordings].detail = "\(frequent.count) wordings cover \(covered) rows"
    }
}
