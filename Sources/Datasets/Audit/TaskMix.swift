/// Whether one file holds several tasks: other kinds of answers, or unlike system prompts, in too many rows to be slips.
struct TaskMix {
    private enum Form: String, CaseIterable, Sendable {
        case json = "JSON", toolCall = "tool calls", code, text
    }

    private let rules: AuditRules

    init(rules: AuditRules) { self.rules = rules }

    func report(_ examples: ExampleRows, prompts: Instructions, into book: inout EvidenceBook) {
        let forms = examples.map(Self.form)
        var counts: [Form: Int] = [:]
        for form in forms { counts[form, default: 0] += 1 }
        let least = rules[.minority] * Double(examples.count)
        let large = Form.allCases.filter { Double(counts[$0, default: 0]) >= least && counts[$0, default: 0] > 0 }
        let usual = large.max { counts[$0, default: 0] < counts[$1, default: 0] }
        let otherPrompts = unlikePrompts(prompts, least: least)
        guard large.count > 1 || !otherPrompts.isEmpty else { return }
        for (row, form) in forms.enumerated() {
            let isOther = large.count > 1 && form != usual && large.contains(form)
            guard isOther || !otherPrompts.isEmpty else { continue }
            let example = examples[row]
            if isOther {
                book.add(.severalTasks, example.place, "\(form.rawValue): \(example.completion)")
            } else if let prompt = example.systemPrompt, otherPrompts.contains(prompt) {
                book.add(.severalTasks, example.place, "system prompt: \(prompt)")
            }
        }
        book[.severalTasks].detail =
            large.count > 1
            ? "answers are " + large.map { "\($0.rawValue) (\(counts[$0, default: 0]))" }.joined(separator: ", ")
            : "\(otherPrompts.count + 1) system prompts that have little in common"
    }

    /// System prompts of many rows that are not another wording of the most frequent one.
    private func unlikePrompts(_ prompts: Instructions, least: Double) -> Set<String> {
        let frequent = prompts.counts.filter { !$0.key.isEmpty && Double($0.value) >= least }
        guard let usual = frequent.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return [] }
        let own = Shingles.of(usual)
        return Set(frequent.keys.filter { $0 != usual && Shingles.similarity(own[...], Shingles.of($0)[...]) < 0.3 })
    }

    private static func form(of example: Example) -> Form {
        if let last = example.messages.last(where: { $0.role == .assistant }), !last.toolCalls.isEmpty {
            return .toolCall
        }
        let answer = example.completion.utf8
        guard let first = answer.first(where: { $0 > 0x20 }) else { return .text }
        if first == UInt8(ascii: "{") { return .json }
        if first == UInt8(ascii: "["), answer.last(where: { $0 > 0x20 }) == UInt8(ascii: "]") { return .json }
        return answer.starts(with: "```".utf8) ? .code : .text
    }
}
