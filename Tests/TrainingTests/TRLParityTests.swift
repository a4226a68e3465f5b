import Datasets
import Feasibility
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing
import Training

/// Twelve optimizer steps of TRL on a CPU, with every loss and gradient norm (`Tests/Oracles/trl-llama/make.py`).
private struct TRLRun {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/trl-llama").standardized.path(percentEncoded: false)

    let data: EncodedDataset
    let microBatches: [[Int]]
    let steps: [(loss: Double, gradNorm: Double, learningRate: Double, epoch: Double)]
    let plan: RunPlan

    init(mode: String) throws {
        let json = try JSONValue.parse(try FileStore().readText(Self.folder + "/\(mode).json"))
        let rows = try #require(json["rows"]?.arrayValue).enumerated().map { index, row in
            EncodedExample(
                index: index, line: index + 1,
                inputIDs: (row["input_ids"]?.arrayValue ?? []).compactMap { $0.intValue.map(Int32.init) },
                isTarget: (row["is_target"]?.arrayValue ?? []).compactMap(\.boolValue))
        }
        data = EncodedDataset(
            train: rows, validation: [], test: [], generalMix: nil, dropped: [], truncated: [], maxLength: 128,
            lengths: LengthStatistics(lengths: rows.map(\.count), targetTokens: 0), fingerprint: Fingerprint(of: mode))
        microBatches = (json["micro_batches"]?.arrayValue ?? []).map { ($0.arrayValue ?? []).compactMap(\.intValue) }
        steps = (json["steps"]?.arrayValue ?? []).map { step in
            func number(_ key: String) -> Double { step[key]?.doubleValue ?? .nan }
            return (number("loss"), number("grad_norm"), number("learning_rate"), number("epoch"))
        }
        let settings = try #require(json["settings"])
        func whole(_ key: String) throws -> Int { try #require(settings[key]?.intValue) }
        func number(_ key: String) throws -> Double { try #require(settings[key]?.doubleValue) }
        var plan = RunPlan(
            model: "oracle", method: mode == "lora" ? .lora(LoRASettings(rank: 4, alpha: 8)) : .full,
            data: DataSettings(paths: ["oracle"]), training: TrainingSettings())
        plan.compat = .trl
        plan.training.batching = .rows(try whole("per_device_train_batch_size"))
        plan.training.gradientAccumulationSteps = try whole("gradient_accumulation_steps")
        plan.training.duration = .epochs(try number("num_train_epochs"))
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

@Suite("Training agrees with TRL")
struct TRLParityTests {
    @Test("rows come in the same order")
    func order() throws {
        let expected = try TRLRun(mode: "lora")
        let order = TrainingOrder(
            lengths: expected.data.train.map(\.count), settings: expected.plan.training, compat: .trl)
        let first = order.epoch(after: 0), second = order.epoch(after: first.steps.count)
        #expect(Array((first.steps + second.steps).joined()) == expected.microBatches)
        #expect(order.totalSteps == expected.steps.count)
    }

    @Test("every step has the same loss, gradient norm and learning rate", arguments: ["lora", "full"])
    func steps(mode: String) throws {
        let expected = try TRLRun(mode: mode)
        let folder = NSTemporaryDirectory() + "hone-trl-" + UUID().uuidString
        defer { try? FileStore().remove(folder) }
        let base = try ModelFolder(path: TRLRun.folder + "/model")
        let approved = try approve(
            expected.plan, model: ModelFacts(shape: base.shape, storedBytes: base.storedBytes),
            load: TrainingLoad(expected.data),
            on: MachineProfile(
                processor: "x", cores: 2, instructionSets: [], totalMemory: nil,
                availableMemory: ByteCount(gibibytes: 8)))
        var steps: [StepMetrics] = []
        let run = RunFolder(path: folder)
        _ = try Trainer(approved, base: base, data: expected.data, run: run) { event in
            if case .step(let step) = event { steps.append(step) }
        }.train()
        try #require(steps.count == 12)
        for (step, reference) in zip(steps, expected.steps) {
            #expect(abs(step.loss - reference.loss) < 1e-4, "step \(step.globalStep.number)")
            #expect(abs(step.gradNorm / reference.gradNorm - 1) < 1e-3, "step \(step.globalStep.number)")
            #expect(abs(step.learningRate - reference.learningRate) < 1e-12)
            #expect(abs(step.epoch - reference.epoch) < 1e-9)
        }
        if mode == "lora" { try compareAdapter(run.adapter, base.shape) }
    }

    private func compareAdapter(_ path: String, _ shape: ModelShape) throws {
        let found = try AdapterFolder(path: path, shape: shape)
        let expected = try SafetensorsFile(path: TRLRun.folder + "/lora.safetensors")
        #expect(expected.tensors.count == 28)
        var largest: Float = 0
        for name in expected.tensors.keys {
            let values = try #require(found.tensor(name).floats), reference = try #require(expected.tensor(name).floats)
            #expect(values.count == reference.count)
            largest = zip(values, reference).reduce(largest) { max($0, abs($1.0 - $1.1)) }
        }
        #expect(largest < 2e-4)
    }
}
