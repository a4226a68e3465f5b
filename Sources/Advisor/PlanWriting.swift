import Datasets
import Feasibility
package import Plan
package import RuleEngine

/// Writes a plan from a case, one rule or table row behind every value. It holds no threshold of its own.
package struct PlanWriter: Sendable {
    let defaults: PlanDefaults

    package init(_ book: RuleBook) { defaults = PlanDefaults(book: book) }

    package func plan(for given: PlanWritingCase) throws(PlanWritingError) -> RunPlan {
        guard given.rows > 0 else { throw .noRows }
        var draft = PlanDraft(given)
        try setEngine(&draft)
        try setSplit(&draft)
        try setLength(&draft)
        try setMethod(&draft)
        try setPrecision(&draft)
        try setBatch(&draft)
        try setDuration(&draft)
        try setSchedule(&draft)
        try setEvaluation(&draft)
        try fitMemory(&draft)
        try creditTheRest(&draft)
        return draft.plan
    }

    private func setMethod(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let smallest = try defaults.row("full_below_million")
        if Double(given.parameterCount) < smallest.number * 1e6 {
            try setMethod(.full, smallest, &draft)
        } else if let decided = given.method {
            try setMethod(decided, try defaults.row("method_by_decision"), &draft)
        } else {
            try setMethod(.lora, try defaults.row("method_lora"), &draft)
        }
    }

    /// The method with everything that follows from it: adapter and learning rate.
    func setMethod(_ kind: MethodKind, _ row: PlanDefaults.Row, _ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        draft.plan.method = Method(kind: kind, quantization: kind == .qlora ? Quantization() : nil)
        draft.credit("method.kind", row)
        if kind == .qlora { draft.credit("method.quantization.type", try defaults.row("quantization")) }
        if kind != .full {
            let isLarge = Double(given.rows) >= (try defaults.row("large_data_rows").number)
            let rank = try defaults.row(isLarge ? "rank_large_data" : "rank")
            let targets = try defaults.row("target_modules")
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
        let rate = try defaults.learningRate(
            kind == .qlora ? .lora : kind, parameters: given.parameterCount, stakesAreHigh: given.stakesAreHigh)
        draft.plan.training.learningRate = rate.cell("learning_rate")
        draft.credit("training.learning_rate", rate)
    }

    private func setSplit(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let validation = try defaults.row("validation_share"), test = try defaults.row("test_share")
        var least = try defaults.row(given.stakesAreHigh ? "min_test_rows_high_stakes" : "min_test_rows")
        var wanted = least.number
        if let rows = given.testRowsWanted, Double(rows) > wanted {
            (least, wanted) = (try defaults.row("test_rows_for_effect"), Double(rows))
        }
        let most = try defaults.row("max_test_share")
        let looks = try defaults.row("max_validation_rows"), tests = try defaults.row("max_test_rows")
        let isMuch = validation.number * Double(given.rows) > looks.number
        draft.plan.data.split.validation = isMuch ? share(looks.number, of: given.rows) : validation.number
        draft.credit("data.split.validation", isMuch ? looks : validation)
        // In whole percents: the reader cuts whole groups anyway.
        let needed = (wanted / Double(given.rows) * 100).rounded(.up) / 100
        let (share, row) =
            needed <= test.number ? (test.number, test) : needed <= most.number ? (needed, least) : (most.number, most)
        let isPlenty = share * Double(given.rows) > max(wanted, tests.number)
        draft.plan.data.split.test = isPlenty ? self.share(max(wanted, tests.number), of: given.rows) : share
        draft.credit("data.split.test", isPlenty ? tests : row)
        if let source = given.generalMixSource {
            let mix = try defaults.row(given.hasForgotten ? "general_mix_share_forgetting" : "general_mix_share")
            draft.plan.data.generalMix = GeneralMix(source: source, share: mix.number)
            draft.credit("data.general_mix.share", mix)
            let isOwn = source == GeneralMix.baseAnswersName
            if isOwn || source == GeneralMix.bundledName {
                draft.credit(
                    "data.general_mix.source",
                    try defaults.row(isOwn ? "general_mix_base_answers" : "general_mix_bundled"))
            }
        }
    }

    /// In thousandths, rounded up.
    private func share(_ count: Double, of rows: Int) -> Double { (count / Double(rows) * 1000).rounded(.up) / 1000 }

    private func setLength(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given, lengths = given.lengths
        let keepAll = try defaults.row("length_from_longest")
        let isTame = Double(lengths.longest) < keepAll.number * Double(lengths.p99)
        var row = isTame ? keepAll : try defaults.row("length_from_p99")
        var wanted = draft.roundedUp(isTame ? lengths.longest : lengths.p99, to: 8)
        if given.leastLength > wanted {
            wanted = draft.roundedUp(given.leastLength, to: 8)
            row = try defaults.row("length_keeps_targets")
        }
        if given.lengthsAreEstimated { row = try defaults.row("bytes_per_token") }
        let context = min(given.contextLength, given.servingContext ?? given.contextLength)
        draft.plan.training.maxLength = max(8, min(wanted, context))
        draft.credit("training.max_length", row)
    }

    /// Rows of a step, packed where most of them are short and nothing lets them see each other.
    private func setBatch(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given, rows = Double(given.rows)
        let isSmall = rows < (try defaults.row("small_batch_rows").number)
        let isLarge = rows >= (try defaults.row("large_data_rows").number)
        let batch = try defaults.row(
            isSmall ? "effective_batch_small_data" : isLarge ? "effective_batch_large_data" : "effective_batch")
        draft.effectiveBatch = Int(batch.number)
        let packing = try defaults.row("packing_on")
        let isShort = Double(given.lengths.median) < packing.number * Double(draft.plan.training.maxLength)
        guard given.accelerator == nil else {
            return try setBatch(onAccelerator: &draft, packs: isShort ? packing : nil)
        }
        if isShort {
            let tokens = max(
                draft.plan.training.maxLength, draft.roundedUp(Int(draft.meanLength * batch.number), to: 64))
            draft.plan.training.batching = .packed(tokens: tokens)
            draft.credit("training.packing", packing)
            draft.credit("training.tokens_per_micro_batch", batch)
        } else {
            draft.plan.training.batching = .rows(Int(batch.number))
            draft.credit("training.packing", try defaults.row("packing_off"))
            draft.credit("training.micro_batch", batch)
        }
    }

    private func setDuration(_ draft: inout PlanDraft) throws(PlanWritingError) {
        let given = draft.given
        let epochs = try defaults.epochs(parameters: given.parameterCount, rows: given.rows)
        let least = try defaults.row("min_steps"), most = try defaults.row("max_epochs")
        draft.stepsPerEpoch = max(1, Int(draft.trainingRows / Double(draft.effectiveBatch)))
        var passes = epochs.cell("epochs"), reason = epochs
        if passes * Double(draft.stepsPerEpoch) < least.number {
            let needed = (least.number / Double(draft.stepsPerEpoch)).rounded(.up)
            (passes, reason) = needed <= most.number ? (needed, least) : (most.number, most)
        }
        draft.plan.training.duration = .epochs(passes)
        draft.credit("training.epochs", reason)
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
        draft.plan.evaluation.maxNewTokens = draft.roundedUp(
            Int(Double(draft.given.longestAnswer) * answer.number) + 1, to: 8)
        draft.credit("evaluation.max_new_tokens", answer)
        let few = try defaults.row("k_fold_below_rows")
        // An owner who held rows back chose what is measured on; another engine answers the test rows alone.
        if Double(draft.given.rows) < few.number, draft.given.ownedTrainingRows == nil, draft.given.accelerator == nil {
            let folds = try defaults.row("folds")
            draft.plan.evaluation.folds = Int(folds.number)
            draft.credit("evaluation.folds", folds)
        }
    }

    /// Values that no rule chose cite the row that says what the key means and why its default is what it is.
    private func creditTheRest(_ draft: inout PlanDraft) throws(PlanWritingError) {
        for field in draft.plan.fields where field.value != .nothing && draft.plan.origins[field.key] == nil {
            draft.credit(field.key, try defaults.row("plan_keys", field.key))
        }
    }
}
