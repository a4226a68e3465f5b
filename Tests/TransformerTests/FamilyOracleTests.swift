import Foundation
import JSONText
import ModelFiles
import Plan
import Tensors
import Testing

@testable import Transformer

/// Tiny random models of every family, with what transformers computed (Tests/Oracles/families).
struct FamilyOracle {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/families").standardized.path(percentEncoded: false)
    static let names = [
        "llama-linear", "llama-dynamic", "llama3", "llama-yarn", "llama-biases", "mistral", "mistral-window", "qwen2",
        "qwen2-window", "qwen3", "smollm3", "phi3", "phi3-long", "olmo2", "gemma2", "gemma3",
    ]

    let folder: ModelFolder
    let rows: [PackedBatch]
    let loss: Double
    let logits: [Float]
    /// By tensor: the gradient's length, and its sum against a fixed pattern.
    let gradients: [String: (length: Double, pattern: Double)]
    /// The config as transformers 4 wrote it.
    let former: JSONValue

    init(_ name: String) throws {
        let text = try String(contentsOfFile: Self.folder + "/expected.json", encoding: .utf8)
        let json = try #require(try JSONValue.parse(text)["cases"]?[name])
        folder = try ModelFolder(path: Self.folder + "/" + name)
        rows = (json["rows"]?.arrayValue ?? []).map { row in
            PackedBatch(rows: [
                (
                    (row["ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) },
                    (row["isTarget"]?.arrayValue ?? []).compactMap(\.boolValue)
                )
            ])
        }
        loss = try #require(json["loss"]?.doubleValue)
        logits = (json["logits"]?.arrayValue ?? []).compactMap { $0.doubleValue.map(Float.init) }
        gradients = Dictionary(
            uniqueKeysWithValues: (json["gradients"]?.objectValue?.members ?? []).map { member in
                (member.key, (member.value[0]?.doubleValue ?? .nan, member.value[1]?.doubleValue ?? .nan))
            })
        former = try #require(json["before"])
    }

    func model(_ trainable: LlamaModel.Trainable, threads: Int = 2) throws -> LlamaModel {
        try LlamaModel(folder: folder, trainable: trainable, team: ThreadTeam(threads: threads), maxBatchTokens: 40)
    }
}

@Suite("Every family agrees with transformers")
struct FamilyOracleTests {
    @Test("logits are those of transformers", arguments: FamilyOracle.names)
    func logits(name: String) throws {
        let oracle = try FamilyOracle(name), model = try oracle.model(.none)
        let found = try oracle.rows.flatMap { try model.logits($0, at: Array(0..<$0.tokenCount)) }
        try #require(found.count == oracle.logits.count)
        let worst = zip(found, oracle.logits).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
        #expect(worst < 2e-4)
    }

    @Test("loss and every gradient of full training are those of transformers", arguments: FamilyOracle.names, [1, 3])
    func gradients(name: String, threads: Int) throws {
        let oracle = try FamilyOracle(name), model = try oracle.model(.full, threads: threads)
        let loss = try oracle.rows.reduce(0) { $0 + (try model.forwardBackward($1).lossSum) }
        #expect(abs(loss - oracle.loss) < 1e-4 * oracle.loss)
        #expect(Set(model.parameters.map(\.name)) == Set(oracle.gradients.keys))
        for parameter in model.parameters {
            let expected = try #require(oracle.gradients[parameter.name])
            let gradient = UnsafeBufferPointer(start: try #require(parameter.gradient), count: parameter.count)
            let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let pattern = gradient.enumerated().reduce(0.0) { $0 + Double($1.element) * cos(0.7 * Double($1.offset) + 0.3) }
            #expect(abs(length - expected.length) < 1e-3 * expected.length + 1e-5, "\(parameter.name)")
            #expect(abs(pattern - expected.pattern) < 1e-3 * expected.length + 1e-5, "\(parameter.name)")
        }
    }

    @Test("an adapter's gradient is the derivative of the loss", arguments: FamilyOracle.names)
    func adapter(name: String) throws {
        let oracle = try FamilyOracle(name)
        let model = try oracle.model(.adapter(LoRASettings(rank: 3, alpha: 6)))
        model.startAdapter(seed: 1)
        for (index, parameter) in model.parameters.enumerated() where parameter.name.contains("lora_B") {
            for entry in 0..<parameter.count { parameter.values[entry] = Float(cos(Double(entry + index))) * 0.1 }
        }
        let batch = oracle.rows[0]
        _ = try model.forwardBackward(batch)
        for parameter in model.parameters {
            let gradient = Array(UnsafeBufferPointer(start: try #require(parameter.gradient), count: parameter.count))
            let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            try #require(length > 0, "\(parameter.name)")
            let start = Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
            func loss(_ distance: Double) throws -> Double {
                for index in start.indices {
                    parameter.values[index] = start[index] + Float(distance * Double(gradient[index]) / length)
                }
                return try model.evaluateLoss(batch).reduce(0) { $0 + Double($1) }
            }
            let slope = (try loss(4e-3) - loss(-4e-3)) / 8e-3
            _ = try loss(0)
            #expect(abs(slope - length) < 3e-2 * length + 2e-2, "\(parameter.name)")
        }
    }

    @Test("merged weights answer like base and adapter", arguments: FamilyOracle.names)
    func merging(name: String) throws {
        let oracle = try FamilyOracle(name), batch = oracle.rows[0]
        let tuned = try oracle.model(.adapter(LoRASettings(rank: 3, alpha: 6)))
        tuned.startAdapter(seed: 1)
        for (index, parameter) in tuned.parameters.enumerated() where parameter.name.contains("lora_B") {
            for entry in 0..<parameter.count { parameter.values[entry] = Float(cos(Double(entry + index))) * 0.1 }
        }
        var tensors: [String: [Float]] = [:]
        tuned.withMergedTensors { tensor in
            tensors[tensor.name] = Array(UnsafeBufferPointer(start: tensor.values, count: tensor.count))
        }
        let merged = try LlamaModel(
            shape: oracle.folder.shape, trainable: .none, team: ThreadTeam(threads: 2), maxBatchTokens: 40
        ) { name, _, destination in
            let values = try #require(tensors[name])
            destination.update(from: values, count: values.count)
        }
        let rows = Array(0..<batch.tokenCount)
        let found = try merged.logits(batch, at: rows), expected = try tuned.logits(batch, at: rows)
        #expect((zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity) < 2e-4)
        #expect(try oracle.model(.none).logits(batch, at: rows) != found)
    }

    @Test("decoding with a cache writes what the whole row would predict", arguments: FamilyOracle.names)
    func generation(name: String) throws {
        let oracle = try FamilyOracle(name), model = try oracle.model(.none)
        let prompt = Array(oracle.rows[1].inputIDs)
        // Beyond ten positions phi3-long turns by other frequencies, which a cache cannot follow.
        let limit = name == "phi3-long" ? 1 : 12
        let found = try Generator(model: model).generate(prompts: [prompt, prompt], limit: limit, stopIDs: [])
        var ids = prompt
        for _ in 0..<limit {
            let batch = PackedBatch(rows: [(ids, ids.map { _ in false })])
            let logits = try model.logits(batch, at: [ids.count - 1])
            ids.append(Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0))
        }
        #expect(found.map(\.ids) == [Array(ids[prompt.count...]), Array(ids[prompt.count...])])
    }

    @Test("configs of transformers 4 and 5 give the same shape", arguments: FamilyOracle.names)
    func generations(name: String) throws {
        let oracle = try FamilyOracle(name)
        #expect(try ModelConfig(oracle.former, path: "config.json").shape == oracle.folder.shape)
    }
}
