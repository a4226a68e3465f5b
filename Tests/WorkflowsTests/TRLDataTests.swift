import Datasets
import Feasibility
import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing
import Training

@testable import Workflows

private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
private let folder = root + "/Tests/Oracles/trl-data"

/// What TRL makes of rows of every kind, packed and not, and what it learns from them (`Tests/Oracles/trl-data/make.py`).
private struct TRLData {
    private static let expected = Result { try JSONValue.parse(try FileStore().readText(folder + "/expected.json")) }

    static func expected(_ section: String, _ key: String) throws -> JSONValue {
        try #require(try expected.get()[section]?[key])
    }

    static func sequences() throws -> [[Int]] {
        (try expected.get()["sequences"]?.arrayValue ?? []).map { ($0.arrayValue ?? []).compactMap(\.intValue) }
    }

    /// The plan that says what TRL was told.
    static func plan(_ kind: String, _ strategy: String) throws -> RunPlan {
        let maxLength = try #require(try expected.get()["max_length"]?.intValue)
        var training = TrainingSettings()
        training.maxLength = maxLength
        training.batching = strategy == "none" ? .rows(2) : .packed(tokens: 2 * maxLength)
        training.packingStrategy = PackingStrategy(rawValue: strategy) ?? .bfd
        training.gradientAccumulationSteps = 2
        training.duration = .steps(50)
        training.learningRate = 5e-3
        training.warmup = .steps(2)
        training.schedule = .cosine
        training.weightDecay = 0.1
        training.maxGradNorm = 0.5
        training.evalEvery = 10
        training.threads = 2
        var plan = RunPlan(
            model: ModelReference(folder + "/model"), method: .lora(LoRASettings(rank: 4, alpha: 8)),
            data: DataSettings(
                paths: ["train", "validation"].map { "\(folder)/\(kind)/\($0).jsonl" },
                split: SplitSettings(validation: 0.1, test: 0)),
            training: training)
        plan.compat = .trl
        try plan.validate()
        return plan
    }

    static func prepared(_ plan: RunPlan) throws -> PreparedRun { try PreparedRun(plan, in: Installation(home: root)) }
}

@Suite("With compat trl, rows become what TRL makes of them")
struct TRLDataTests {
    @Test(
        "ids, labels and truncation are TRL's",
        arguments: ["text", "prompts", "prompt-messages", "conversations"], ["none", "bfd", "wrapped"])
    func rows(kind: String, strategy: String) throws {
        let plan = try TRLData.plan(kind, strategy), prepared = try TRLData.prepared(plan)
        let expected = try #require(try TRLData.expected("prepared", "\(kind)/\(strategy)").arrayValue)
        let rows = prepared.encoded.train.joined(by: plan)
        // What one row of TRL's set is made of: the sequences of an epoch that is not shuffled, one at a time.
        var single = plan.training
        single.shuffle = false
        single.gradientAccumulationSteps = 1
        single.batching = strategy == "none" ? .rows(1) : .packed(tokens: plan.training.maxLength)
        let order = TrainingOrder(lengths: rows.map(\.count), settings: single, compat: .trl).epoch(after: 0)
        let sequences = order.steps.map { $0[0] }
        #expect(sequences.count == expected.count)
        for (sequence, row) in zip(sequences, expected) {
            #expect(
                sequence.flatMap { rows[$0].inputIDs.map(Int.init) }
                    == row["input_ids"]?.arrayValue?.compactMap(\.intValue))
            // Nothing predicts the first token of a row, whatever its label.
            let labels = sequence.flatMap { [-100] + rows[$0].labels.dropLast().map(Int.init) }
            var known = (row["labels"]?.arrayValue ?? []).compactMap(\.intValue), start = 0
            for length in row["seq_lengths"]?.arrayValue?.compactMap(\.intValue) ?? [known.count]
            where start < known.count {
                known[start] = -100
                start += length
            }
            #expect(labels == known)
        }
    }

    @Test("of 2300 rows the same sequences are packed")
    func packing() throws {
        var settings = TrainingSettings()
        settings.maxLength = 64
        settings.batching = .packed(tokens: 64)
        settings.shuffle = false
        let lengths = (0..<2300).map { 1 + $0 * $0 * 7 % 59 }
        let order = TrainingOrder(lengths: lengths, settings: settings, compat: .trl).epoch(after: 0)
        #expect(try order.steps.map { $0[0] } == TRLData.sequences())
    }

    @Test(
        "fifty steps have TRL's losses, gradient norms and validation losses",
        arguments: ["prompts/none", "prompts/bfd", "text/bfd", "text/wrapped"])
    func curves(run name: String) throws {
        let parts = name.split(separator: "/").map(String.init)
        let plan = try TRLData.plan(parts[0], parts[1]), prepared = try TRLData.prepared(plan)
        let expected = try TRLData.expected("runs", name)
        let output = NSTemporaryDirectory() + "hone-trl-data-" + UUID().uuidString
        defer { try? FileStore().remove(output) }
        let approved = try approve(
            plan, model: ModelFacts(shape: prepared.model.shape, storedBytes: prepared.model.storedBytes),
            load: TrainingLoad(prepared.encoded),
            on: MachineProfile(
                processor: "x", cores: 2, instructionSets: [], totalMemory: nil,
                availableMemory: ByteCount(gibibytes: 8)))
        var steps: [StepMetrics] = [], evals: [EvalMetrics] = []
        _ = try Trainer(approved, base: prepared.model, data: prepared.encoded, run: RunFolder(path: output)) { event in
            if case .step(let step) = event { steps.append(step) }
            if case .eval(let eval) = event { evals.append(eval) }
        }.train()
        let known = try #require(expected["steps"]?.arrayValue)
        try #require(steps.count == 50 && known.count == 50)
        let losses = zip(steps, known).map { $0.loss - ($1[0]?.doubleValue ?? .nan) }
        let norms = zip(steps, known).map { $0.gradNorm - ($1[1]?.doubleValue ?? .nan) }
        #expect(losses.allSatisfy { abs($0) < 1e-3 })
        #expect(abs(losses.reduce(0, +) / 50) < 1e-5)
        #expect(norms.allSatisfy { abs($0) < 0.1 })
        #expect(abs(norms.reduce(0, +) / 50) < 1e-3)
        let looks = try #require(expected["evals"]?.arrayValue)
        #expect(evals.map(\.globalStep.number) == looks.compactMap { $0[0]?.intValue })
        for (eval, look) in zip(evals, looks) { #expect(abs(eval.loss - (look[1]?.doubleValue ?? .nan)) < 1e-4) }
    }
}
