/// Plain counts over all rows, taken in one walk.
struct RowTotals {
    private(set) var multiTurn = 0
    private(set) var real = 0
    private(set) var reviewed = 0
    private(set) var sourced = 0
    let characters: CharacterLengths

    private struct Row: Sendable {
        var request: UInt32
        var answer: UInt32
        var all: UInt32
        var isMultiTurn: Bool
        var isReal: Bool
        var isReviewed: Bool
        var hasSource: Bool

        init(_ example: Example) {
            request = UInt32(clamping: example.request.utf8.count)
            answer = UInt32(clamping: example.completion.utf8.count)
            all = UInt32(clamping: example.messages.reduce(0) { $0 + $1.content.utf8.count })
            if case .plainText(let text) = example.body { all = UInt32(clamping: text.utf8.count) }
            isMultiTurn = example.isMultiTurn
            isReal = example.isReal
            isReviewed = example.reviewer != nil
            hasSource = example.source != nil
        }
    }

    init(_ examples: ExampleRows, threads: Int) {
        let rows = inParallel(things: examples.count, size: 2048, threads: threads) { $0.map { Row(examples[$0]) } }
        for row in rows {
            multiTurn += row.isMultiTurn ? 1 : 0
            real += row.isReal ? 1 : 0
            reviewed += row.isReviewed ? 1 : 0
            sourced += row.hasSource ? 1 : 0
        }
        characters = CharacterLengths(
            requests: rows.map { Int($0.request) }, answers: rows.map { Int($0.answer) }, rows: rows.map { Int($0.all) }
        )
    }
}
