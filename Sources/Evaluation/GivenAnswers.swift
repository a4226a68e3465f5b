import Datasets
import Tokenization

/// What a model outside this process did with the held-out rows: the ids it wrote and the losses it found.
package struct GivenAnswers: Sendable, Hashable {
    package struct Answer: Sendable, Hashable {
        /// Nil where the row was not asked.
        package var ids: [Int32]?
        /// The model said that it had finished.
        package var isStopped: Bool
        /// Of the target tokens of the row as it stands in the data; nil where it was not measured.
        package var loss: Double?
        package var tokens: Int

        package init(ids: [Int32]?, isStopped: Bool, loss: Double?, tokens: Int) {
            self.ids = ids
            self.isStopped = isStopped
            self.loss = loss
            self.tokens = tokens
        }
    }

    /// One model before or after training.
    package struct Answers: Sendable, Hashable {
        package var rows: [Answer]
        package var questions: [Answer]

        package init(rows: [Answer], questions: [Answer]) {
            self.rows = rows
            self.questions = questions
        }
    }

    /// What answered: `transformers 5.23.0`.
    package var program: String
    package var base: Answers
    package var tuned: Answers
    /// Answers in progress at once.
    package var batchSize: Int

    package init(program: String, base: Answers, tuned: Answers, batchSize: Int) {
        self.program = program
        self.base = base
        self.tuned = tuned
        self.batchSize = batchSize
    }
}

extension Evaluator {
    /// The base model and the tuned one by answers that were given elsewhere, scored as if they had been asked here.
    ///
    /// - Parameter rows: Those that were asked, in the order of the answers.
    package func beforeAndAfter(
        _ given: GivenAnswers, named name: String, isPracticeModel: Bool, rows: [HeldOutRow], questions: [HeldOutRow],
        split: String, taskKind: String?
    ) throws(EvaluationError) -> EvaluationResult {
        var result = try compare(
            named: name, isPracticeModel, rows, questions, split: split, taskKind: taskKind
        ) { (arm, asked, metrics, isProbe) throws(EvaluationError) in
            let answers = arm.kind == .tuned ? given.tuned : given.base
            return try score(arm, isProbe ? answers.questions : answers.rows, asked, metrics)
        }
        if !given.program.isEmpty { result.decoding.sampling += " by " + given.program }
        return result
    }

    private func score(
        _ arm: Arm, _ answers: [GivenAnswers.Answer], _ rows: [HeldOutRow], _ metrics: MetricSet
    ) throws(EvaluationError) -> ArmResult {
        guard !rows.isEmpty, answers.count == rows.count else { throw .noRows }
        let items = zip(rows, answers).map { row, answer in
            var item = ItemResult(row)
            if metrics.needsGeneration, row.prompt != nil {
                item.finish = answer.ids == nil ? .missing : answer.isStopped ? .stop : .length
                item.output = encoder.tokenizer.decode(answer.ids ?? [], skipSpecialTokens: true)
                item.outputTokens = answer.ids?.count
            }
            if metrics.needsTokenLosses, let loss = answer.loss {
                item.loss = TokenLoss(sum: loss, tokens: answer.tokens, bytes: row.targetBytes)
            }
            return item
        }
        let scoring = ItemScoring(metrics: metrics.all, expected: rows.map(\.expected))
        let checked = metrics.needsGeneration ? checked(items, rows.map(\.example)) : items
        return ArmResult(arm: arm, items: checked, scoring: scoring, seconds: nil)
    }
}
