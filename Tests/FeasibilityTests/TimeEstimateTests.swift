import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing

@testable import Feasibility

@Suite("How long training takes")
struct TimeEstimateTests {
    private let shape = ModelShape(
        vocabularySize: 4096, hiddenSize: 192, intermediateSize: 512, layerCount: 6, attentionHeadCount: 6,
        keyValueHeadCount: 2, headSize: 32)
    private let load = TrainingLoad(
        rows: 1000, tokens: 100_000, targetTokens: 40_000, longestRow: 300, validationRows: 100, validationTokens: 10_000)
    private let known = TrainerSpeed(threads: 2, secondsPerUnit: [5e-12, 2e-10, 6e-10, 2e-11, 1e-11, 1e-9, 8e-10, 2e-5])

    private func plan(_ change: (inout RunPlan) -> Void = { _ in }) -> RunPlan {
        var plan = RunPlan(
            model: "m", method: .lora(), data: DataSettings(paths: ["d"]), training: TrainingSettings())
        plan.training.threads = 2
        change(&plan)
        return plan
    }

    private func seconds(_ plan: RunPlan, _ speed: TrainerSpeed) -> Double {
        TimeEstimate(plan: plan, shape: shape, load: load, speed: speed, isCalibrated: true).seconds
    }

    @Test("twice the data takes about twice as long, and a machine of twice the speed half as long")
    func proportions() {
        let fast = TrainerSpeed(threads: 2, secondsPerUnit: known.secondsPerUnit.map { $0 / 2 })
        let usual = plan { $0.training.duration = .epochs(3) }
        #expect(abs(seconds(usual, known) / seconds(usual, fast) - 2) < 1e-9)
        let longer = plan { $0.training.duration = .epochs(6) }
        #expect(seconds(longer, known) > 1.9 * seconds(usual, known))
    }

    @Test("full training takes longer than an adapter, a higher rank longer than a lower one")
    func methods() {
        let thin = plan { $0.method = .lora(LoRASettings(rank: 8)) }
        let thick = plan { $0.method = .lora(LoRASettings(rank: 64)) }
        #expect(seconds(thin, known) < seconds(thick, known))
        #expect(seconds(thin, known) < seconds(plan { $0.method = .full }, known))
    }

    @Test("many small updates take longer than few large ones: each goes through all weights")
    func smallUpdates() {
        let small = plan { $0.training.batching = .rows(1) }
        let large = plan { $0.training.batching = .rows(16) }
        #expect(seconds(small, known) > 1.1 * seconds(large, known))
    }

    @Test("threads split everything but waiting, for each other and for the memory")
    func threads() {
        let four = known.scaled(to: 4)
        for kind in StepWork.Kind.allCases {
            let share = four.secondsPerUnit[kind.position] / known.secondsPerUnit[kind.position]
            #expect(abs(share - ([.layers, .weights].contains(kind) ? 1 : 0.5)) < 1e-12)
        }
    }

    @Test("passes that one speed explains are explained by the speed that is found")
    func fit() {
        var passes: [(work: StepWork, seconds: Double)] = []
        for (index, tokens) in [64.0, 256, 512, 1024].enumerated() {
            for pass in [StepWork.Pass.evaluation, .full, .adapter(LoRASettings(rank: 8 << index))] {
                let work = StepWork(pass, shape, tokens: tokens, rowTokens: tokens / 2, targets: tokens / Double(index + 2))
                passes.append((work, known.seconds(for: work)))
            }
        }
        var update = StepWork()
        update[.updates] = 1e6
        passes.append((update, known.seconds(for: update)))
        let found = TrainerSpeed(threads: 2, fitting: passes)
        for (work, seconds) in passes { #expect(abs(found.seconds(for: work) / seconds - 1) < 0.01) }
        #expect(found.secondsPerUnit.allSatisfy { $0 >= 0 })
    }

    @Test("the trainer's own passes are timed on this machine")
    func reference() throws {
        let passes = try ReferencePasses(threads: 1, secondsEach: 0).measured()
        for kind in StepWork.Kind.allCases { #expect(passes.contains { $0.work[kind] > 0 }, "\(kind)") }
        #expect(passes.allSatisfy { $0.seconds > 0 })
    }

    @Test("a calibration is found again for the processor it was measured on, and a torn one is none")
    func kept() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = CalibrationFile(path: folder + "/calibration.json")
        let calibration = Calibration(
            speeds: [known], matrixRates: [2: 1e11], memoryRate: 1e10, processor: "x", measuredAt: 5)
        try file.save(calibration)
        #expect(file.load(processor: "x") == calibration)
        #expect(file.load(processor: "y") == nil)
        #expect(calibration.speed(threads: 4) == known.scaled(to: 4))
        try FileStore().write("{\"processor\": \"x\"}", to: folder + "/calibration.json")
        #expect(file.load(processor: "x") == nil)
    }
}
