/// What one arm did with one held-out row: everything a score is made of, so that a reviewer can recompute it.
package struct ItemResult: Sendable, Hashable {
    /// The row's line in its data file, counted from 1.
    package var line: Int
    /// Which of the data files that is, counted from 0: lines of several files repeat.
    package var file = 0
    /// What a person would call the question: the last user message.
    package var prompt: String
    package var expected: String
    package var output: String
    /// Nil where no text was generated, only losses measured.
    package var finish: Finish?
    package var promptTokens: Int?
    package var outputTokens: Int?
    /// The surprise of the expected answer under the model; nil for arms without a model of their own.
    package var loss: TokenLoss?
    /// What one request took; nil for answers made in batches, whose time is in the arm's usage.
    package var seconds: Double?
    /// Rows of one group (paraphrases of one source) are not independent; intervals treat a group as one draw.
    package var group: String?
    /// Scores of metrics that are defined for a single item.
    package var scores: [Metric: Double] = [:]

    package enum Finish: String, Sendable, Hashable {
        case stop, length
        /// The arm gave no answer for the row; it counts as a wrong one.
        case missing
    }

    package init(
        line: Int, prompt: String, expected: String, output: String, finish: Finish? = nil, promptTokens: Int? = nil,
        outputTokens: Int? = nil, loss: TokenLoss? = nil, seconds: Double? = nil, group: String? = nil
    ) {
        self.line = line
        self.prompt = prompt
        self.expected = expected
        self.output = output
        self.finish = finish
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.loss = loss
        self.seconds = seconds
        self.group = group
    }
}

extension ItemResult {
    /// What makes an item of two arms the same row: the place it was read from, and what it asks and expects there.
    package struct Row: Sendable, Hashable {
        let file: Int
        let line: Int
        let prompt: String
        let expected: String
    }

    package var row: Row { Row(file: file, line: line, prompt: prompt, expected: expected) }
}

/// Negative log-likelihood of an expected answer, in nats, summed over its target tokens.
package struct TokenLoss: Sendable, Hashable {
    package var sum: Double
    package var tokens: Int
    /// UTF-8 bytes of the expected text, the end token not counted.
    package var bytes: Int

    package init(sum: Double, tokens: Int, bytes: Int) {
        self.sum = sum
        self.tokens = tokens
        self.bytes = bytes
    }
}
