import Tokenization

/// How long rows are for the model that will train on them, and what a maximum length would cut.
struct TokenLengths {
    let statistics: LengthStatistics
    private let cut: [(row: Int, tokens: Int)]
    private let lost: [(row: Int, tokens: Int)]
    private let maxLength: Int?

    init(_ examples: [Example], encoder: ChatEncoder, maxLength: Int?, threads: Int) {
        let rows = DatasetEncoder(encoder: encoder, maxLength: maxLength ?? .max, threads: threads)
        let pieces = ranges(of: examples.count, size: 256)
        let encoded = inParallel(pieces: pieces.count, threads: threads) { piece in
            pieces[piece].map { row -> Measure in
                guard let encoded = try? rows.encode(examples[row], index: row) else {
                    return Measure(tokens: 0, targets: 0, targetsLeft: 0)
                }
                let left = encoded.isTarget.prefix(maxLength ?? .max).dropFirst().count { $0 }
                return Measure(tokens: encoded.count, targets: encoded.targetCount, targetsLeft: left)
            }
        }.flatMap { $0 }
        statistics = LengthStatistics(
            lengths: encoded.map(\.tokens), targetTokens: encoded.reduce(0) { $0 + $1.targets })
        let long = encoded.enumerated().filter { $0.element.tokens > maxLength ?? .max }
        cut = long.filter { $0.element.targetsLeft > 0 }.map { ($0.offset, $0.element.tokens) }
        lost = long.filter { $0.element.targetsLeft == 0 }.map { ($0.offset, $0.element.tokens) }
        self.maxLength = maxLength
    }

    private struct Measure: Sendable {
        var tokens: Int
        var targets: Int
        var targetsLeft: Int
    }

    func report(_ examples: [Example], into book: inout EvidenceBook) {
        guard let maxLength else { return }
        for (row, tokens) in cut {
            book.add(
                .cutAtMaxLength, examples[row].place, "\(tokens) tokens, limit \(maxLength): \(examples[row].request)")
        }
        for (row, tokens) in lost {
            book.add(
                .noTargetLeft, examples[row].place, "\(tokens) tokens, limit \(maxLength): \(examples[row].request)")
        }
    }
}
