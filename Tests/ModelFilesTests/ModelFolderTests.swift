import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing

@Suite("Model and adapter folders")
struct ModelFolderTests {
    private static let shape = ModelShape(
        vocabularySize: 11, hiddenSize: 8, intermediateSize: 12, layerCount: 2, attentionHeadCount: 2,
        keyValueHeadCount: 1,
        headSize: 4, rmsNormEpsilon: 1e-6, ropeTheta: 500_000,
        ropeScaling: .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64),
        maxPositions: 512,
        tiedEmbeddings: false)

    /// Writes every tensor but those in `without`; `reshaped` gets another shape.
    private func write(
        _ path: String, shape: ModelShape = Self.shape, without: String = "", reshaped: String = "",
        as type: ElementType = .float32
    ) throws {
        let largest = shape.tensors.map { $0.shape.reduce(1, *) }.max() ?? 0
        let values = (0..<largest).map { Float($0 % 13) / 8 }
        try values.withUnsafeBufferPointer { values in
            let start = try #require(values.baseAddress)
            let weights = shape.tensors.filter { $0.name != without }.map {
                OutgoingTensor(
                    name: $0.name, shape: $0.name == reshaped ? $0.shape.reversed() : $0.shape, elementType: type,
                    values: start)
            }
            try ModelFolder.write(
                to: path, shape: shape, tokens: .init(bos: 1, eos: [2, 3], pad: 0), weights: weights)
        }
    }

    @Test("a folder that was written is read back", arguments: [ElementType.float32, .bfloat16])
    func roundTrip(type: ElementType) throws {
        let folder = try ScratchFolder()
        try write(folder.path, as: type)
        let model = try ModelFolder(path: folder.path)
        #expect(model.shape == Self.shape)
        #expect(model.config.bosID == 1)
        #expect(model.config.padID == 0)
        #expect(try model.stopIDs() == [2, 3])
        #expect(model.storedBytes.bytes == Self.shape.parameterCount * type.bytesPerElement)
        #expect(model.unusedTensors.isEmpty)
        #expect(try model.tensor("model.layers.1.mlp.down_proj.weight").floats?.prefix(3) == [0, 0.125, 0.25])
    }

    @Test("a missing tensor and a wrong shape are named")
    func refusals() throws {
        let folder = try ScratchFolder()
        let name = "model.layers.1.self_attn.k_proj.weight", file = folder.path + "/model.safetensors"
        try write(folder.path, without: name)
        #expect(throws: ModelFileError.missingTensor(path: file, tensor: name)) { try ModelFolder(path: folder.path) }
        try write(folder.path, reshaped: name)
        #expect(throws: ModelFileError.wrongShape(path: file, tensor: name, found: [8, 4], expected: [4, 8])) {
            try ModelFolder(path: folder.path)
        }
    }

    @Test("a folder without config or weights says what is missing")
    func emptyFolder() throws {
        let folder = try ScratchFolder()
        #expect(throws: ModelFileError.notAModelFolder(path: folder.path, missing: ["config.json"])) {
            try ModelFolder(path: folder.path)
        }
        try write(folder.path)
        try FileStore().remove(folder.path + "/model.safetensors")
        let names = ["model.safetensors", "model.safetensors.index.json"]
        #expect(throws: ModelFileError.notAModelFolder(path: folder.path, missing: names)) {
            try ModelFolder(path: folder.path)
        }
    }

    @Test("shards are read through their index, which must stay in the folder")
    func shards() throws {
        let folder = try ScratchFolder(), store = FileStore()
        try write(folder.path)
        try store.rename(folder.path + "/model.safetensors", to: folder.path + "/model-00001-of-00001.safetensors")
        let index = folder.path + "/model.safetensors.index.json"
        try store.write(#"{"weight_map": {"model.norm.weight": "model-00001-of-00001.safetensors"}}"#, to: index)
        #expect(try ModelFolder(path: folder.path).shape == Self.shape)
        try store.write(#"{"weight_map": {"model.norm.weight": "../other.safetensors"}}"#, to: index)
        #expect(throws: ModelFileError.self) { try ModelFolder(path: folder.path) }
    }

    @Test("configs of both generations of transformers give the same shape")
    func generations() throws {
        let shared = #"""
            "model_type": "llama", "vocab_size": 32, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
            "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 100, "rms_norm_eps": 1e-05,
            "tie_word_embeddings": true, "hidden_act": "silu", "attention_bias": false
            """#
        let before = try config(
            "{\(shared), \"rope_theta\": 5000.0, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}}")
        let now = try config(
            "{\(shared), \"rope_parameters\": {\"rope_theta\": 5000.0, \"rope_type\": \"linear\", \"factor\": 2.0}}")
        #expect(before == now)
        #expect(before.headSize == 4)
        #expect(before.ropeTheta == 5000)
        #expect(before.ropeScaling == .linear(factor: 2))
        #expect(before.tiedEmbeddings)
    }

    @Test(
        "what the passes cannot compute is refused by key",
        arguments: [
            ("model_type", #""gpt2""#), ("hidden_act", #""gelu""#), ("layer_types", #"["chunked_attention"]"#),
            ("quantization_config", #"{"quant_method": "gptq"}"#),
        ])
    func unsupported(key: String, value: String) throws {
        var members = [
            "model_type": #""mistral""#, "hidden_size": "16", "num_attention_heads": "4", "vocab_size": "9",
            "intermediate_size": "8", "num_hidden_layers": "1",
        ]
        members[key] = value
        let text = "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        let error = #expect(throws: ModelFileError.self) { try config(text) }
        guard case .unsupported(_, key: key, _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func config(_ text: String) throws -> ModelShape {
        try ModelConfig(try JSONValue.parse(text), path: "config.json").shape
    }

    /// Frequencies of transformers 5.23 for these parameters (`ROPE_INIT_FUNCTIONS["llama3"]`).
    @Test("rotary frequencies of Llama 3.1 are stretched as transformers stretches them")
    func llama3Frequencies() {
        let expected: [Float] = [
            1, 0.193922758, 0.0376060307, 0.00729266508, 0.000524846022, 3.42810235e-05, 6.64786967e-06, 1.28917316e-06,
        ]
        let shape = ModelShape(
            vocabularySize: 1, hiddenSize: 16, intermediateSize: 1, layerCount: 1, attentionHeadCount: 1,
            keyValueHeadCount: 1, headSize: 16, ropeTheta: 500_000,
            ropeScaling: .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192))
        for (found, expected) in zip(shape.rotaryFrequencies, expected) {
            #expect(abs(found / expected - 1) < 1e-6)
        }
    }

    @Test("an adapter is written and read in PEFT's names and shapes")
    func adapters() throws {
        let folder = try ScratchFolder()
        let settings = LoRASettings(
            rank: 2, alpha: 3.5, dropout: 0.05, targetModules: ["q_proj", "down_proj"], useRSLoRA: true)
        let tensors = AdapterFolder.tensors(of: settings, on: Self.shape)
        #expect(tensors.map(\.name).first == "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
        #expect(tensors.map(\.shape) == [[2, 8], [8, 2], [2, 12], [8, 2], [2, 8], [8, 2], [2, 12], [8, 2]])
        try write(settings, tensors, to: folder.path)
        let adapter = try AdapterFolder(path: folder.path, shape: Self.shape)
        #expect(adapter.settings == settings)
        #expect(adapter.baseModel == "base")
        try write(settings, tensors.dropLast(), to: folder.path)
        #expect(throws: ModelFileError.self) { try AdapterFolder(path: folder.path, shape: Self.shape) }
        let stranger = ModelShape.Tensor(name: "base_model.model.lm_head.lora_A.weight", shape: [2, 8])
        try write(settings, tensors + [stranger], to: folder.path)
        #expect(
            throws: ModelFileError.unexpectedTensors(path: folder.path + "/adapter_model.safetensors", [stranger.name])
        ) { try AdapterFolder(path: folder.path, shape: Self.shape) }
    }

    private func write(_ settings: LoRASettings, _ tensors: [ModelShape.Tensor], to path: String) throws {
        let values = [Float](repeating: 0.5, count: 64)
        try values.withUnsafeBufferPointer { values in
            let start = try #require(values.baseAddress)
            try AdapterFolder.write(
                to: path, settings: settings, baseModel: "base",
                weights: tensors.map { OutgoingTensor(name: $0.name, shape: $0.shape, values: start) })
        }
    }
}
