package import Feasibility
package import Plan
package import RuleEngine

/// What hone found when it read a plan's data and model; what could not be read is nil and lints nothing.
package struct PlanSurroundings: Sendable {
    package var parameterCount: Int?
    package var modelContext: Int?
    /// Training rows, general ones included, and their tokens.
    package var rows: Int?
    package var tokens: Int?
    package var targetTokens: Int?
    package var rowsCut: Int?
    package var rowsWithoutTarget: Int?
    package var validationRows: Int?
    package var testRows: Int?
    package var isChatData: Bool?
    package var modelHasTemplate: Bool?
    /// The plan's fingerprints are those of the model and the data as they are now.
    package var templateMatches: Bool?
    package var dataMatches: Bool?
    package var fit: PlanCheck.Verdict?
    package var tokenizerPadsLeft: Bool?
    /// What was answered about the case: stakes, licence, serving.
    package var answered: Facts?

    package init() {}
}

/// A plan and its surroundings as facts that rules can test.
package struct PlanFacts: Sendable {
    package private(set) var facts: Facts

    package init(_ plan: RunPlan, _ around: PlanSurroundings, _ book: RuleBook) {
        facts = around.answered ?? Facts(book.vocabulary)
        let training = plan.training
        set("method", .text(plan.method.kind.rawValue))
        set("parameters_million", around.parameterCount.map { .number(Double($0) / 1e6) })
        set("learning_rate", .number(training.learningRate))
        if case .epochs(let epochs) = training.duration { set("epochs", .number(epochs)) }
        let steps: Int? =
            if case .steps(let count) = training.duration { count } else {
                around.rows.flatMap { rows in
                    around.tokens.map { plan.optimizerStepsOfAll(rows: rows, tokens: $0) }
                }
            }
        set("optimizer_steps", steps.map { .number(Double($0)) })
        set("rank", plan.method.lora.map { .number(Double($0.rank)) })
        set("warmup_share", PlanFacts.warmupShare(training.warmup, of: steps).map(FactValue.number))
        set("max_length", .number(Double(training.maxLength)))
        set("model_context", around.modelContext.map { .number(Double($0)) })
        set("loss_on_prompts", .flag(training.lossOnPrompts))
        set("gradient_checkpointing", .flag(training.gradientCheckpointing))
        set("precision", .text(training.precision.rawValue))
        set("general_mix_share", .number(plan.data.generalMix?.share ?? 0))
        setRows(plan, around)
        setDevice(plan, around, book)
        set("chat_data", around.isChatData.map(FactValue.flag))
        set("model_has_template", around.modelHasTemplate.map(FactValue.flag))
        set("template_matches", around.templateMatches.map(FactValue.flag))
        set("data_matches", around.dataMatches.map(FactValue.flag))
        set("fit", around.fit.map { .text($0.rawValue) })
        set("licence", .text(PlanFacts.licence(of: plan.model, book)))
    }

    private mutating func setRows(_ plan: RunPlan, _ around: PlanSurroundings) {
        if let rows = around.rows, rows > 0 {
            set("rows_cut_share", around.rowsCut.map { .number(Double($0) / Double(rows)) })
        }
        set("rows_without_target", around.rowsWithoutTarget.map { .number(Double($0)) })
        set("validation_rows", around.validationRows.map { .number(Double($0)) })
        set("test_rows", around.testRows.map { .number(Double($0)) })
        if let tokens = around.tokens, let targets = around.targetTokens, tokens > 0 {
            set("prompt_share", .number(max(0, 1 - Double(targets) / Double(tokens))))
        }
    }

    private mutating func setDevice(_ plan: RunPlan, _ around: PlanSurroundings, _ book: RuleBook) {
        guard plan.engine == .trl else {
            set("processor", .text("cpu"))
            set("padding_side", .text("none"))
            set("packs_unisolated", .flag(false))
            return
        }
        if case .rows = plan.training.batching {
            set("padding_side", around.tokenizerPadsLeft.map { .text($0 ? "left" : "right") })
        } else {
            set("padding_side", .text("none"))
        }
        guard let row = book.table("devices")?[plan.launch.device] else { return }
        let name = row.text("name") ?? "", hasBF16 = row.text("bf16")?.hasPrefix("yes") ?? false
        set("processor", .text(name.hasPrefix("MI") ? "rocm" : "cuda"))
        set("device_has_bf16", .flag(hasBF16))
        // The attention kernels that keep packed rows apart need the generation of devices that brought bf16.
        if case .packed = plan.training.batching { set("packs_unisolated", .flag(!hasBF16)) }
    }

    private mutating func set(_ name: String, _ value: FactValue?) { facts["plan." + name] = value }

    private static func warmupShare(_ warmup: Warmup, of steps: Int?) -> Double? {
        switch warmup {
        case .share(let share): share
        case .steps(0): 0
        case .steps(let count): steps.map { Double(count) / Double(max(1, $0)) }
        }
    }

    private static func licence(of model: ModelReference, _ book: RuleBook) -> String {
        let row = book.table("models")?.rows.first { row in
            row.id == model.name || row.text("name") == model.name
        }
        switch row?.text("commercial") {
        case "yes": return "free"
        case "conditions": return "conditions"
        case "no": return "non_commercial"
        default: return "unlisted"
        }
    }
}

extension RunPlan {
    /// Optimizer steps with all devices together.
    package func optimizerStepsOfAll(rows: Int, tokens: Int) -> Int {
        let devices = engine == .trl ? launch.processes : 1
        return optimizerSteps(rows: rows / devices, tokens: tokens / devices)
    }
}
