/// One row as the model sees it.
package struct EncodedExample: Sendable, Hashable {
    /// Index into the examples of the dataset it came from.
    package var index: Int
    package var line: Int
    package var inputIDs: [Int32]
    /// The loss mask: true where the token is something the model must learn to say. Same length as `inputIDs`.
    package var isTarget: [Bool]
    /// Where a curriculum puts the row.
    package var stage: Stage
    /// Target tokens of the answers alone, where requests are learnt too.
    package var answerCount: Int?

    package init(index: Int, line: Int, inputIDs: [Int32], isTarget: [Bool], stage: Stage = .domain) {
        self.index = index
        self.line = line
        self.inputIDs = inputIDs
        self.isTarget = isTarget
        self.stage = stage
    }

    /// The stages of a curriculum in their order: general conversations, the domain in free text, answers in a form.
    package enum Stage: Int, Sendable, Hashable, CaseIterable { case general, domain, format }

    /// What cross-entropy skips.
    package static let ignoreIndex: Int32 = -100

    /// What the model must predict at each position: the next token where that is a target, else −100.
    ///
    /// The one place where labels are shifted: nothing after it shifts again. The first token is never predicted, and the
    /// last position predicts nothing.
    package var labels: [Int32] {
        var labels = [Int32](repeating: Self.ignoreIndex, count: inputIDs.count)
        for place in inputIDs.indices.dropFirst() where isTarget[place] { labels[place - 1] = inputIDs[place] }
        return labels
    }

    package var count: Int { inputIDs.count }

    /// Tokens that some position predicts: a target in first place is predicted by nobody.
    package var targetCount: Int { isTarget.dropFirst().count { $0 } }
}
