package import Plan
package import Tokenization

/// The model rows are prepared for: its tokenizer and template, and what a plan does with long rows.
package struct AuditModel: Sendable {
    package var encoder: ChatEncoder
    /// Nil measures lengths and cuts nothing.
    package var maxLength: Int?
    package var batching: Batching?

    package init(encoder: ChatEncoder, maxLength: Int? = nil, batching: Batching? = nil) {
        self.encoder = encoder
        self.maxLength = maxLength
        self.batching = batching
    }
}

/// How long rows are for the model that will train on them, what a maximum length would cut, and what would not be learnt.
struct TokenLengths {
    let statistics: LengthStatistics
    let histogram: LengthHistogram
    let packing: PackingForecast?
    private let rows: [Measure]
    private let model: AuditModel

    init(_ examples: [Example], model: AuditModel, threads: Int) {
        self.model = model
        let rows = DatasetEncoder(encoder: model.encoder, maxLength: model.maxLength ?? .max, threads: threads)
        let stops = Set(model.encoder.stopIDs)
        let pieces = ranges(of: examples.count, size: 256)
        self.rows = inParallel(pieces: pieces.count, threads: threads) { piece in
            pieces[piece].map { row -> Measure in
                do {
                    let encoded = try rows.encode(examples[row], index: row)
                    return Measure(encoded, stops: stops, maxLength: model.maxLength ?? .max)
                } catch {
                    return Measure(refusal: "\(error)")
                }
            }
        }.flatMap { $0 }
        let lengths = self.rows.map(\.tokens)
        statistics = LengthStatistics(
            lengths: lengths, targetTokens: self.rows.reduce(0) { $0 + $1.targets })
        var rowsPerBatch = 8
        if case .rows(let count)? = model.batching { rowsPerBatch = count }
        histogram = LengthHistogram(lengths, limit: model.maxLength)
        packing = model.maxLength.map { PackingForecast(lengths: lengths, maxLength: $0, rowsPerBatch: rowsPerBatch) }
    }

    private struct Measure: Sendable {
        var tokens = 0
        var targets = 0
        var targetsLeft = 0
        /// The last tokens that are learnt hold the one after which an answer is complete.
        var learnsEnd = true
        /// What the template said.
        var refusal: String?

        init(refusal: String) { self.refusal = refusal }

        init(_ row: EncodedExample, stops: Set<Int32>, maxLength: Int) {
            tokens = row.count
            targets = row.targetCount
            targetsLeft = row.isTarget.prefix(maxLength).dropFirst().count { $0 }
            // Templates may write a line break behind the end-of-turn token.
            let last = row.inputIDs.indices.reversed().lazy.filter { row.isTarget[$0] }.prefix(3)
            learnsEnd = last.contains { stops.contains(row.inputIDs[$0]) }
        }
    }

    func report(_ examples: [Example], rules: AuditRules, into book: inout EvidenceBook) {
        for (example, row) in zip(examples, rows) {
            if let refusal = row.refusal {
                book.add(.templateRefuses, example.place, refusal)
            } else if row.targets == 0 {
                book.add(.nothingTrained, example.place, example.request)
            } else if !row.learnsEnd {
                book.add(.endNotLearnt, example.place, "…\(example.completion.suffix(60))")
            }
            guard let maxLength = model.maxLength, row.tokens > maxLength, row.targets > 0 else { continue }
            book.add(
                row.targetsLeft > 0 ? .cutAtMaxLength : .noTargetLeft, example.place,
                "\(row.tokens) tokens, limit \(maxLength): \(example.request)")
        }
        guard let packing, case .rows? = model.batching, packing.paddingShare >= rules[.paddingWaste] else { return }
        book[.paddingWaste].add(rows: examples.count)
        book[.paddingWaste].detail =
            "\(Int((100 * packing.paddingShare).rounded())) % of the computed tokens would be filler; packed, the rows fill "
            + "\(packing.packedSequences) sequences to \(Int((100 * packing.filledShare).rounded())) %"
    }
}
