package import Plan

/// A change of a run on accelerators that lowers its peak memory.
package struct DeviceLever: Sendable, Hashable {
    /// Options and their new values: `--micro-batch 1`.
    package let change: String
    /// What it costs besides.
    package let price: Price
    package let saves: ByteCount
    package let isEnough: Bool

    package enum Price: String, Sendable, Hashable, CaseIterable {
        case nothing
        /// Slower, same result.
        case time
        /// Another precision of frozen weights or states.
        case precision
        /// Less of each row is learnt from.
        case data
        /// Another kind of training.
        case method
    }

    /// Every lever that saves something, in the order to try them: what costs nothing first.
    package static func list(for question: DeviceQuestion, _ run: DeviceRun, _ tables: MemoryTables, usable: ByteCount?)
        -> [DeviceLever]
    {
        let before = DeviceVerdict(run, usable: usable)
        return candidates(question, run).compactMap { candidate in
            guard let changed = try? candidate.question.run(tables, architecture: run.architecture) else { return nil }
            let after = DeviceVerdict(changed, usable: usable)
            guard after.estimate.p50 < before.estimate.p50 else { return nil }
            return DeviceLever(
                change: candidate.change, price: candidate.price, saves: before.estimate.p50 - after.estimate.p50,
                isEnough: after.verdict == .fits)
        }
    }

    private struct Candidate {
        let change: String
        let price: Price
        var question: DeviceQuestion

        init(_ change: String, _ price: Price, _ question: DeviceQuestion, _ edit: (inout DeviceQuestion) -> Void) {
            self.change = change
            self.price = price
            self.question = question
            edit(&self.question)
        }
    }

    private static func candidates(_ question: DeviceQuestion, _ run: DeviceRun) -> [Candidate] {
        var list: [Candidate] = []
        if run.loss.keeps != .none { list.append(Candidate("--loss fused", .nothing, question) { $0.loss = "fused" }) }
        if run.attention != .efficient {
            list.append(Candidate("--attention efficient", .nothing, question) { $0.attention = "efficient" })
        }
        if question.microBatch > 1 {
            let steps = question.accumulation * question.microBatch
            list.append(
                Candidate("--micro-batch 1 --accumulation \(steps)", .time, question) {
                    $0.microBatch = 1
                    $0.accumulation = steps
                })
        }
        if !question.checkpointing {
            list.append(Candidate("--checkpointing yes", .time, question) { $0.checkpointing = true })
        }
        if run.optimizer.stateBytes == nil {
            list.append(Candidate("--optimizer adamw_8bit", .precision, question) { $0.optimizer = "adamw_8bit" })
        }
        if question.method == "qlora", run.format.id == "nf4" {
            list.append(Candidate("--format nf4-dq", .precision, question) { $0.format = "nf4-dq" })
        }
        if question.maxLength >= 512 {
            let half = question.maxLength / 2
            list.append(Candidate("--max-length \(half)", .data, question) { $0.maxLength = half })
        }
        if question.method == "full" {
            list.append(Candidate("--method lora", .method, question) { $0.method = "lora" })
        }
        if question.method != "qlora" {
            list.append(
                Candidate("--method qlora", .method, question) {
                    $0.method = "qlora"
                    $0.format = nil
                })
        }
        if question.strategy != "ddp" {
            let twice = question.devices * 2
            list.append(
                Candidate("--gpus \(twice) --strategy fsdp", .method, question) {
                    $0.devices = twice
                    $0.strategy = "fsdp"
                })
        }
        return list
    }
}
