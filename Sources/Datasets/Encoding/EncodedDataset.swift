package import FileStore

/// Token ids, loss masks and splits: everything training and perplexity need, fixed by a fingerprint.
package struct EncodedDataset: Sendable {
    package var train: [EncodedExample]
    package var validation: [EncodedExample]
    package var test: [EncodedExample]
    /// General conversations at the end of `train`, which indices of the dataset do not cover.
    package var generalMix: MixedRows?
    package var dropped: [DroppedEncoding]
    /// Rows cut at the maximum length that still have targets.
    package var truncated: [TruncatedRow]
    package var maxLength: Int
    package var lengths: LengthStatistics
    /// Rows of prompt and completion that were read as plain text, without the chat template.
    package var plainPrompts = 0
    /// For a chat template that marks no answers: the one made from it that does, by which the targets were found.
    package var trainingTemplate: String?
    /// SHA-256 over every id and mask, the split, the tokenizer, the template and the maximum length.
    package var fingerprint: Fingerprint

    package init(
        train: [EncodedExample], validation: [EncodedExample], test: [EncodedExample], generalMix: MixedRows?,
        dropped: [DroppedEncoding], truncated: [TruncatedRow], maxLength: Int, lengths: LengthStatistics,
        fingerprint: Fingerprint
    ) {
        self.train = train
        self.validation = validation
        self.test = test
        self.generalMix = generalMix
        self.dropped = dropped
        self.truncated = truncated
        self.maxLength = maxLength
        self.lengths = lengths
        self.fingerprint = fingerprint
    }

    package subscript(part: Split.Part) -> [EncodedExample] {
        switch part {
        case .train: train
        case .validation: validation
        case .test: test
        }
    }
}

/// A row that reached the tokenizer and was not used.
package struct DroppedEncoding: Sendable, Hashable {
    package var index: Int
    package var line: Int
    package var part: Split.Part
    package var reason: Reason

    package init(index: Int, line: Int, part: Split.Part, reason: Reason) {
        self.index = index
        self.line = line
        self.part = part
        self.reason = reason
    }

    package enum Reason: Sendable, Hashable {
        /// Nothing in the row is trained.
        case noTarget
        /// The prompt alone fills the maximum length: cutting leaves nothing to learn.
        case targetBeyondMaxLength(tokens: Int)
        /// The chat template refused the conversation; its own words.
        case template(String)
    }
}

package struct TruncatedRow: Sendable, Hashable {
    package var index: Int
    package var line: Int
    package var part: Split.Part
    package var tokens: Int
    /// Target tokens that were cut off, the end-of-turn token among them.
    package var lostTargets: Int

    package init(index: Int, line: Int, part: Split.Part, tokens: Int, lostTargets: Int) {
        self.index = index
        self.line = line
        self.part = part
        self.tokens = tokens
        self.lostTargets = lostTargets
    }
}

/// General conversations added to training.
package struct MixedRows: Sendable, Hashable {
    package var path: String
    package var rows: Int
    /// Share of the training set's target tokens that was asked for, and that came out.
    package var wantedShare: Double
    package var share: Double

    package init(path: String, rows: Int, wantedShare: Double, share: Double) {
        self.path = path
        self.rows = rows
        self.wantedShare = wantedShare
        self.share = share
    }
}
