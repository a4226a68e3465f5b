import ArgumentParser
import Foundation
import ModelFiles
import Transformer

/// Trains the practice model; stopping it at any time loses at most the steps since the last checkpoint.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train from random weights, or resume from the last checkpoint.")

    @Option(help: "The folder of encoded rows and checkpoints.") var work = ".build/base-model"
    @Option(help: "Training ends after so many tokens.") var tokens = 30_000_000
    /// Small on purpose: looking back in the context is learned after a number of steps, not of tokens. With steps of
    /// 4,096 tokens it had not begun after 7 million; with 1,024 it took 200,000.
    @Option(help: "Tokens of one optimizer step.") var batchTokens = 1024
    @Option(help: "Peak learning rate.") var learningRate = 0.002
    @Option(help: "Warmup steps.") var warmup = 100
    @Option(help: "Share of the tokens after which the learning rate falls.") var decayFrom = 0.7
    @Option(help: "Steps between checkpoints with held-out scores.") var saveEvery = 1000
    @Option(help: "Threads.") var threads = 2
    @Option(help: "Seed of weights and order.") var seed: UInt64 = 1

    /// The held-out sets scored at every checkpoint.
    static let probes = ["knowledge", "passages", "patterns"]

    func run() throws {
        let work = URL(fileURLWithPath: work)
        let checkpoint = work.appendingPathComponent("checkpoint.bin")
        let training = Pretraining(
            shape: .practiceModel, seed: seed, threads: threads, maxBatchTokens: max(batchTokens, 2048))
        if FileManager.default.fileExists(atPath: checkpoint.path) { try training.load(from: checkpoint) }
        let schedule = PretrainingSchedule(peak: learningRate, warmupSteps: warmup, decayFrom: decayFrom)
        let probes = try Self.probes.map { name in
            (name, try TokenStream.rows(work.appendingPathComponent(name + ".tokens")))
        }
        var stream = try TokenStream(work.appendingPathComponent("corpus.tokens"))
        stream.skip(to: training.state.row)
        var clock = Date()
        var reported: (loss: Double, targets: Int, tokens: Int, time: Date) = (0, 0, training.state.tokens, clock)

        while training.state.tokens < tokens {
            let rows = stream.window(of: 4096, seed: seed)
            if rows.isEmpty { break }
            var batch: [TokenStream.Row] = []
            var size = 0
            for row in rows {
                let cut = (ids: Array(row.ids.prefix(1024)), isTarget: Array(row.isTarget.prefix(1024)))
                if size + cut.ids.count > batchTokens {
                    let progress = Double(training.state.tokens) / Double(tokens)
                    let rate = schedule.learningRate(step: training.state.step, progress: progress)
                    let result = try training.step(batch, learningRate: rate)
                    reported.loss += result.loss * Double(result.targets)
                    reported.targets += result.targets
                    if training.state.step % 25 == 0 {
                        let seconds = Date().timeIntervalSince(reported.time)
                        let speed = Int(Double(training.state.tokens - reported.tokens) / seconds)
                        report(
                            training.state, reported.loss / Double(max(1, reported.targets)), rate, result.gradNorm,
                            speed)
                        reported = (0, 0, training.state.tokens, Date())
                    }
                    if training.state.step % saveEvery == 0 { try scores(training, probes, limit: 150) }
                    batch = []
                    size = 0
                }
                batch.append(cut)
                size += cut.ids.count
            }
            training.advance(row: stream.row, seconds: Date().timeIntervalSince(clock))
            clock = Date()
            try training.save(to: checkpoint)
        }
        try training.save(to: checkpoint)
        try scores(training, probes, limit: .max)
    }

    private func report(_ state: Pretraining.State, _ loss: Double, _ rate: Double, _ norm: Double, _ speed: Int) {
        let line = String(
            format: "step %d tokens %d loss %.3f lr %.2e norm %.2f %d tokens/s\n", state.step, state.tokens, loss, rate,
            norm, speed)
        FileHandle.standardError.write(Data(line.utf8))
    }

    private func scores(_ training: Pretraining, _ probes: [(String, [TokenStream.Row])], limit: Int) throws {
        var line = "held out:"
        for (name, rows) in probes {
            let step = max(1, rows.count / min(limit, rows.count))
            let some = rows.enumerated().filter { $0.offset % step == 0 }.map(\.element)
            line += String(
                format: " %@ %.1f %%", name, 100 * Double(try training.exactMatches(some)) / Double(some.count))
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}

extension ModelShape {
    /// About 3 million parameters: small enough to train on two cores, large enough to read its context.
    static let practiceModel = ModelShape(
        vocabularySize: 4096, hiddenSize: 192, intermediateSize: 512, layerCount: 6, attentionHeadCount: 6,
        keyValueHeadCount: 2, headSize: 32, rmsNormEpsilon: 1e-5, ropeTheta: 10_000, maxPositions: 2048,
        tiedEmbeddings: true)
}
