import Testing

@testable import Tokenization

@Suite("The practice model's folder can be read")
struct PracticeModelTests {
    @Test("Its tokenizer takes every text there and back")
    func tokenizer() throws {
        let tokenizer = try Tokenizer(folder: TokenizerVectorTests.oracles + "/../../../models/base")
        #expect(tokenizer.vocabularySize == 4096)
        #expect(tokenizer.specialTokens.endOfSequence?.text == "<|im_end|>")
        for text in ["What is 12 + 30?", "naïve 😀\r\n\t{\"a\": [1, 2]}", " x  y "] {
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
    }
}
