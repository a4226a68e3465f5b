/// Learns a byte-level BPE vocabulary from texts.
package struct BytePairTrainer: Sendable {
    package var vocabularySize: Int
    package var specialTokens: [String]

    package init(vocabularySize: Int, specialTokens: [String]) {
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
    }

    /// `tokenizer.json` of a vocabulary of `vocabularySize` tokens, special tokens last.
    package func train(on texts: some Sequence<String>) -> String { "" }
}
