import Evaluation
import Tokenization
import Transformer

/// The same rows put to programs other than hone.
extension LadderQuestions {
    /// In a form's own tokenizer and template, beside what the evaluated model answers.
    ///
    /// - Parameter begin: What a program writes before every text by itself.
    func served(
        _ encoder: ChatEncoder, _ wanted: Answers, withoutBegin begin: String = ""
    ) throws -> [ServedQuestion] {
        let own = encoder.template == nil ? self.encoder : encoder
        return try zip(asked, wanted.texts).map { row, answer in
            let text = try promptText(row, own)
            return ServedQuestion(
                ids: try prompt(row, own), text: text.hasPrefix(begin) ? String(text.dropFirst(begin.count)) : text,
                wanted: answer.ids, ends: answer.finish == .stop)
        }
    }

    /// - Parameter encoder: Of the form, whose tokens the answers are.
    func fill(
        _ rung: inout ShippingLadder.Rung, _ served: [ServedAnswer], beside wanted: Answers, _ encoder: ChatEncoder
    ) {
        let result = scored(
            served.map { answer in
                switch answer.output {
                case .ids(let ids): (encoder.tokenizer.decode(ids, skipSpecialTokens: true), answer.ends)
                case .text(let text): (text, answer.ends)
                }
            })
        rung.score = result.figures[metric]
        rung.stopRate = result.figures[.stopRate]?.value
        for (answer, text) in zip(served, wanted.texts) {
            let ids: [Int32] =
                switch answer.output {
                case .ids(let ids): ids
                case .text(let output): encoder.tokenizer.encode(output)
                }
            let isEqual = ids == text.ids && answer.ends == (text.finish == .stop)
            let shared = zip(ids, text.ids).prefix { $0 == $1 }.count
            rung.equalAnswers += isEqual ? 1 : 0
            rung.tokens += Self.choices(text)
            rung.agreedTokens += isEqual ? Self.choices(text) : answer.agreed ?? shared
        }
        let others = served.count { $0.cutsEqually == false }
        if others > 0 { rung.findings.append(.promptTokens(rows: others)) }
    }
}
