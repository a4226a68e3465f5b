package import Plan
package import Tokenization

/// The model rows are prepared for: its tokenizer and template, and what a plan does with long rows.
package struct AuditModel: Sendable {
    package var encoder: ChatEncoder
    /// Nil measures lengths and cuts nothing.
    package var maxLength: Int?
    package var batching: Batching?
    /// Requests are learnt too.
    package var lossOnPrompts: Bool

    package init(
        encoder: ChatEncoder, maxLength: Int? = nil, batching: Batching? = nil, lossOnPrompts: Bool = false
    ) {
        self.encoder = encoder
        self.maxLength = maxLength
        self.batching = batching
        self.lossOnPrompts = lossOnPrompts
    }

    /// As a plan trains.
    package init(encoder: ChatEncoder, _ training: TrainingSettings) {
        self.init(
            encoder: encoder, maxLength: training.maxLength, batching: training.batching,
            lossOnPrompts: training.lossOnPrompts)
    }
}

/// How long rows are for the model that will train on them, what a maximum length would cut, and what would not be learnt.
struct TokenLengths {
    let statistics: LengthStatistics
    let histogram: LengthHistogram
    let packing: PackingForecast?
    private let rows: [Measure]
    private let model: AuditModel
    private let encoder: DatasetEncoder

    init(_ examples: ExampleRows, model: AuditModel, threads: Int) {
        self.model = model
        encoder = DatasetEncoder(
            encoder: model.encoder, maxLength: model.maxLength ?? .max, threads: threads,
            lossOnPrompts: model.lossOnPrompts)
        let stops = Set(model.encoder.stopIDs)
        rows = inParallel(things: examples.count, size: 256, threads: threads) { [encoder] rows in
            rows.map { row in
                guard let encoded = try? encoder.encode(examples[row], index: row) else { return Measure() }
                return Measure(encoded, stops: stops, maxLength: model.maxLength ?? .max)
            }
        }
        let lengths = rows.map { Int($0.tokens) }
        statistics = LengthStatistics(lengths: lengths, targetTokens: rows.reduce(0) { $0 + Int($1.targets) })
        var rowsPerBatch = 8
        if case .rows(let count)? = model.batching { rowsPerBatch = count }
        histogram = LengthHistogram(lengths, limit: model.maxLength)
        packing = model.maxLength.map { PackingForecast(lengths: lengths, maxLength: $0, rowsPerBatch: rowsPerBatch) }
    }

    /// Small: there is one for each row.
    private struct Measure: Sendable {
        var tokens: Int32 = 0
        var targets: Int32 = 0
        var targetsLeft: Int32 = 0
        var isRefused = true
        /// The last tokens that are learnt hold the one after which an answer is complete.
        var learnsEnd = true

        /// A row the template refuses.
        init() {}

        init(_ row: EncodedExample, stops: Set<Int32>, maxLength: Int) {
            isRefused = false
            tokens = Int32(clamping: row.count)
            targets = Int32(clamping: row.targetCount)
            targetsLeft = Int32(clamping: row.isTarget.prefix(maxLength).dropFirst().count { $0 })
            // Templates may write a line break behind the end-of-turn token.
            let last = row.inputIDs.indices.reversed().lazy.filter { row.isTarget[$0] }.prefix(3)
            learnsEnd = last.contains { stops.contains(row.inputIDs[$0]) }
        }
    }

    func report(_ examples: ExampleRows, rules: AuditRules, into book: inout EvidenceBook) {
        let longest = Int32(clamping: model.maxLength ?? .max)
        for (index, row) in rows.enumerated() {
            guard row.isRefused || row.targets == 0 || !row.learnsEnd || row.tokens > longest else { continue }
            let example = examples[index]
            if row.isRefused {
                book.add(.templateRefuses, example.place, refusal(of: example, index))
            } else if row.targets == 0 {
                book.add(.nothingTrained, example.place, example.request)
            } else if !row.learnsEnd {
                book.add(.endNotLearnt, example.place, "…\(example.completion.suffix(60))")
            }
            guard row.tokens > longest, row.targets > 0 else { continue }
            book.add(
                row.targetsLeft > 0 ? .cutAtMaxLength : .noTargetLeft, example.place,
                "\(row.tokens) tokens, limit \(longest): \(example.request)")
        }
        guard let packing, case .rows? = model.batching, packing.paddingShare >= rules[.paddingWaste] else { return }
        book[.paddingWaste].add(rows: examples.count)
        book[.paddingWaste].detail =
            "\(Int((100 * packing.paddingShare).rounded())) % of the computed tokens would be filler; packed, the rows fill "
            + "\(packing.packedSequences) sequences to \(Int((100 * packing.filledShare).rounded())) %"
    }

    /// What the template said.
    private func refusal(of example: Example, _ row: Int) -> String {
        do {
            _ = try encoder.encode(example, index: row)
            return ""
        } catch {
            return "\(error)"
        }
    }
}
