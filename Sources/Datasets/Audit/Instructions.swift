/// The fixed part of the prompts: system messages and how often each is used.
struct Instructions {
    private(set) var counts: [String: Int] = [:]

    init(_ examples: [Example]) {
        for example in examples { counts[example.systemPrompt ?? "", default: 0] += 1 }
    }

    /// Names rows with a rare system prompt where most rows share one wording.
    func report(_ examples: [Example], rules: AuditRules, into book: inout EvidenceBook) {
        guard counts.count > 1, let most = counts.values.max(), 2 * most > examples.count else { return }
        let rare = counts.filter { Double($0.value) < rules[.instructionRare] * Double(examples.count) }
        guard !rare.isEmpty else { return }
        for example in examples {
            let prompt = example.systemPrompt ?? ""
            if rare[prompt] != nil {
                book.add(.instructionVariants, example.place, prompt.isEmpty ? "no system prompt" : prompt)
            }
        }
        book[.instructionVariants].detail = "\(counts.count) different system prompts"
    }
}
