/// The fixed part of the prompts: system messages and how often each is used, and how requests begin.
struct Instructions {
    private(set) var counts: [String: Int] = [:]
    /// The first words of the requests, as hashes, each with its number of rows and the first of them.
    private var openings: [UInt64: (rows: Int, first: Int)] = [:]
    private let openingOfRow: [UInt64]

    /// Words by which two requests are said to begin alike.
    private static let openingWords = 4

    init(_ examples: [Example], threads: Int) {
        for example in examples { counts[example.systemPrompt ?? "", default: 0] += 1 }
        let pieces = ranges(of: examples.count, size: 2048)
        openingOfRow = inParallel(pieces: pieces.count, threads: threads) { piece in
            examples[pieces[piece]].map { Self.opening(of: $0.request) }
        }.flatMap { $0 }
        for (row, opening) in openingOfRow.enumerated() where opening != 0 {
            openings[opening, default: (0, row)].rows += 1
        }
    }

    /// Different beginnings per row: near 0 for one template, near 1 where everybody asks in own words.
    var openingDiversity: Double { Double(openings.count) / Double(max(1, openingOfRow.count)) }

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

    func report(_ examples: [Example], rules: AuditRules, into book: inout EvidenceBook) {
        reportSystemPrompts(examples, rules: rules, into: &book)
        reportWordings(examples, rules: rules, into: &book)
    }

    /// Names rows with a rare system prompt where most rows share one wording, and rows without one where most have one.
    private func reportSystemPrompts(_ examples: [Example], rules: AuditRules, into book: inout EvidenceBook) {
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
    private func reportWordings(_ examples: [Example], rules: AuditRules, into book: inout EvidenceBook) {
        let frequent = openings.filter { Double($0.value.rows) >= rules[.wordingShare] * Double(examples.count) }
        let covered = frequent.values.reduce(0) { $0 + $1.rows }
        guard frequent.count > 1, Double(covered) >= rules[.wordingsCover] * Double(examples.count),
            let usual = frequent.max(by: { ($0.value.rows, $1.value.first) < ($1.value.rows, $0.value.first) })?.key
        else { return }
        for (example, opening) in zip(examples, openingOfRow) where opening != usual && frequent[opening] != nil {
            book.add(.instructionWordings, example.place, example.request)
        }
        book[.instructionWordings].detail = "\(frequent.count) wordings cover \(covered) rows"
    }
}
