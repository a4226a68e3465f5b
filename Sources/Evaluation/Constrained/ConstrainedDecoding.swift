package import Tokenization

/// Lets a model write only what a grammar allows: of all tokens that keep the answer possible, the most likely one.
package final class ConstrainedDecoding {
    private let grammar: AnswerGrammar
    /// The bytes of each token; nil for tokens no answer contains.
    private let tokens: [[UInt8]?]
    private let stop: Int32
    private var states: [Int: GrammarState] = [:]

    /// Nil without a token that ends an answer.
    package init?(_ grammar: AnswerGrammar, tokenizer: Tokenizer, stopIDs: Set<Int32>) {
        guard let stop = stopIDs.min() else { return nil }
        self.grammar = grammar
        self.stop = stop
        tokens = (0..<Int32(tokenizer.vocabularySize)).map { id in
            stopIDs.contains(id) ? nil : tokenizer.bytes(ofID: id).flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// For one call of a generator: its prompts are counted from 0.
    func reset() { states = [:] }

    /// The state of a prompt follows the tokens it was given one by one.
    func choose(prompt: Int, written: [Int32], logits: UnsafeBufferPointer<Float>) -> Int32 {
        let state = written.isEmpty ? GrammarState(grammar) : states[prompt] ?? GrammarState(grammar)
        var best = stop, bestLogit = -Float.infinity, bestState: GrammarState?
        if state.isComplete, logits.indices.contains(Int(stop)) { bestLogit = logits[Int(stop)] }
        for id in logits.indices where logits[id] > bestLogit {
            // An embedding may have more rows than the tokenizer has tokens.
            guard id < tokens.count, let bytes = tokens[id], let next = state.adding(bytes) else { continue }
            (best, bestLogit, bestState) = (Int32(id), logits[id], next)
        }
        states[prompt] = bestState
        return best
    }
}
