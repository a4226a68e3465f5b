import FileStore
import JSONText
import Testing

@testable import Tokenization

@Suite("Ids equal those of the tokenizers library")
struct TokenizerVectorTests {
    static let oracles = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Oracles/tokenizers"

    @Test("Every text of the vectors", arguments: ["gpt-2", "phi-3"])
    func vectors(name: String) throws {
        let folder = Self.oracles + "/" + name
        let tokenizer = try Tokenizer(folder: folder)
        let lines = try FileStore().readText(folder + "/vectors.jsonl").split(separator: "\n")
        #expect(lines.count == 47)
        for line in lines {
            let row = try JSONValue.parse(String(line))
            let text = try #require(row["text"]?.stringValue)
            let ids = try #require(row["ids"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) }
            let special = try #require(row["ids_special"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) }
            #expect(tokenizer.encode(text) == ids, "\(text)")
            #expect(tokenizer.encode(text, addSpecialTokens: true) == special, "\(text)")
            #expect(tokenizer.encodeWithOffsets(text).ids == ids, "\(text)")
            #expect(tokenizer.decode(ids) == row["decoded"]?.stringValue, "\(text)")
        }
    }
}
