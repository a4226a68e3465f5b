import FileStore
import Foundation
import JSONText
import Testing

@testable import Tokenization

@Suite("Damaged tokenizers and templates end with an error, never with the process")
struct DamagedTokenizerTests {
    static let rounds = ProcessInfo.processInfo.environment["HONE_SLOW_TESTS"] == "1" ? 5000 : 150

    /// Some bytes changed, taken out or doubled, the same for the same round.
    private func damaged(_ bytes: [UInt8], round: Int) -> [UInt8] {
        var bytes = bytes, state = UInt64(round) &+ 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, bound)))
        }
        for _ in 0...next(4) where bytes.count > 1 {
            let place = next(bytes.count)
            switch next(5) {
            case 0: bytes[place] = UInt8(next(128))
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(12)))
            case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + next(60))], at: next(bytes.count))
            case 3: bytes.swapAt(place, next(bytes.count))
            default: bytes.replaceSubrange(place..<place, with: Array(["-1", "99999999999", "null", "{%", "%}"][next(5)].utf8))
            }
        }
        return bytes
    }

    @Test("a tokenizer.json that is accepted encodes and decodes", arguments: ["llama3", "llama2", "gemma", "gpt2"])
    func tokenizers(name: String) throws {
        let bytes = try FileStore().read(TokenizerComponentTests.folder + "/\(name).json")
        let whole = try #require(try JSONValue.parse(utf8: bytes)["tokenizer"]).utf8()
        for round in 0..<Self.rounds {
            guard let tokenizer = try? Tokenizer(json: damaged(whole, round: round), file: name) else { continue }
            _ = tokenizer.decode(tokenizer.encode("Hello <|im_start|> wörld 123", addSpecialTokens: true))
        }
    }

    @Test("a template that is accepted renders or says why not", arguments: ["qwen3", "llama3_1", "gemma4", "cohere2"])
    func templates(name: String) throws {
        let source = try FileStore().read(TokenizerVectorTests.oracles + "/../chat-templates/\(name).jinja")
        let messages: [JSONValue] = [
            ["role": "system", "content": "s"], ["role": "user", "content": "a"], ["role": "assistant", "content": "b"],
        ]
        for round in 0..<Self.rounds {
            let text = String(decoding: damaged(source, round: round), as: UTF8.self)
            guard let template = try? ChatTemplate(source: text, specialTokens: ["bos_token": "<s>"]) else { continue }
            _ = try? template.render(messages: messages, addGenerationPrompt: true)
        }
    }
}
