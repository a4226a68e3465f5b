import Foundation
import JSONText
import Testing

@testable import base_model

@Suite("The corpus of the practice model")
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../models/base/corpus").standardizedFileURL
    private let corpus: Corpus

    init() throws { corpus = try Corpus(folder: Self.folder) }

    private func rows(_ seed: UInt64, characters: Int = 200_000) -> [CorpusRow] {
        var rows: [CorpusRow] = []
        corpus.forEachTrainingRow(seed: seed, characters: characters) { rows.append($0) }
        return rows
    }

    @Test("one seed gives one corpus, another seed another")
    func seeded() {
        let first = rows(1).map { $0.jsonLine() }
        #expect(first == rows(1).map { $0.jsonLine() })
        #expect(first != rows(2).map { $0.jsonLine() })
    }

    @Test("every skill is taught, and no slot of a template stays unfilled")
    func filled() {
        let rows = rows(1, characters: 1_500_000)
        #expect(Set(rows.map(\.skill)) == Set(Skill.allCases))
        let unfilled = rows.flatMap(\.messages).map(\.content).filter { $0.contains("{") && !$0.contains("{\"") }
        #expect(unfilled.isEmpty, "\(unfilled.prefix(3))")
    }

    @Test("every row ends with an answer")
    func answered() {
        for row in rows(3) { #expect(row.messages.last?.role == .assistant && row.messages.last?.content != "") }
    }

    @Test("records in JSON are JSON, and equal inputs are not asked for")
    func records() throws {
        let records = RecordPatterns(words: try WordBook(folder: Self.folder))
        var random = CorpusRandom(seed: 9)
        var parsed = 0
        for _ in 0..<300 {
            let pair = records.draw(&random).pair(&random)
            guard pair.output.hasPrefix("{") else { continue }
            #expect(throws: Never.self) { try JSONValue.parse(pair.output) }
            parsed += 1
        }
        #expect(parsed > 50)
    }

    @Test("facts are asked in held-out wordings that training never uses")
    func heldOutQuestions() {
        let asked = Set(corpus.knowledgeProbe().map(\.row.prompt))
        let trained = rows(1, characters: 1_000_000).filter { $0.skill == .knowledge }.map(\.prompt)
        #expect(asked.isDisjoint(with: trained))
    }

    @Test("a request to a task manager is answered in prose, never in JSON")
    func prose() {
        let talk = rows(1, characters: 1_000_000).filter { $0.skill == .taskTalk }
        #expect(!talk.isEmpty)
        for row in talk { for message in row.messages { #expect(!message.content.contains("{")) } }
    }
}
