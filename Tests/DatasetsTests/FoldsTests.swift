import Testing

@testable import Datasets

@Suite("Folds")
struct FoldsTests {
    @Test("every row is in one fold, copies and groups stay together, and labels are spread")
    func drawn() throws {
        var rows = (0..<60).map { example($0, "request number \($0)", $0 % 3 == 0 ? "yes" : "no") }
        rows += [example(60, "Request number 5", "no"), example(61, "other words", "no")]
        for place in [10, 20, 30] { rows[place].group = "g" }
        let dataset = Dataset(files: [], examples: rows, dropped: [])
        let folds = try #require(Folds(dataset, count: 5, seed: 17, together: [[61, 2]]))
        #expect(folds.parts.count == 5 && folds.parts.flatMap(\.self).sorted() == Array(0..<62))
        func part(_ row: Int) -> Int? { folds.parts.firstIndex { $0.contains(row) } }
        #expect(part(10) == part(20) && part(20) == part(30))
        #expect(part(5) == part(60) && part(61) == part(2))
        #expect(Set(folds.together.map { Set($0) }) == [[10, 20, 30], [5, 60], [2, 61]])
        for part in folds.parts {
            #expect((10...16).contains(part.count))
            #expect((3...5).contains(part.count { rows[$0].completion == "yes" }))
        }
    }

    @Test("where a row goes does not depend on its place in the file")
    func reproducible() throws {
        let rows = (0..<30).map { example($0, "request \($0 * 7)", "answer \($0)") }
        let straight = try #require(Folds(Dataset(files: [], examples: rows, dropped: []), count: 3, seed: 1))
        let backwards = try #require(
            Folds(Dataset(files: [], examples: rows.reversed(), dropped: []), count: 3, seed: 1))
        let one = straight.parts.map { Set($0.map { rows[$0].request }) }
        let other = backwards.parts.map { Set($0.map { Array(rows.reversed())[$0].request }) }
        #expect(one == other)
        #expect(one != Folds(Dataset(files: [], examples: rows, dropped: []), count: 3, seed: 2)?.parts
            .map { Set($0.map { rows[$0].request }) })
    }

    @Test("fewer groups than folds cannot be divided")
    func tooFew() {
        let rows = (0..<4).map { example($0, "the same", "answer \($0)") }
        #expect(Folds(Dataset(files: [], examples: rows, dropped: []), count: 2, seed: 1) == nil)
        #expect(Folds(Dataset(files: [], examples: [], dropped: []), count: 2, seed: 1) == nil)
        #expect(Folds(Dataset(files: [], examples: rows, dropped: []), count: 1, seed: 1) == nil)
    }

    private func example(_ line: Int, _ request: String, _ answer: String) -> Example {
        Example(
            place: RowPlace(file: 0, line: line + 1, byteOffset: 0), shape: .messages,
            body: .chat([ChatMessage(role: .user, content: request), ChatMessage(role: .assistant, content: answer)]))
    }
}
