import Foundation

/// The endless, seeded stream of training rows, and the held-out sets that measure what was learned.
struct Corpus {
    let facts: FactBook
    private let knowledge: KnowledgeTasks
    private let copying: CopyTasks
    private let arithmetic = ArithmeticTasks()
    private let patterns: PatternTasks
    private let passages: PassageTasks
    private let classification: ClassificationTasks
    private let talk: TalkTasks

    /// Reads the word lists and templates of `models/base/corpus`.
    init(folder: URL) throws {
        let words = try WordBook(folder: folder)
        facts = try FactBook(folder: folder)
        let intents = try SectionedText(folder.appendingPathComponent("intents.txt")).sections
        let rules = PatternRules(words: words, facts: facts, intents: intents)
        knowledge = KnowledgeTasks(book: facts)
        copying = CopyTasks(words: words)
        patterns = PatternTasks(rules: rules)
        passages = PassageTasks(words: words, book: try PassageBook(folder: folder))
        classification = ClassificationTasks(words: words, intents: intents, rules: rules)
        talk = try TalkTasks(words: words, folder: folder)
    }

    func row(of skill: Skill, _ random: inout CorpusRandom) -> CorpusRow {
        switch skill {
        case .knowledge: knowledge.row(&random)
        case .copying: copying.row(&random)
        case .repetition: copying.repetition(&random)
        case .arithmetic: arithmetic.row(&random)
        case .pattern: patterns.row(&random).row
        case .passage: passages.row(&random)
        case .classification: classification.row(&random)
        case .taskTalk: talk.taskTalk(&random)
        case .everyday: talk.everyday(&random)
        case .conversation: conversation(&random)
        }
    }

    /// Several skills in one long conversation, so that answers do not depend on standing at its start.
    private func conversation(_ random: inout CorpusRandom) -> CorpusRow {
        let wanted = random.whole(600...2800)
        var messages: [CorpusRow.Message] = []
        var size = 0
        while size < wanted {
            let next = row(
                of: random.pick([.knowledge, .copying, .passage, .pattern, .taskTalk, .everyday, .classification]),
                &random)
            messages += next.messages.filter { $0.role != .system || messages.isEmpty }
            size += next.size
        }
        return CorpusRow(.conversation, messages)
    }

    /// Shares of the text by skill. Repetition and copying lead at first, because looking back in the context, which
    /// patterns and passages build on, is learned from them soonest.
    static func shares(at progress: Double) -> [Skill: Double] {
        let early = max(0, 1 - progress / 0.3)
        return [
            .repetition: 0.02 + 0.53 * early, .copying: 0.08 + 0.04 * early, .pattern: 0.32 - 0.26 * early,
            .passage: 0.32 - 0.26 * early, .knowledge: 0.12 - 0.02 * early, .arithmetic: 0.01, .classification: 0.03,
            .taskTalk: 0.07 - 0.01 * early, .everyday: 0.01, .conversation: 0.02 - 0.02 * early,
        ]
    }

    /// Training rows up to `characters` in all: always the skill furthest behind its share comes next.
    func forEachTrainingRow(seed: UInt64, characters: Int, _ body: (CorpusRow) throws -> Void) rethrows {
        var random = CorpusRandom(seed: seed)
        var written: [Skill: Double] = [:]
        var total = 0
        while total < characters {
            let shares = Self.shares(at: Double(total) / Double(characters))
            let skill =
                Skill.allCases.min { (written[$0] ?? 0) / (shares[$0] ?? 1) < (written[$1] ?? 0) / (shares[$1] ?? 1) }
                ?? .copying
            let row = row(of: skill, &random)
            written[skill, default: 0] += Double(row.size)
            total += row.size
            try body(row)
        }
    }

    /// Rows to mix into a fine-tune so that it forgets less: each fact twice, then the other skills by their shares.
    func generalMix(seed: UInt64, rows count: Int) -> [CorpusRow] {
        var random = CorpusRandom(seed: seed)
        var rows = facts.facts.flatMap { fact in
            random.sample(fact.trained, 2).map { CorpusRow(.knowledge, user: $0, assistant: fact.answer) }
        }
        while rows.count < count {
            let others: [Skill] = [.copying, .arithmetic, .pattern, .passage, .classification, .everyday]
            let row = row(of: random.pick(others), &random)
            if row.size < 700 { rows.append(row) }
        }
        return random.shuffled(rows)
    }

    /// Every fact asked by its two held-out phrasings: `id`, `group` (the fact), messages.
    func knowledgeProbe() -> [(id: String, row: CorpusRow)] {
        facts.facts.flatMap { fact in
            fact.heldOut.enumerated().map { index, question in
                (
                    "\(fact.relation)/\(fact.subject)/\(index)",
                    CorpusRow(.knowledge, user: question, assistant: fact.answer)
                )
            }
        }
    }

    func passageProbe(seed: UInt64, count: Int) -> [(id: String, row: CorpusRow)] {
        var random = CorpusRandom(seed: seed)
        return (0..<count).map { index in
            let row = passages.row(questions: 1, &random)
            return ("passage/\(index)/\(Self.lengthClass(of: row))", row)
        }
    }

    /// By characters of the prompt, a token being about four.
    private static func lengthClass(of row: CorpusRow) -> String {
        switch row.prompt.reduce(0, { $0 + $1.count }) {
        case ..<250: "short"
        case ..<600: "medium"
        default: "long"
        }
    }

    func patternProbe(seed: UInt64, shots: Int, count: Int) -> [(id: String, row: CorpusRow)] {
        var random = CorpusRandom(seed: seed)
        return (0..<count).map { index in
            let drawn = patterns.row(shots: shots, &random)
            return ("pattern/\(index)/\(drawn.rule)", drawn.row)
        }
    }
}
