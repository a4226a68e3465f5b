import FileStore
import Foundation
import JSONText
import Plan
import Testing

@testable import ModelFiles

@Suite("GGUF files")
struct GGUFTests {
    private static let oracles = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles").standardized.path(percentEncoded: false)

    /// A tokenizer with as many tokens as the tiny models have rows.
    static func tokenizer(count: Int) -> GGUFTokenizer {
        let keep = Array(0x21...0x7E).prefix(count - 2).map { String(UnicodeScalar(UInt8($0))) }
        var texts: [String?] = keep + ["<|end|>", "<|pad|>"]
        while texts.count < count { texts.append(nil) }
        var roles = GGUFTokenizer.Roles()
        roles.end = keep.count
        let added: [JSONValue] = [keep.count, keep.count + 1].map { id in
            ["id": JSONValue(id), "content": JSONValue(texts[id] ?? ""), "special": true]
        }
        let json: JSONValue = [
            "added_tokens": .array(added),
            "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
            "model": ["type": "BPE", "merges": .array([])],
        ]
        do { return try GGUFTokenizer(json: json, texts: texts, roles: roles, path: "tokenizer.json") } catch {
            fatalError("\(error)")
        }
    }

    @Test(
        "quantised blocks have the bytes ggml gives them",
        arguments: [("q8_0", GGUFType.q8_0), ("q4_0", .q4_0), ("bf16", .bfloat16)])
    func blocks(key: String, type: GGUFType) throws {
        let json = try JSONValue.parse(try FileStore().readText(Self.oracles + "/gguf/blocks.json"))
        let rows = try #require(json["values"]?.arrayValue), stored = try #require(json[key]?.arrayValue)
        for (row, expected) in zip(rows, stored) {
            let values = (row.arrayValue ?? []).compactMap { $0.doubleValue.map { Float($0) } }
            let bytes = values.withUnsafeBufferPointer { type.bytes(of: $0) }
            #expect(bytes.map(Int.init) == (expected.arrayValue ?? []).compactMap(\.intValue))
        }
    }

    @Test("numbers come back within half a step of their format", arguments: GGUFType.allCases)
    func expansion(type: GGUFType) {
        let values = (0..<96).map { Float(sin(Double($0) * 1.7)) * 0.3 }
        let bytes = values.withUnsafeBufferPointer { type.bytes(of: $0) }
        #expect(bytes.count == type.byteCount(of: 96))
        var back = [Float](repeating: .nan, count: 96)
        back.withUnsafeMutableBufferPointer { back in
            bytes.withUnsafeBytes { bytes in
                if let start = back.baseAddress { type.expand(bytes, into: start) }
            }
        }
        let steps: [GGUFType: Float] = [.float32: 0, .float16: 2e-4, .bfloat16: 2e-3, .q8_0: 1.3e-3, .q4_0: 0.04]
        for (found, expected) in zip(back, values) { #expect(abs(found - expected) <= steps[type] ?? 0) }
    }

    @Test("rows of a head are paired as llama.cpp turns them, and come back")
    func permutation() {
        // Two heads of four rows, one number each.
        var values: [Float] = [0, 1, 2, 3, 10, 11, 12, 13]
        values.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            GGUFLayout.permute(start, rows: 8, width: 1, heads: 2)
        }
        #expect(values == [0, 2, 1, 3, 10, 12, 11, 13])
        values.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            GGUFLayout.permute(start, rows: 8, width: 1, heads: 2, isInverse: true)
        }
        #expect(values == [0, 1, 2, 3, 10, 11, 12, 13])
    }

    @Test("a tokenizer is read as it was written")
    func tokenizer() throws {
        let folder = try ScratchFolder(), path = folder.path + "/x.gguf"
        var tokenizer = Self.tokenizer(count: 45)
        tokenizer.template = "{{ messages[0].content }}"
        tokenizer.roles.endOfTurn = 3
        tokenizer.roles.addsBegin = true
        try GGUFWriter().write([], metadata: tokenizer.metadata, to: path)
        #expect(try GGUFTokenizer(GGUFFile(path: path)) == tokenizer)
        #expect(tokenizer.roles.stops == [43, 3])
    }

    @Test("SentencePiece's merges made again from scores are those the scores were made from")
    func sentencePiece() throws {
        let texts = ["<unk>", "<0x41>", "▁", "a", "b", "ab", "▁a", "▁ab"]
        let json: JSONValue = [
            "normalizer": ["type": "Prepend", "prepend": "▁"], "pre_tokenizer": nil,
            "model": [
                "type": "BPE", "byte_fallback": true, "unk_token": "<unk>", "merges": ["a b", "▁ a", "▁ ab", "▁a b"],
            ],
        ]
        var roles = GGUFTokenizer.Roles()
        roles.unknown = 0
        let tokenizer = try GGUFTokenizer(json: json, texts: texts, roles: roles, path: "x")
        #expect(tokenizer.model == .sentencePiece)
        #expect(tokenizer.addsSpace)
        #expect(tokenizer.tokens.map(\.kind) == [.unknown, .byte] + Array(repeating: .normal, count: 6))
        let back = try JSONValue.parse(utf8: try tokenizer.tokenizerJSON(path: "x"))
        let merges = (back["model"]?["merges"]?.arrayValue ?? []).map {
            "\($0[0]?.stringValue ?? "") \($0[1]?.stringValue ?? "")"
        }
        #expect(merges == ["a b", "▁ a", "▁a b", "▁ ab"])
    }

    /// As llama.cpp cuts them, measured with Tests/Oracles/gguf/compare_sentencepiece.py.
    @Test(
        "a space that is only due at the start of a text is never written where prompts begin with a special token",
        arguments: [("first", true, false), ("first", false, true), ("always", true, true), ("never", true, false)])
    func spaces(_ scheme: String, _ promptsBeginSpecially: Bool, _ addsSpace: Bool) throws {
        let json: JSONValue = [
            "normalizer": nil, "pre_tokenizer": ["type": "Metaspace", "prepend_scheme": .string(scheme)],
            "model": ["type": "BPE", "byte_fallback": true, "merges": []],
        ]
        let tokenizer = try GGUFTokenizer(
            json: json, texts: ["▁", "a"], roles: .init(), promptsBeginSpecially: promptsBeginSpecially, path: "x")
        #expect(tokenizer.addsSpace == addsSpace)
    }

    @Test("the name, which llama.cpp goes by, says Phi-3 where the tokens are Phi-3's, and nowhere else")
    func names() {
        var phi = Self.tokenizer(count: 45)
        for (place, text) in ["</s>", "<unk>", "<s>", "<|endoftext|>"].enumerated() { phi.tokens[place].text = text }
        let plain = Self.tokenizer(count: 45)
        #expect(GGUFModel.Heading(name: "support").name(for: .phi3, phi) == "Phi-3 support")
        #expect(GGUFModel.Heading(name: "my-phi3-mini").name(for: .phi3, phi) == "my-phi3-mini")
        #expect(GGUFModel.Heading(name: "Phi-3 tickets").name(for: .llama, plain) == "Phi 3 tickets")
        #expect(GGUFModel.Heading(name: "support").name(for: .llama, plain) == "support")
    }

    @Test("a way of cutting text that GGUF has no name for is refused, not guessed")
    func unknownCutting() {
        let json: JSONValue = [
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    ["type": "Split", "pattern": ["Regex": "[a-z]+"], "behavior": "Isolated"],
                    ["type": "ByteLevel", "use_regex": false],
                ],
            ],
            "model": ["type": "BPE", "merges": .array([])],
        ]
        #expect(throws: ModelFileError.self) {
            try GGUFTokenizer(json: json, texts: ["a"], roles: .init(), path: "tokenizer.json")
        }
    }

    @Test(
        "what readers cannot compute is refused by its setting",
        arguments: [
            ("llama3", "rope_scaling", ModelFamily.qwen3), ("biases", "attention_bias", .qwen3),
            ("no-rope", "no_rope_layers", .smollm3),
        ])
    func refusals(what: String, setting: String, family: ModelFamily) throws {
        var shape = ModelShape(
            vocabularySize: 8, hiddenSize: 8, intermediateSize: 8, layerCount: 4, attentionHeadCount: 2,
            keyValueHeadCount: 2, headSize: 4)
        shape.family = family
        switch what {
        case "llama3":
            shape.ropeScaling = .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64)
        case "biases": shape.block.outputBias = true
        default: shape.layersWithoutRotary = [0]
        }
        do {
            _ = try shape.ggufMetadata(path: "config.json")
            Issue.record("it was accepted")
        } catch .notInGGUF(_, let found, _, _) {
            #expect(found == setting)
        }
    }

    @Test("damaged files end with an error, and whatever is accepted lies inside the file")
    func damage() throws {
        let folder = try ScratchFolder(), path = folder.path + "/x.gguf", store = FileStore()
        let item = GGUFWriter.Item(name: "token_embd.weight", type: .q8_0, shape: [3, 32]) { values in
            for place in 0..<96 { values[place] = Float(place) }
        }
        try GGUFWriter().write([item], metadata: Self.tokenizer(count: 45).metadata, to: path)
        let whole = try store.read(path)
        #expect(try GGUFFile(path: path).tensors["token_embd.weight"]?.floats.count == 96)
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, bound)))
        }
        for _ in 0..<600 {
            var bytes = whole
            for _ in 0...next(3) {
                let place = next(bytes.count)
                switch next(4) {
                case 0: bytes[place] = UInt8(next(256))
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(9)))
                case 2: bytes.removeLast(next(bytes.count))
                default: for byte in place..<min(bytes.count, place + 8) { bytes[byte] = 0xFF }
                }
                if bytes.isEmpty { bytes = [0] }
            }
            try store.write(bytes, to: path)
            guard let file = try? GGUFFile(path: path) else { continue }
            for tensor in file.tensors.values { #expect(tensor.floats.count == tensor.count) }
            _ = try? GGUFModel(path: path)
        }
    }
}
