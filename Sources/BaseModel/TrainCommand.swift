import ArgumentParser
import Datasets
import Feasibility
import FileStore
import Foundation
import ModelFiles
import Plan
import Tokenization
import Training

/// Trains the practice model as `models/base/plan.yaml` says, from random weights or from the newest checkpoint.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train from random weights, or resume from the newest checkpoint.")

    @Option(help: "The folder of the model: its tokenizer, its probes and the plan of its training.") var base =
        "models/base"
    @Option(help: "The plan.") var plan = "models/base/plan.yaml"

    /// Answers from a passage and patterns are what takes long to learn; their loss says how far it has come.
    static let validation = ["passages", "patterns"]

    func run() throws {
        let store = FileStore()
        let plan = try RunPlan(yaml: try store.readText(plan), file: plan)
        let start = plan.model.name
        if !store.isFile(start + "/config.json") {
            try RandomStart(seed: UInt64(plan.training.seed)).write(to: start, tokenizer: base, store: store)
        }
        let model = try ModelFolder(path: start, store: store)
        let data = try encoded(plan, encoder: try ChatEncoder(folder: start))
        let run = RunFolder(path: plan.output)
        try store.createFolder(run.path)
        let approved = try approve(
            plan, model: ModelFacts(shape: model.shape, storedBytes: model.storedBytes), load: TrainingLoad(data),
            on: MachineProfile.probe(folder: run.path))
        let events = try LineLog(path: run.events, isDurable: false, store: store)
        let progress = PretrainingProgress()
        let trainer = try Trainer(approved, base: model, data: data, run: run, store: store) { event in
            try events.append(EventLine(time: Date(), event: event).text)
            progress.show(event)
        }
        if ((try? store.list(run.checkpoints)) ?? []).contains(where: { $0.hasPrefix("step-") }) { try trainer.resume() }
        _ = try trainer.train()
    }

    private func encoded(_ plan: RunPlan, encoder: ChatEncoder) throws -> EncodedDataset {
        let threads = plan.training.threads
        let encoder = DatasetEncoder(encoder: encoder, maxLength: plan.training.maxLength, threads: threads)
        func rows(of paths: [String]) throws -> EncodedDataset {
            let dataset = try DatasetReader(threads: threads).read(paths: paths)
            let all = Array(dataset.examples.indices)
            return try encoder.encode(dataset, split: Split(train: all, validation: [], test: [], origin: .owner))
        }
        var data = try rows(of: plan.data.paths)
        data.validation = try rows(of: Self.validation.map { base + "/probes/\($0).jsonl" }).train
        return data
    }
}

/// One line now and then: the mean loss since the last line, speed and time left.
final class PretrainingProgress {
    private static let interval = 100
    private var totalSteps = 0
    private var loss = 0.0
    private var targets = 0
    private var tokens = 0
    private var since = Date()

    func show(_ event: RunEvent) {
        switch event {
        case .started(let start): totalSteps = start.totalSteps
        case .step(let step):
            loss += step.loss * Double(step.targetTokens.tokens)
            targets += step.targetTokens.tokens
            tokens += step.tokens.tokens
            guard step.globalStep.number % Self.interval == 0 else { return }
            let speed = Double(tokens) / Date().timeIntervalSince(since)
            let left = Double(totalSteps - step.globalStep.number) * Double(tokens / Self.interval) / speed / 60
            say(
                String(
                    format: "step %d of %d  loss %.3f  learning rate %.2e  %.0f tokens/s  %.0f min left",
                    step.globalStep.number, totalSteps, loss / Double(max(1, targets)), step.learningRate, speed, left))
            (loss, targets, tokens, since) = (0, 0, 0, Date())
        case .eval(let eval): say(String(format: "held out: loss %.3f", eval.loss))
        case .warning(_, let text): say("warning: " + text)
        default: break
        }
    }

    /// Without the buffer `print` keeps when its reader is a file.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
