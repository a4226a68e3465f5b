import Datasets
import Feasibility
package import Plan
package import RuleEngine

/// Writes a plan from a case, one rule or table row behind every value. It holds no threshold of its own.
package struct PlanWriter: Sendable {
    private let defaults: PlanDefaults

    package init(_ book: RuleBook) { defaults = PlanDefaults(book: book) }

    package func plan(for given: PlanWritingCase) throws(PlanWritingError) -> RunPlan {
        guard given.rows > 0 else { throw .noRows }
        var draft = PlanDraft(given)
        try setMethod(&draft)
        try setSplit(&draft)
        try setLength(&draft)
        try setDuration(&draft)
        try setSchedule(&draft)
        try setEvaluation(&draft)
        return draft.plan
    }

    private func setMethod(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let smallest = try defaults.row("full_below_million")
        let isTiny = Double(given.parameterCount) < smallest.number * 1e6
        let kind = isTiny ? .full : given.method ?? .lora
        draft.plan.method = Method(kind: kind, quantization: kind == .qlora ? Quantization() : nil)
        if isTiny { draft.credit("method.kind", smallest) }
        if kind != .full {
            let rank = try defaults.row("rank"), targets = try defaults.row("target_modules")
            let isSmall = Double(given.rows) < (try defaults.row("small_data_rows").number)
            let dropout = try defaults.row(isSmall ? "dropout_small_data" : "dropout")
            let alpha = try defaults.row("alpha_per_rank")
            var lora = LoRASettings(rank: Int(rank.number), alpha: alpha.number * rank.number, dropout: dropout.number)
            if targets.text != "all_linear" { lora.targetModules = targets.text.split(separator: " ").map(String.init) }
            draft.plan.method.lora = lora
            draft.credit("method.rank", rank)
            draft.credit("method.alpha", alpha)
            draft.credit("method.dropout", dropout)
            draft.credit("method.target_modules", targets)
        }
        let rate = try defaults.bySize("learning_rate", method: kind == .qlora ? .lora : kind, parameters: given.parameterCount)
        draft.plan.training.learningRate = rate.cell("learning_rate")
        draft.credit("training.learning_rate", rate)
    }

    private func setSplit(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let validation = try defaults.row("validation_share"), test = try defaults.row("test_share")
        let wanted = try defaults.row(given.stakesAreHigh ? "min_test_rows_high_stakes" : "min_test_rows")
        let most = try defaults.row("max_test_share")
        draft.plan.data.split.validation = validation.number
        draft.credit("data.split.validation", validation)
        // In whole percents: the reader cuts whole groups anyway.
        let needed = (wanted.number / Double(given.rows) * 100).rounded(.up) / 100
        let (share, row) =
            needed <= test.number ? (test.number, test) : needed <= most.number ? (needed, wanted) : (most.number, most)
        draft.plan.data.split.test = share
        draft.credit("data.split.test", row)
        if let path = given.generalMixPath {
            let mix = try defaults.row("general_mix_share")
            draft.plan.data.generalMix = GeneralMix(path: path, share: mix.number)
            draft.credit("data.general_mix.share", mix)
        }
    }

    private func setLength(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given, lengths = given.lengths
        let keepAll = try defaults.row("length_from_longest")
        let isTame = Double(lengths.longest) < keepAll.number * Double(lengths.p99)
        let row = isTame ? keepAll : try defaults.row("length_from_p99")
        let wanted = roundedUp(isTame ? lengths.longest : lengths.p99, to: 8)
        let context = min(given.contextLength, given.servingContext ?? given.contextLength)
        draft.plan.training.maxLength = max(8, min(wanted, context))
        draft.credit("training.max_length", row)
    }

    private func setDuration(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let epochs = try defaults.bySize("epochs", method: nil, parameters: given.parameterCount)
        let isSmall = Double(given.rows) < (try defaults.row("small_data_rows").number)
        let batch = try defaults.row(isSmall ? "effective_batch_small_data" : "effective_batch")
        let least = try defaults.row("min_steps"), most = try defaults.row("max_epochs")

        let heldOut = draft.plan.data.split.validation + draft.plan.data.split.test
        let mixed = 1 / (1 - (draft.plan.data.generalMix?.share ?? 0))
        draft.stepsPerEpoch = max(1, Int(Double(given.rows) * (1 - heldOut) * mixed / batch.number))
        var passes = epochs.cell("epochs"), reason = epochs
        if passes * Double(draft.stepsPerEpoch) < least.number {
            let needed = (least.number / Double(draft.stepsPerEpoch)).rounded(.up)
            (passes, reason) = needed <= most.number ? (needed, least) : (most.number, most)
        }
        draft.plan.training.duration = .epochs(passes)
        draft.credit("training.epochs", reason)

        let packing = try defaults.row("packing_on")
        let maxLength = draft.plan.training.maxLength
        if Double(given.lengths.median) < packing.number * Double(maxLength) {
            let meanLength = Double(given.lengths.tokens) / Double(max(1, given.lengths.rows))
            let tokens = max(maxLength, roundedUp(Int(meanLength * batch.number), to: 64))
            draft.plan.training.batching = .packed(tokens: tokens)
            draft.credit("training.packing", packing)
            draft.credit("training.tokens_per_micro_batch", batch)
        } else {
            draft.plan.training.batching = .rows(Int(batch.number))
            draft.credit("training.packing", try defaults.row("packing_off"))
            draft.credit("training.micro_batch", batch)
        }
    }

    private func setSchedule(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let schedule = try defaults.row("schedule"), warmup = try defaults.row("warmup_share")
        draft.plan.training.schedule = Schedule(rawValue: schedule.text) ?? .cosine
        draft.credit("training.schedule", schedule)
        draft.plan.training.warmup = .share(warmup.number)
        draft.credit("training.warmup_steps", warmup)
        draft.plan.training.threads = draft.given.machine.cores
        draft.credit("training.threads", try defaults.row("threads"))
    }

    private func setEvaluation(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let looks = try defaults.row("evals_per_epoch"), patience = try defaults.row("early_stopping_patience")
        let interval = max(5, Int(Double(draft.stepsPerEpoch) / looks.number))
        draft.plan.training.evalEvery = interval
        draft.plan.training.saveEvery = interval
        draft.credit("training.eval_every", looks)
        draft.credit("training.save_every", looks)
        draft.plan.training.earlyStoppingPatience = Int(patience.number)
        draft.credit("training.early_stopping_patience", patience)
        let kept = try defaults.row("save_total_limit")
        draft.plan.training.saveTotalLimit = Int(kept.number)
        draft.credit("training.save_total_limit", kept)
        let answer = try defaults.row("max_new_tokens")
        draft.plan.evaluation.maxNewTokens = roundedUp(Int(Double(draft.given.longestAnswer) * answer.number) + 1, to: 8)
        draft.credit("evaluation.max_new_tokens", answer)
    }

    private func roundedUp(_ value: Int, to step: Int) -> Int { (value + step - 1) / step * step }
}

/// A plan in the making.
private struct PlanDraft {
    let given: PlanWritingCase
    var plan: RunPlan
    var stepsPerEpoch = 1

    init(_ given: PlanWritingCase) {
        self.given = given
        plan = RunPlan(
            model: given.model, method: .lora(), data: DataSettings(paths: given.dataPaths, format: given.format),
            training: TrainingSettings())
    }

    mutating func credit(_ key: String, _ row: PlanDefaults.Row) {
        plan.origins[key] = .rule(id: row.id, why: row.why)
    }
}
