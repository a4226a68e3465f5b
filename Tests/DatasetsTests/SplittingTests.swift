import Datasets
import Plan
import Testing

@Suite("Splits keep together what belongs together")
struct SplittingTests {
    static func dataset(_ rows: [(prompt: String, answer: String, group: String?)]) -> Dataset {
        let examples = rows.enumerated().map { index, row in
            Example(
                place: RowPlace(file: 0, line: index + 1, byteOffset: index), shape: .promptCompletion,
                body: .chat([
                    ChatMessage(role: .user, content: row.prompt), ChatMessage(role: .assistant, content: row.answer),
                ]),
                group: row.group)
        }
        return Dataset(
            files: [SourceFile(path: "x", container: .jsonl, byteCount: 0)], examples: examples, dropped: [])
    }

    @Test("Every row is in exactly one part, and the shares come out")
    func covers() {
        let data = Self.dataset((0..<1000).map { ("prompt \($0)", "long answer number \($0) of many words here", nil) })
        let split = Split(data, settings: SplitSettings(validation: 0.1, test: 0.2, seed: 3))
        #expect((split.train + split.validation + split.test).sorted() == Array(0..<1000))
        #expect(split.test.count == 200)
        #expect(split.validation.count == 100)
        #expect(split.origin == .drawn)
    }

    @Test("Another seed draws other rows; the same seed draws the same rows from a shuffled file")
    func seeds() {
        let rows = (0..<300).map {
            (prompt: "prompt \($0)", answer: "answer \($0) and more words than a label", group: String?.none)
        }
        let one = Split(Self.dataset(rows), settings: SplitSettings(seed: 1))
        let other = Split(Self.dataset(rows), settings: SplitSettings(seed: 2))
        #expect(one.test != other.test)
        let backwards = Split(Self.dataset(rows.reversed()), settings: SplitSettings(seed: 1))
        #expect(Set(backwards.test.map { 299 - $0 }) == Set(one.test))
    }

    @Test("Rows of one group and rows with the same prompt never part")
    func groups() {
        let rows = (0..<600).map { row in
            (
                prompt: row % 3 == 0 ? "Repeated  prompt \(row % 30)!" : "prompt \(row)",
                answer: "an answer \(row) far too long to be a label",
                group: row < 200 ? "g\(row / 10)" : nil
            )
        }
        let data = Self.dataset(rows)
        let split = Split(data, settings: SplitSettings(validation: 0.15, test: 0.15))
        var parts: [String: Set<Split.Part>] = [:]
        for part in Split.Part.allCases {
            for index in split[part] {
                if let group = data.examples[index].group { parts[group, default: []].insert(part) }
                parts[data.examples[index].request, default: []].insert(part)
            }
        }
        #expect(parts.values.allSatisfy { $0.count == 1 })
        #expect((60...120).contains(split.test.count))
    }

    @Test("Where answers are labels every label reaches every part in its share")
    func labels() throws {
        let data = Self.dataset(
            (0..<900).map { ("prompt \($0)", ["a", "b", "c"][$0 % 3], nil) }
                + (0..<20).map { ("rare \($0)", "rare", nil) })
        #expect(LabelInventory(data.examples, limits: .forSplits)?.labels.map(\.count) == [300, 300, 300, 20])
        let split = Split(data, settings: SplitSettings(validation: 0.1, test: 0.1))
        for label in ["a", "b", "c"] {
            #expect((29...31).contains(split.test.count { data.examples[$0].completion == label }))
        }
        #expect((1...3).contains(split.test.count { data.examples[$0].completion == "rare" }))
    }

    @Test("Short and long rows are spread over the parts alike where a split is written")
    func lengths() {
        let data = Self.dataset(
            (0..<800).map { ("prompt \($0)", String(repeating: "word \($0) ", count: 2 + $0 % 4 * 40), nil) })
        let split = Split(data, settings: SplitSettings(validation: 0.1, test: 0.1), byLength: true)
        for part in [split.validation, split.test] {
            for length in 0..<4 { #expect((19...21).contains(part.count { $0 % 4 == length })) }
        }
    }

    @Test("Labels with few rows each still add up to the share")
    func manyRareLabels() {
        let data = Self.dataset((0..<500).map { ("prompt \($0)", "label \($0 / 5)", nil) })
        let split = Split(data, settings: SplitSettings(validation: 0.1, test: 0.1))
        #expect(split.test.count == 50)
        #expect(split.validation.count == 50)
    }

    @Test("A test part can be asked to have a number of rows")
    func testAtLeast() {
        let data = Self.dataset((0..<400).map { ("prompt \($0)", "an answer \($0) far too long to be a label", nil) })
        #expect(Split(data, settings: SplitSettings(test: 0.1), testAtLeast: 100).test.count == 100)
        #expect(Split(data, settings: SplitSettings(test: 0.1), testAtLeast: 1000).test.count == 160)
    }

    @Test("The owner's parts are kept and missing ones are drawn from training")
    func owners() {
        var data = Self.dataset((0..<100).map { ("prompt \($0)", "an answer \($0) far too long to be a label", nil) })
        for index in 0..<20 { data.examples[index].assignedPart = .test }
        for index in 20..<90 { data.examples[index].assignedPart = .train }
        let split = Split(data, settings: SplitSettings(validation: 0.25, test: 0.5))
        #expect(split.test == Array(0..<20))
        #expect(split.validation.count == 20)
        #expect(split.train.count == 60)
        #expect(split.origin == .ownerAndDrawn)
        for index in data.examples.indices { data.examples[index].assignedPart = .test }
        #expect(Split(data, settings: SplitSettings(validation: 0.1, test: 0.1)).origin == .drawn)
    }
}
