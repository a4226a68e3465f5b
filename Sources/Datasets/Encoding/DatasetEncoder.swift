import FileStore
package import Plan
package import Tokenization

/// Turns a dataset into what the trainer reads, through the tokenizer and chat template of one model.
package struct DatasetEncoder: Sendable {
    package var encoder: ChatEncoder
    /// Tokens a row may have; longer rows lose their end.
    package var maxLength: Int
    package var threads: Int
    /// Requests are learnt too, not only answers; held-out test rows are still measured by their answers.
    package var lossOnPrompts: Bool
    /// Whose rules turn rows into ids and masks.
    package var compat: Compatibility
    /// How TRL joins the rows afterwards; then rows without a target stay, and `wrapped` cuts them itself.
    package var packing: PackingStrategy?

    package init(
        encoder: ChatEncoder, maxLength: Int, threads: Int = 1, lossOnPrompts: Bool = false,
        compat: Compatibility = .hone, packing: PackingStrategy? = nil
    ) {
        self.compat = compat
        self.packing = packing
        self.encoder = encoder
        self.maxLength = maxLength
        self.threads = threads
        self.lossOnPrompts = lossOnPrompts
    }

    /// General conversations to mix into training, and the share of all target tokens they should have.
    package struct GeneralRows: Sendable {
        package var path: String
        package var dataset: Dataset
        package var share: Double
        package var seed: UInt64

        package init(path: String, dataset: Dataset, share: Double, seed: UInt64) {
            self.path = path
            self.dataset = dataset
            self.share = share
            self.seed = seed
        }
    }

    /// Encodes every part. Rows are cut at the end and rows that keep no target are dropped; both are counted and named.
    package func encode(_ dataset: Dataset, split: Split, general: GeneralRows? = nil) throws(EncodingError)
        -> EncodedDataset
    {
        var parts: [Split.Part: [EncodedExample]] = [:]
        var dropped: [DroppedEncoding] = []
        var truncated: [TruncatedRow] = []
        for part in Split.Part.allCases {
            var kept: [EncodedExample] = []
            for outcome in outcomes(of: split[part], in: dataset.examples, part: part) {
                switch outcome {
                case .whole(let row): kept.append(row)
                case .cut(let row, let cut):
                    kept.append(row)
                    truncated.append(cut)
                case .dropped(let row): dropped.append(row)
                }
            }
            parts[part] = kept
        }
        var train = parts[.train, default: []]
        guard !train.isEmpty else { throw .nothingToTrain(rows: split.train.count, dropped: dropped) }
        let lengths = LengthStatistics(
            lengths: train.map(\.count), targetTokens: train.reduce(0) { $0 + $1.targetCount })
        let mixed = general.map { mix($0, into: &train, targetTokens: lengths.targetTokens) }
        var encoded = EncodedDataset(
            train: train, validation: parts[.validation, default: []], test: parts[.test, default: []],
            generalMix: mixed,
            dropped: dropped, truncated: truncated, maxLength: maxLength, lengths: lengths,
            fingerprint: Fingerprint(hex: ""))
        encoded.plainPrompts =
            compat == .trl ? train.count { $0.stage != .general && dataset.examples[$0.index].isPlainPrompt } : 0
        encoded.trainingTemplate = encoder.trainingTemplate?.template.source
        encoded.fingerprint = encoded.contentFingerprint(encoder: encoder.fingerprint)
        return encoded
    }

    private enum Outcome: Sendable {
        case whole(EncodedExample)
        case cut(EncodedExample, TruncatedRow)
        case dropped(DroppedEncoding)
    }

    private func outcomes(of indices: [Int], in examples: [Example], part: Split.Part) -> [Outcome] {
        let pieces = ranges(of: indices.count, size: 256)
        let found = inParallel(pieces: pieces.count, threads: threads) { piece in
            indices[pieces[piece]].map { outcome(of: examples[$0], index: $0, part: part) }
        }
        return found.flatMap { $0 }
    }

    private func outcome(of example: Example, index: Int, part: Split.Part) -> Outcome {
        func dropped(_ reason: DroppedEncoding.Reason) -> Outcome {
            .dropped(DroppedEncoding(index: index, line: example.line, part: part, reason: reason))
        }
        var whole: EncodedExample
        do {
            whole = try encode(example, index: index)
        } catch {
            return dropped(.template("\(error)"))
        }
        if lossOnPrompts, part != .test {
            whole.answerCount = whole.targetCount
            whole.isTarget = [Bool](repeating: true, count: whole.count)
        }
        guard whole.targetCount > 0 || packing != nil else { return dropped(.noTarget) }
        guard whole.count > maxLength, packing != .wrapped else { return .whole(whole) }
        var cut = whole
        cut.inputIDs.removeLast(whole.count - maxLength)
        cut.isTarget.removeLast(whole.count - maxLength)
        guard cut.targetCount > 0 || packing != nil else { return dropped(.targetBeyondMaxLength(tokens: whole.count)) }
        let row = TruncatedRow(
            index: index, line: example.line, part: part, tokens: whole.count,
            lostTargets: whole.targetCount - cut.targetCount)
        return .cut(cut, row)
    }

    /// One row, uncut. Throws what the chat template says about a conversation it refuses.
    package func encode(_ example: Example, index: Int) throws -> EncodedExample {
        if compat == .trl, let row = try encodeAsTRL(example, index: index) { return row }
        switch example.body {
        case .plainText(let text):
            var ids = encoder.tokenizer.encode(text, addSpecialTokens: true)
            if let end = encoder.tokenizer.specialTokens.endOfSequence?.id, ids.last != end { ids.append(end) }
            return EncodedExample(
                index: index, line: example.line, inputIDs: ids, isTarget: [Bool](repeating: true, count: ids.count))
        case .chat(let messages):
            let chat = try encoder.encode(
                messages: messages.map(\.json), tools: example.tools.isEmpty ? nil : example.tools)
            let answers = messages.filter { $0.role == .assistant }
            let isTarget =
                answers.allSatisfy(\.isTrained)
                ? chat.isTarget : try LossMask(chat.isTarget).keeping(answers.map(\.isTrained))
            return EncodedExample(
                index: index, line: example.line, inputIDs: chat.ids, isTarget: isTarget,
                stage: example.answersInForm ? .format : .domain)
        }
    }

    /// Adds general rows in an order set by the seed until they have their share of the target tokens.
    private func mix(_ general: GeneralRows, into train: inout [EncodedExample], targetTokens: Int) -> MixedRows {
        let examples = general.dataset.examples
        let order = examples.indices.map { (TextKey.hash(examples[$0].promptKey, seed: general.seed), $0) }.sorted {
            $0 < $1
        }
        let wanted = general.share < 1 ? general.share / (1 - general.share) * Double(targetTokens) : .infinity
        var got = 0
        var rows = 0
        for outcome in outcomes(of: order.map(\.1), in: examples, part: .train) where Double(got) < wanted {
            guard case .whole(var row) = outcome else { continue }
            row.stage = .general
            train.append(row)
            got += row.targetCount
            rows += 1
        }
        return MixedRows(
            path: general.path, rows: rows, wantedShare: general.share,
            share: Double(got) / Double(max(1, got + targetTokens)))
    }
}

/// Why there is nothing to train.
package enum EncodingError: Error, Sendable, Hashable {
    case nothingToTrain(rows: Int, dropped: [DroppedEncoding])
}
