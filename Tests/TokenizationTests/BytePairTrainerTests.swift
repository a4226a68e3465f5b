import JSONText
import Testing

@testable import Tokenization

@Suite("A vocabulary is learned from texts")
struct BytePairTrainerTests {
    @Test("Frequent words become tokens, and every text survives the way there and back")
    func learns() throws {
        let texts = Array(repeating: "the cat sat on the mat in 2024, the end.", count: 10)
        let trainer = BytePairTrainer(vocabularySize: 300, specialTokens: ["<|endoftext|>", "<|im_start|>"])
        let vocabulary = trainer.train(on: texts)
        let tokenizer = try Tokenizer(json: vocabulary.tokenizerJSON.utf8(), file: "tokenizer.json")
        #expect(vocabulary.count <= 300)
        #expect(tokenizer.encode(" the").count == 1)
        #expect(tokenizer.encode("2024").count == 4)
        #expect(tokenizer.encode("<|im_start|>") == [Int32(vocabulary.count - 1)])
        for text in ["the cat", "ein Ölfaß 😀\u{0}\r\n", ""] { #expect(tokenizer.decode(tokenizer.encode(text)) == text) }
        #expect(trainer.train(on: texts) == vocabulary)
    }

    @Test("A pair that occurs once is not merged")
    func stopsEarly() {
        let vocabulary = BytePairTrainer(vocabularySize: 1000, specialTokens: []).train(on: ["abcdefg"])
        #expect(vocabulary.count == 256)
    }
}
