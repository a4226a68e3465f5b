import Evaluation

extension ReportPage {
    /// Rows to read: averages hide what a model does when it is wrong.
    struct ExamplesPart {
        let worst: [Example]
        let best: [Example]
        let random: [Example]
        let wrongCount: String
        let isTuned: Bool

        struct Example {
            let line: String
            /// For a summary element: HTML on one line, where Markdown is not read.
            let request: String
            let score: String
            /// Fenced blocks, ready for Markdown.
            let expected: String
            let before: String?
            let after: String
        }
    }
}

extension ReportPage.ExamplesPart {
    /// Nil where no arm wrote text.
    init?(_ evaluation: EvaluationResult, _ words: Words) {
        let tuned = evaluation.arm(of: .tuned) ?? evaluation.arms.last { $0.arm.kind.isTrained }
        guard let asked = tuned ?? EvaluationResult.best(of: evaluation.arms, evaluation.metrics.primary), evaluation.metrics.needsGeneration, !asked.items.isEmpty
        else {
            return nil
        }
        let base = tuned == nil ? nil : evaluation.arm(of: .base)
        let old = Dictionary((base?.items ?? []).map { ($0.row, $0) }) { first, _ in first }
        let primary = evaluation.metrics.primary
        func isRight(_ item: ItemResult) -> Bool { item.scores[primary] == 1 }
        let ordered = asked.items.sorted { ($0.badness(primary), $1.line) > ($1.badness(primary), $0.line) }
        let wrong = ordered.filter { !isRight($0) }
        let right = ordered.reversed().filter(isRight)
        // Fixed rows say more about training than rows that were right before.
        let fixed = right.filter { old[$0.row]?.scores[primary] == 0 }
        func show(_ items: some Sequence<ItemResult>, _ count: Int) -> [Example] {
            items.prefix(count).map { Example($0, before: old[$0.row], metric: primary, words) }
        }
        worst = show(wrong, 5)
        best = show(fixed + right.filter { old[$0.row]?.scores[primary] != 0 }, 3)
        let shown = Set(worst.map(\.line) + best.map(\.line))
        let others = asked.items.filter { !shown.contains(String($0.line)) }
        random = show(others.sorted { ($0.lottery, $0.line) < ($1.lottery, $1.line) }, 5)
        wrongCount = Figure.count(wrong.count)
        isTuned = tuned != nil
    }
}

extension ReportPage.ExamplesPart.Example {
    init(_ item: ItemResult, before old: ItemResult?, metric: Metric, _ words: Words) {
        line = String(item.line)
        request = XMLText.escaped(MarkdownText.shortened(item.prompt, to: 160)).split(whereSeparator: \.isNewline)
            .joined(separator: " ")
        score =
            item.scores[metric].map {
                XMLText.escaped("\(words.name(.metrics, metric.rawValue)) \(Figure.percent($0, digits: 0))")
            } ?? ""
        expected = Self.block(item.expected)
        before = old.map { Self.block($0.output) }
        after = Self.block(item.output)
    }

    private static func block(_ text: String) -> String {
        MarkdownText.fenced(text.isEmpty ? "(nothing)" : MarkdownText.shortened(text, to: 600))
    }
}

extension ItemResult {
    /// How far an answer is from right: its own metric first, then the finer ones, then the model's surprise.
    fileprivate func badness(_ primary: Metric) -> Double {
        let coarse = 1 - (scores[primary] ?? 0)
        let fine = 1 - (scores[.fieldF1] ?? scores[.tokenF1] ?? scores[primary] ?? 0)
        let surprise = loss.map { $0.sum / Double(max($0.tokens, 1)) } ?? 0
        return coarse * 100 + fine * 10 + min(surprise, 9)
    }

    /// A number that depends on the line alone and on nothing a reader would see a pattern in.
    fileprivate var lottery: UInt64 {
        var bits = UInt64(truncatingIfNeeded: line) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return bits ^ (bits >> 32)
    }
}
