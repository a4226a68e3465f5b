import Feasibility
import Foundation
import ModelFiles
import Plan

/// `hone check --model … --device this_machine` on a machine without an accelerator: the bundled trainer, here.
struct BundledCheck {
    let architecture: Architecture
    let question: DeviceQuestion
    let tokens: Int

    func check() throws -> PlanCheck {
        guard let kind = MethodKind(rawValue: question.method) else {
            throw DeviceQuestionError.unknownWord(
                option: "--method", word: question.method, suggestion: nil, known: MethodKind.allCases.map(\.rawValue))
        }
        var training = TrainingSettings()
        training.maxLength = question.maxLength
        training.batching = .rows(question.microBatch)
        training.gradientAccumulationSteps = question.accumulation
        let machine = MachineProfile.probe()
        training.threads = machine.cores
        var adapter = LoRASettings()
        if let rank = question.rank { adapter.rank = rank }
        if kind == .qlora || kind == .lora && machine.multipliesBFloat16 { training.precision = .bf16 }
        let quantization = kind == .qlora ? Quantization() : nil
        let plan = RunPlan(
            model: ModelReference(question.model),
            method: Method(kind: kind, lora: kind == .full ? nil : adapter, quantization: quantization),
            data: DataSettings(paths: []), training: training)
        let rows = max(1, tokens / max(1, question.maxLength))
        let load = TrainingLoad(
            rows: rows, tokens: rows * question.maxLength, targetTokens: rows * question.maxLength,
            longestRow: question.maxLength)
        let environment = ProcessInfo.processInfo.environment
        let calibration = CalibrationFile(environment: environment)?.load(processor: machine.processor)
        let stored = ByteCount(Int(min(architecture.parameters * 2, 1e15)))
        return PlanCheck(
            plan: plan, model: ModelFacts(shape: architecture.nearestShape, storedBytes: stored), load: load,
            machine: machine,
            calibration: calibration)
    }
}
