import Datasets
import Feasibility
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing
import Training

/// Fifty optimizer steps of TRL on a tiny model of each family (`Tests/Oracles/trl-families/make.py`).
private struct FamilyRun {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/trl-families").standardized.path(percentEncoded: false)

    let data: EncodedDataset
    let steps: [(loss: Double, gradNorm: Double, learningRate: Double)]
    let plan: RunPlan

    init(_ family: String, _ mode: String) throws {
        let json = try JSONValue.parse(try FileStore().readText(Self.folder + "/runs.json"))
        let rows = try #require(json["rows"]?.arrayValue).enumerated().map { index, row in
            EncodedExample(
                index: index, line: index + 1,
                inputIDs: (row["input_ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) },
                isTarget: (row["is_target"]?.arrayValue ?? []).compactMap(\.boolValue))
        }
        data = EncodedDataset(
            train: rows, validation: [], test: [], generalMix: nil, dropped: [], truncated: [], maxLength: 64,
            lengths: LengthStatistics(lengths: rows.map(\.count), targetTokens: 0), fingerprint: Fingerprint(of: family))
        let run = try #require(json["runs"]?["\(family)-\(mode)"])
        steps = (run["steps"]?.arrayValue ?? []).map { step in
            func number(_ index: Int) -> Double { step[index]?.doubleValue ?? .nan }
            return (number(0), number(1), number(2))
        }
        let settings = try #require(run["settings"])
        func whole(_ key: String) throws -> Int { try #require(settings[key]?.intValue) }
        func number(_ key: String) throws -> Double { try #require(settings[key]?.doubleValue) }
        var plan = RunPlan(
            model: "oracle", method: mode == "lora" ? .lora(LoRASettings(rank: 4, alpha: 8)) : .full,
            data: DataSettings(paths: ["oracle"]), training: TrainingSettings())
        plan.compat = .trl
        plan.training.batching = .rows(try whole("per_device_train_batch_size"))
        plan.training.gradientAccumulationSteps = try whole("gradient_accumulation_steps")
        plan.training.duration = .steps(try whole("max_steps"))
        plan.training.learningRate = try number("learning_rate")
        plan.training.warmup = .steps(try whole("warmup_steps"))
        plan.training.schedule = try #require(Schedule(rawValue: settings["lr_scheduler_type"]?.stringValue ?? ""))
        plan.training.weightDecay = try number("weight_decay")
        plan.training.maxGradNorm = try number("max_grad_norm")
        plan.training.seed = try whole("seed")
        plan.training.maxLength = try whole("max_length")
        plan.training.threads = 2
        self.plan = plan
    }
}

@Suite("Training agrees with TRL for every family")
struct TRLFamilyTests {
    @Test(
        "fifty steps have the losses and gradient norms of TRL, within the tolerances TRL uses on itself",
        arguments: ["llama3", "qwen2", "qwen3", "mistral", "smollm3", "gemma3", "phi3", "olmo2", "gemma2"],
        ["lora", "full"])
    func steps(family: String, mode: String) throws {
        let expected = try FamilyRun(family, mode)
        let folder = NSTemporaryDirectory() + "hone-trl-" + UUID().uuidString
        defer { try? FileStore().remove(folder) }
        let base = try ModelFolder(path: FamilyRun.folder + "/" + family)
        let approved = try approve(
            expected.plan, model: ModelFacts(shape: base.shape, storedBytes: base.storedBytes),
            load: TrainingLoad(expected.data),
            on: MachineProfile(
                processor: "x", cores: 2, instructionSets: [], totalMemory: nil,
                availableMemory: ByteCount(gibibytes: 8)))
        var steps: [StepMetrics] = []
        _ = try Trainer(approved, base: base, data: expected.data, run: RunFolder(path: folder)) { event in
            if case .step(let step) = event { steps.append(step) }
        }.train()
        try #require(steps.count == 50 && expected.steps.count == 50)
        let losses = zip(steps, expected.steps).map { $0.loss - $1.loss }
        let norms = zip(steps, expected.steps).map { $0.gradNorm - $1.gradNorm }
        #expect(losses.allSatisfy { abs($0) < 1e-3 })
        #expect(abs(losses.reduce(0, +) / 50) < 1e-5)
        #expect(norms.allSatisfy { abs($0) < 0.1 })
        #expect(abs(norms.reduce(0, +) / 50) < 1e-3)
    }
}
