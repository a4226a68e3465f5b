import FileStore
import Foundation
import JSONText
import Testing

@testable import Tokenization

/// Small tokenizers, one per combination of components, against the `tokenizers` library
/// (Tests/Oracles/tokenizer-components; `HONE_TOKENIZER_VECTORS` names a folder of more, made by the same script).
@Suite("Every component does what the tokenizers library does")
struct TokenizerComponentTests {
    static let folder = ProcessInfo.processInfo.environment["HONE_TOKENIZER_VECTORS"]
        ?? TokenizerVectorTests.oracles + "/../tokenizer-components"
    static let variants: [String] =
        ((try? FileStore().list(folder)) ?? []).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()

    @Test("Ids, offsets and decoded text", arguments: variants)
    func variant(name: String) throws {
        let bytes = try FileStore().read(Self.folder + "/\(name).json")
        let oracle = try JSONValue.parse(utf8: bytes)
        let description = try #require(oracle["tokenizer"])
        let tokenizer = try Tokenizer(json: description.utf8(), file: name)
        for vector in try #require(oracle["vectors"]?.arrayValue) {
            let text = try #require(vector[0]?.stringValue)
            let shown = text.debugDescription
            #expect(tokenizer.encode(text) == ids(vector[1]), "\(shown)")
            #expect(tokenizer.encode(text, addSpecialTokens: true) == ids(vector[2]), "\(shown)")
            let encoded = tokenizer.encodeWithOffsets(text)
            #expect(encoded.ids == ids(vector[1]), "\(shown)")
            #expect(tokenizer.decode(encoded.ids, skipSpecialTokens: true) == vector[4]?.stringValue, "\(shown)")
            // NFC: the library follows single characters, hone the block that was composed. Unknown characters behind
            // byte tokens: the library adds up lengths in an order that is not the text's.
            guard !name.contains("qwen"), !name.contains("normalized"), !name.contains("missing") else { continue }
            let expected = (vector[3]?.arrayValue ?? []).map { [$0[0]?.intValue ?? -1, $0[1]?.intValue ?? -1] }
            #expect(encoded.ranges.map { widened($0, in: text) } == expected, "\(shown)")
        }
    }

    /// The library counts characters, so a token that is part of one claims all of it.
    private func widened(_ range: Range<Int>, in text: String) -> [Int] {
        let bytes = Array(text.utf8)
        var (start, end) = (range.lowerBound, range.upperBound)
        while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return [start, end]
    }

    private func ids(_ value: JSONValue?) -> [Int32] { (value?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) } }
}
