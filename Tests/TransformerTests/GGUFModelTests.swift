import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

/// Families written as GGUF and read back; llama.cpp itself is asked by Tests/Oracles/gguf.
@Suite("Models in GGUF files")
struct GGUFModelTests {
    /// Those of the tiny models that the format can express, with how far logits may be apart: where a setting is stored in
    /// float32, or a norm with one added, the last bits go.
    static let names = [
        "llama-linear", "llama-dynamic", "llama3", "llama-yarn", "llama-biases", "mistral", "mistral-window", "qwen2",
        "qwen2-window", "qwen3", "phi3", "phi3-long", "olmo2",
    ]
    static let refused = ["smollm3", "gemma2", "gemma3"]

    static func tokenizer(count: Int) throws -> GGUFTokenizer {
        let json: JSONValue = [
            "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
            "model": ["type": "BPE", "merges": .array([])],
        ]
        let texts = (0..<count).map { Optional(String(UnicodeScalar(UInt8(0x21 + $0)))) }
        return try GGUFTokenizer(json: json, texts: texts, roles: .init(), path: "tokenizer.json")
    }

    private func write(_ folder: ModelFolder, _ type: GGUFType, to path: String, _ adapter: AdapterFolder? = nil) throws
    {
        try GGUFModel.write(
            to: path, shape: folder.shape, tensors: try AdapterMerge(base: folder, adapter: adapter).tensors(),
            type: type,
            tokenizer: try Self.tokenizer(count: folder.shape.vocabularySize), heading: .init(name: "tiny"),
            configPath: folder.config.path)
    }

    private func scratch() -> String { NSTemporaryDirectory() + "hone-gguf-" + UUID().uuidString + ".gguf" }

    @Test("in float32 a model answers as from its folder", arguments: names)
    func roundTrip(name: String) throws {
        let oracle = try FamilyOracle(name), path = scratch()
        defer { try? FileStore().remove(path) }
        try write(oracle.folder, .float32, to: path)
        let model = try LlamaModel(gguf: GGUFModel(path: path), team: ThreadTeam(threads: 1), maxBatchTokens: 40)
        let found = try oracle.rows.flatMap { try model.logits($0, at: Array(0..<$0.tokenCount)) }
        let worst = zip(found, oracle.logits).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 2e-4)
    }

    @Test("a shape whose settings readers derive otherwise is refused", arguments: refused)
    func refusal(name: String) throws {
        let oracle = try FamilyOracle(name)
        #expect(throws: ModelFileError.self) { try write(oracle.folder, .float32, to: scratch()) }
    }

    @Test("every number format keeps the model close, and the coarser the less", arguments: ["llama-biases", "qwen3"])
    func formats(name: String) throws {
        let oracle = try FamilyOracle(name)
        var errors: [Float] = []
        for type in [GGUFType.float32, .float16, .bfloat16] {
            let path = scratch()
            defer { try? FileStore().remove(path) }
            try write(oracle.folder, type, to: path)
            let model = try LlamaModel(gguf: GGUFModel(path: path), team: ThreadTeam(threads: 1), maxBatchTokens: 40)
            let found = try oracle.rows.flatMap { try model.logits($0, at: Array(0..<$0.tokenCount)) }
            errors.append(zip(found, oracle.logits).map { abs($0 - $1) }.max() ?? .infinity)
        }
        // The weights were bfloat16, so float16 is the only format that rounds them.
        #expect(errors[0] < 2e-4 && errors[2] < 2e-4 && errors[1] < 0.05)
    }

    @Test("an adapter in a GGUF file changes a model as the folder does", arguments: ["llama-biases", "qwen2", "phi3"])
    func adapter(name: String) throws {
        let oracle = try FamilyOracle(name), store = FileStore()
        var settings = LoRASettings(rank: 4, alpha: 6, useRSLoRA: true)
        settings.targetModules = oracle.folder.shape.linears.map(\.module)
        let tuned = try oracle.model(.adapter(settings))
        tuned.startAdapter(seed: 1)
        for (index, parameter) in tuned.parameters.enumerated() where parameter.name.contains("lora_B") {
            for entry in 0..<parameter.count { parameter.values[entry] = Float(cos(Double(entry + index))) * 0.1 }
        }
        tuned.adapterChanged()
        let folder = NSTemporaryDirectory() + "hone-gguf-" + UUID().uuidString, path = folder + ".gguf"
        defer {
            try? store.remove(folder)
            try? store.remove(path)
        }
        try AdapterFolder.write(to: folder, settings: settings, baseModel: "tiny", weights: tuned.outgoingTensors())
        try GGUFAdapter.write(
            AdapterFolder(path: folder, shape: oracle.folder.shape), shape: oracle.folder.shape, to: path,
            type: .float32,
            name: "tiny", baseModel: nil)
        let adapter = try GGUFAdapter(path: path, shape: oracle.folder.shape)
        let again = try oracle.model(.adapter(adapter.settings))
        try again.loadAdapter(from: adapter)
        let batch = oracle.rows[0], places = Array(0..<batch.tokenCount)
        let worst = zip(try tuned.logits(batch, at: places), try again.logits(batch, at: places)).map { abs($0 - $1) }
            .max()
        #expect(worst ?? 1 < 1e-5)
    }
}
