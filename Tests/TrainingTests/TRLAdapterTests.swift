import Datasets
import Feasibility
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing
import Training

private let oracles = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Oracles").standardized.path(percentEncoded: false)

/// Fifty optimizer steps of TRL with adapters of other kinds than plain LoRA (`Tests/Oracles/trl-adapters/make.py`).
@Suite("Training agrees with TRL for every kind of adapter")
struct TRLAdapterTests {
    private static func method(_ kind: String) -> Method {
        var lora = LoRASettings(rank: 4, alpha: 8)
        var start: String?
        switch kind {
        case "dora": lora.useDoRA = true
        case "rslora": lora.useRSLoRA = true
        case "saved":
            lora.targetModules = ["q_proj", "v_proj"]
            lora.modulesToSave = ["embed_tokens", "lm_head", "norm"]
        case "patterns":
            lora.rankPattern = ["k_proj": 2, "down_proj": 6]
            lora.alphaPattern = ["q_proj": 3]
        default: start = oracles + "/trl-adapters/start"
        }
        return Method(kind: .lora, lora: lora, initAdapter: start)
    }

    private static func rows() throws -> [EncodedExample] {
        let json = try JSONValue.parse(try FileStore().readText(oracles + "/trl-families/runs.json"))
        return (json["rows"]?.arrayValue ?? []).enumerated().map { index, row in
            EncodedExample(
                index: index, line: index + 1,
                inputIDs: (row["input_ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) },
                isTarget: (row["is_target"]?.arrayValue ?? []).compactMap(\.boolValue))
        }
    }

    @Test(
        "fifty steps have the losses and gradient norms of TRL, within the tolerances TRL uses on itself",
        arguments: ["dora", "rslora", "saved", "patterns", "continued"])
    func steps(kind: String) throws {
        let json = try JSONValue.parse(try FileStore().readText(oracles + "/trl-adapters/runs.json"))
        let expected = try #require(json["runs"]?[kind]?.arrayValue), rows = try Self.rows()
        var plan = RunPlan(
            model: "oracle", method: Self.method(kind), data: DataSettings(paths: ["oracle"]),
            training: TrainingSettings())
        plan.compat = .trl
        plan.training.batching = .rows(2)
        plan.training.gradientAccumulationSteps = 2
        plan.training.duration = .steps(50)
        plan.training.learningRate = 5e-3
        plan.training.warmup = .steps(2)
        plan.training.schedule = .cosine
        plan.training.weightDecay = 0.1
        plan.training.maxGradNorm = 0.5
        plan.training.maxLength = 64
        plan.training.threads = 2
        let data = EncodedDataset(
            train: rows, validation: [], test: [], generalMix: nil, dropped: [], truncated: [], maxLength: 64,
            lengths: LengthStatistics(lengths: rows.map(\.count), targetTokens: 0), fingerprint: Fingerprint(of: kind))
        let folder = NSTemporaryDirectory() + "hone-trl-" + UUID().uuidString
        defer { try? FileStore().remove(folder) }
        let base = try ModelFolder(path: oracles + "/trl-families/mistral")
        let approved = try approve(
            plan, model: ModelFacts(shape: base.shape, storedBytes: base.storedBytes), load: TrainingLoad(data),
            on: MachineProfile(
                processor: "x", cores: 2, instructionSets: [], totalMemory: nil,
                availableMemory: ByteCount(gibibytes: 8)))
        var steps: [StepMetrics] = []
        let run = RunFolder(path: folder)
        _ = try Trainer(approved, base: base, data: data, run: run) { event in
            if case .step(let step) = event { steps.append(step) }
        }.train()
        try #require(steps.count == 50 && expected.count == 50)
        let losses = zip(steps, expected).map { $0.loss - ($1[0]?.doubleValue ?? .nan) }
        let norms = zip(steps, expected).map { $0.gradNorm - ($1[1]?.doubleValue ?? .nan) }
        #expect(losses.allSatisfy { abs($0) < 1e-3 })
        #expect(abs(losses.reduce(0, +) / 50) < 1e-5)
        #expect(norms.allSatisfy { abs($0) < 0.1 })
        #expect(abs(norms.reduce(0, +) / 50) < 1e-3)
        // What was written is read again as what it is, and does something.
        let written = try AdapterFolder(path: run.adapter, shape: base.shape)
        #expect(written.savedTensors.isEmpty == (kind != "saved"))
        try written.require(base: base)
    }
}
