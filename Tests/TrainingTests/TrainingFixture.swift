import Datasets
import Feasibility
import FileStore
import Foundation
import ModelFiles
import Plan
import Randomness
import Training

/// A run on a tiny random Llama and made-up rows, in a folder of its own that goes away with it.
final class TrainingFixture {
    let folder: String
    let base: ModelFolder
    var data: EncodedDataset
    var plan: RunPlan

    static let shape = ModelShape(
        vocabularySize: 50, hiddenSize: 24, intermediateSize: 40, layerCount: 2, attentionHeadCount: 4,
        keyValueHeadCount: 2,
        headSize: 6, maxPositions: 64, tiedEmbeddings: true)

    /// A token whose first number lets a gate overflow; every other token has 0 there.
    static let poison: Int32 = 49

    init(isPoisoned: Bool = false, _ change: (inout RunPlan) -> Void = { _ in }) throws {
        folder = NSTemporaryDirectory() + "hone-training-" + UUID().uuidString
        try Self.writeModel(to: folder + "/base", isPoisoned: isPoisoned)
        base = try ModelFolder(path: folder + "/base")
        data = Self.rows(train: 23, validation: 5)
        plan = RunPlan(
            model: "base", method: .lora(LoRASettings(rank: 4, alpha: 8, dropout: 0.1)),
            data: DataSettings(paths: ["made up"]),
            training: TrainingSettings())
        plan.training.batching = .rows(2)
        plan.training.gradientAccumulationSteps = 2
        plan.training.duration = .steps(20)
        plan.training.learningRate = 0.01
        plan.training.warmup = .steps(2)
        plan.training.schedule = .cosine
        plan.training.saveEvery = 10
        plan.training.threads = 2
        change(&plan)
    }

    deinit { try? FileStore().remove(folder) }

    func run(_ name: String) -> RunFolder { RunFolder(path: folder + "/" + name) }

    func approved() throws -> ApprovedPlan {
        try approve(
            plan, model: ModelFacts(shape: base.shape, storedBytes: base.storedBytes), load: TrainingLoad(data),
            on: MachineProfile(
                processor: "x", cores: 2, instructionSets: [], totalMemory: nil,
                availableMemory: ByteCount(gibibytes: 8), freeDisk: ByteCount(gibibytes: 8)))
    }

    func trainer(
        _ name: String, store: FileStore = FileStore(), limits: TrainingLimits? = nil,
        report: @escaping Trainer.Report = { _ in }
    ) throws -> Trainer {
        try Trainer(approved(), base: base, data: data, run: run(name), store: store, limits: limits, report: report)
    }

    /// Limits that no test reaches by accident, with some of them changed.
    static func limits(_ changed: [String: Double] = [:]) -> TrainingLimits {
        let usual: [String: Double] = [
            "disk_retry_first": 0.02, "disk_retry_factor": 2, "disk_retry_longest": 0.1, "learning_window": 1000,
            "overfitting_looks": 1000,
        ]
        return TrainingLimits { changed[$0] ?? usual[$0] ?? 0 }
    }

    func adapter(_ name: String) throws -> Fingerprint {
        try FileStore().fingerprint(ofFile: run(name).adapter + "/adapter_model.safetensors")
    }

    private static func rows(train: Int, validation: Int) -> EncodedDataset {
        var random = CounterGenerator(seed: 4)
        func row(_ index: Int) -> EncodedExample {
            let count = 4 + random.next(below: 9), first = Int32(random.next(below: 40))
            let ids = (0..<count).map { (first + Int32($0) * 3) % 50 }
            return EncodedExample(
                index: index, line: index + 1, inputIDs: ids, isTarget: ids.indices.map { $0 > count / 2 })
        }
        let train = (0..<train).map(row), validation = (0..<validation).map(row)
        return EncodedDataset(
            train: train, validation: validation, test: [], generalMix: nil, dropped: [], truncated: [], maxLength: 64,
            lengths: LengthStatistics(lengths: train.map(\.count), targetTokens: 0),
            fingerprint: Fingerprint(of: "made up"))
    }

    private static func writeModel(to path: String, isPoisoned: Bool) throws {
        var random = CounterGenerator(seed: 9)
        var shape = shape
        // A token that is poison to whoever reads it must not be poison to whoever might say it.
        shape.tiedEmbeddings = !isPoisoned
        var values = shape.tensors.map { tensor in
            (0..<tensor.shape.reduce(1, *)).map { _ in tensor.shape.count == 1 ? 1 : Float(random.uniform() - 0.5) * 0.4
            }
        }
        if isPoisoned {
            let width = shape.hiddenSize
            for (place, tensor) in shape.tensors.enumerated() {
                if tensor.name.contains("embed_tokens") {
                    for id in 0..<50 { values[place][id * width] = id == poison ? 1 : 0 }
                } else if tensor.name.contains("layers.0.self_attn.o_proj") {
                    for column in 0..<width { values[place][column] = 0 }
                } else if tensor.name.contains("layers.0.mlp.gate") || tensor.name.contains("layers.0.mlp.up") {
                    // Squared it is more than a float holds; the sum of the squares of one matrix is not.
                    for column in 0..<width { values[place][column] = column == 0 ? 1e19 : 0 }
                }
            }
        }
        let pointers = values.map { UnsafeMutableBufferPointer<Float>.allocate(capacity: $0.count) }
        defer { for pointer in pointers { pointer.deallocate() } }
        var weights: [OutgoingTensor] = []
        for (tensor, (pointer, numbers)) in zip(shape.tensors, zip(pointers, values)) {
            _ = pointer.initialize(from: numbers)
            guard let start = pointer.baseAddress else { continue }
            weights.append(OutgoingTensor(name: tensor.name, shape: tensor.shape, values: UnsafePointer(start)))
        }
        try ModelFolder.write(to: path, shape: shape, tokens: .init(bos: nil, eos: [1], pad: 0), weights: weights)
    }
}
