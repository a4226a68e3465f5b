import Foundation

/// Rows that show one to eight examples of a rule and ask for the next output, in one message or turn by turn.
struct PatternTasks {
    let rules: PatternRules

    /// A row with its rule's name; `shots` fixes the number of examples.
    func row(shots: Int? = nil, _ random: inout CorpusRandom) -> (row: CorpusRow, rule: String) {
        let rule = rules.draw(&random)
        let count = shots ?? random.pick([1, 2, 3, 3, 3, 4, 5, 6, 8])
        var examples: [(input: String, output: String)] = []
        var attempts = 0
        while examples.count < count, attempts < 60 {
            attempts += 1
            let pair = rule.pair(&random)
            if rule.name == "lookup" || attempts > 40 || !examples.contains(where: { $0.input == pair.input }) {
                examples.append(pair)
            }
        }
        var query = rule.pair(&random)
        for _ in 0..<40 {
            let isKnownLabel = examples.contains { $0.output == query.output }
            let isRepeated = examples.contains { $0.input == query.input }
            let isFair = rule.answerIsSeen ? isKnownLabel && (rule.name == "lookup" || !isRepeated) : !isRepeated
            if isFair { break }
            query = rule.pair(&random)
        }
        if rule.answerIsSeen, !examples.contains(where: { $0.output == query.output }), let last = examples.last {
            query = last
        }
        let isTurnByTurn = shots == nil ? random.chance(0.7) : random.chance(0.3)
        return (isTurnByTurn ? turns(examples + [query], &random) : single(examples, query, &random), rule.name)
    }

    private func turns(_ pairs: [(input: String, output: String)], _ random: inout CorpusRandom) -> CorpusRow {
        var messages: [CorpusRow.Message] = []
        if random.chance(0.4) {
            messages.append(
                .init(
                    role: .system,
                    content: random.pick([
                        "Follow the pattern of the examples.", "Answer like the examples.",
                        "Do the same for each message.",
                        "Answer with one label.", "Give only the answer.",
                    ])))
        }
        for pair in pairs {
            messages.append(.init(role: .user, content: pair.input))
            messages.append(.init(role: .assistant, content: pair.output))
        }
        return CorpusRow(.pattern, messages)
    }

    private func single(
        _ examples: [(input: String, output: String)], _ query: (input: String, output: String),
        _ random: inout CorpusRandom
    ) -> CorpusRow {
        let (before, between, gap) = random.pick([
            ("Input: ", "\nOutput: ", "\n\n"), ("", " -> ", "\n"), ("", " => ", "\n"), ("Q: ", "\nA: ", "\n"),
            ("Text: ", "\nLabel: ", "\n\n"), ("", " = ", "\n"), ("Request: ", "\nAnswer: ", "\n\n"),
            ("User: ", "\nReply: ", "\n\n"),
        ])
        let opening = random.pick([
            "", "", "Follow the pattern.\n", "Here are some examples:\n", "Continue the pattern.\n\n", "Examples:\n",
            "Look at the examples and answer the last one.\n\n", "Do the same:\n",
        ])
        var text = opening
        for example in examples { text += before + example.input + between + example.output + gap }
        text += before + query.input + between
        while text.last?.isWhitespace == true { text.removeLast() }
        return CorpusRow(.pattern, user: text, assistant: query.output)
    }
}
