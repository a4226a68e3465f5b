package import Datasets
import JSONText
package import Plan

/// A plan as another tool's configuration, with the rows of its split beside it.
package struct ToolConfig: Sendable {
    private let plan: RunPlan
    /// What the tool is to load: a path or an id.
    private let model: String
    /// General rows among them, where the plan mixes some in.
    private let training: [Example]
    private let validation: [Example]

    /// Settings that the tool has no place for, by the plan's keys.
    package enum Refusal: Error, Sendable, Hashable {
        case cannotExpress(tool: OtherTool, key: String, value: String, because: String)
    }

    package init(_ plan: RunPlan, model: String, training: [Example], validation: [Example]) {
        (self.plan, self.model, self.training, self.validation) = (plan, model, training, validation)
    }

    /// File names and texts.
    package func files(for tool: OtherTool, _ templates: ReportTemplates) throws -> [(name: String, text: String)] {
        try requireExpressible(tool)
        let page = ToolConfigPage(plan, model: model, rows: training.count)
        var files = try tool.files.map { (name: $0.name, text: try templates.render(page, with: $0.template)) }
        if tool == .llamaFactory { files.append(("dataset_info.json", Self.datasetInfo.text(.pretty) + "\n")) }
        if tool.readsRows {
            files.append(("train.jsonl", Self.lines(training)))
            if tool != .unsloth { files.append(("validation.jsonl", Self.lines(validation))) }
        }
        return files
    }

    private func requireExpressible(_ tool: OtherTool) throws(Refusal) {
        func refuse(_ key: String, _ value: String, _ because: String) -> Refusal {
            .cannotExpress(tool: tool, key: key, value: value, because: because)
        }
        if plan.training.curriculum != .none, tool.readsRows {
            throw refuse("training.curriculum", plan.training.curriculum.rawValue, "it shuffles its rows")
        }
        if plan.data.generalMix?.source == GeneralMix.baseAnswersName, tool.readsRows {
            throw refuse(
                "data.general_mix.source", GeneralMix.baseAnswersName, "hone writes these rows while it trains")
        }
        if tool == .unsloth {
            if case .epochs(let epochs) = plan.training.duration, epochs != epochs.rounded() {
                throw refuse("training.epochs", "\(epochs)", "it counts whole epochs")
            }
            if let lora = plan.method.lora, lora.alpha != lora.alpha.rounded() {
                throw refuse("method.alpha", "\(lora.alpha)", "it wants a whole number")
            }
            if plan.launch.nodes * max(1, plan.launch.gpusPerNode) > 1 {
                throw refuse("launch.gpus_per_node", "\(plan.launch.gpusPerNode)", "it trains on one device")
            }
        }
        if tool == .deepspeed, ![.zero2, .zero3, .single].contains(plan.launch.strategy) {
            throw refuse("launch.strategy", plan.launch.strategy.rawValue, "DeepSpeed is zero2 or zero3")
        }
        if let lora = plan.method.lora, !lora.modulesToSave.isEmpty, tool.readsRows {
            throw refuse(
                "method.modules_to_save", lora.modulesToSave.joined(separator: ", "),
                "which modules it trains whole is not written down for it")
        }
        if plan.trlPacking == .wrapped, tool.readsRows {
            throw refuse("training.packing_strategy", "wrapped", "it keeps packed rows apart")
        }
        if plan.method.initAdapter != nil, tool.readsRows {
            throw refuse(
                "method.init_adapter", plan.method.initAdapter ?? "", "continuing an adapter is its own command there")
        }
    }

    private static let datasetInfo: JSONValue = {
        func entry(_ file: String) -> JSONValue {
            [
                "file_name": JSONValue(file), "formatting": "sharegpt", "columns": ["messages": "messages"],
                "tags": [
                    "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant",
                    "system_tag": "system",
                ],
            ]
        }
        return ["hone_train": entry("train.jsonl"), "hone_validation": entry("validation.jsonl")]
    }()

    private static func lines(_ examples: [Example]) -> String {
        examples.map { example in
            var row: JSONObject = ["messages": .array(example.messages.map(\.json))]
            if !example.tools.isEmpty { row["tools"] = .array(example.tools) }
            return JSONValue.object(row).text() + "\n"
        }.joined()
    }
}

/// What the templates of other tools' files see.
struct ToolConfigPage {
    let model: String, output: String
    let isLoRA: Bool, isQLoRA: Bool, adapter: String, finetuning: String, unslothKind: String, in4Bits: Bool,
        doubleQuant: Bool
    let rank: String, alpha: String, wholeAlpha: String, dropout: String, modules: String, targets: String
    let rsLoRA: Bool, doRA: Bool
    let trainedRoles: String, onPrompts: Bool, onAnswers: Bool
    let maxLength: String, packing: Bool, microBatch: String, accumulation: String
    let epochs: String?, steps: String?, wholeEpochs: String, stepsOrZero: String, totalSteps: String
    let learningRate: String, schedule: String, warmupSteps: String, weightDecay: String
    let beta1: String, beta2: String, epsilon: String, maxGradNorm: String
    let bf16: Bool, fp16: Bool, mixed: String, checkpointing: Bool, unslothCheckpointing: String, neftune: String?
    let evalEvery: String?, evalStrategy: String, saveEvery: String?, saveStrategy: String, saveOrZero: String
    let saveLimit: String?, patience: String?, seed: String
    let nodes: String, gpus: String, processes: String, isCluster: Bool, isCPU: Bool, distributed: String
    let isZeRO: Bool, isZeRO3: Bool, isFSDP: Bool, zeroStage: String?, zeroOrTwo: String

    /// - Parameter rows: Of the training part.
    init(_ plan: RunPlan, model: String, rows: Int) {
        let training = plan.training, launch = plan.launch, lora = plan.method.lora
        self.model = model
        output = "out"
        (isLoRA, isQLoRA) = (lora != nil, plan.method.kind == .qlora)
        (adapter, finetuning) = (plan.method.kind.rawValue, lora == nil ? "full" : "lora")
        unslothKind = finetuning
        in4Bits = isQLoRA
        doubleQuant = plan.method.quantization?.doubleQuant ?? false
        let names = lora?.targetModules ?? []
        (rank, alpha) = (String(lora?.rank ?? 0), Self.number(lora?.alpha ?? 0))
        (wholeAlpha, dropout) = (String(Int(lora?.alpha ?? 0)), Self.number(lora?.dropout ?? 0))
        (modules, targets) = (names.joined(separator: ", "), names.joined(separator: ","))
        (rsLoRA, doRA) = (lora?.useRSLoRA ?? false, lora?.useDoRA ?? false)
        trainedRoles = training.lossOnPrompts ? "system, user, assistant" : "assistant"
        (onPrompts, onAnswers) = (training.lossOnPrompts, !training.lossOnPrompts)
        maxLength = String(training.maxLength)
        let micro: Int
        switch training.batching {
        case .rows(let count): (micro, packing) = (count, false)
        case .packed(let tokens): (micro, packing) = (max(1, tokens / training.maxLength), true)
        }
        let devices = launch.nodes * max(1, launch.gpusPerNode)
        let perStep = max(1, micro * training.gradientAccumulationSteps * devices)
        microBatch = String(micro)
        accumulation = String(training.gradientAccumulationSteps)
        let total: Int
        switch training.duration {
        case .epochs(let count):
            (epochs, steps) = (Self.number(count), nil)
            (wholeEpochs, stepsOrZero) = (String(Int(count)), "0")
            total = Int((Double((rows + perStep - 1) / perStep) * count).rounded(.up))
        case .steps(let count):
            (epochs, steps) = (nil, String(count))
            (wholeEpochs, stepsOrZero) = ("1", String(count))
            total = count
        }
        totalSteps = String(total)
        learningRate = Self.number(training.learningRate)
        let warmup = training.warmup.steps(of: total)
        schedule = training.schedule == .constant && warmup > 0 ? "constant_with_warmup" : training.schedule.rawValue
        warmupSteps = String(warmup)
        weightDecay = Self.number(training.weightDecay)
        (beta1, beta2) = (Self.number(training.adamBeta1), Self.number(training.adamBeta2))
        (epsilon, maxGradNorm) = (Self.number(training.adamEpsilon), Self.number(training.maxGradNorm))
        (bf16, fp16) = (training.precision == .bf16, training.precision == .fp16)
        mixed = training.precision == .fp32 ? "no" : training.precision.rawValue
        checkpointing = training.gradientCheckpointing
        unslothCheckpointing = checkpointing ? "unsloth" : "none"
        neftune = training.neftuneAlpha.map(Self.number)
        evalEvery = training.evalEvery.map { String($0) }
        evalStrategy = training.evalEvery == nil ? "epoch" : "steps"
        saveEvery = training.saveEvery.map { String($0) }
        saveStrategy = training.saveEvery == nil ? "epoch" : "steps"
        saveOrZero = String(training.saveEvery ?? 0)
        saveLimit = training.saveTotalLimit.map { String($0) }
        // Only a look at the validation rows can end a training early, and the two must come in the same rhythm.
        let inRhythm = (training.evalEvery == nil) == (training.saveEvery == nil)
        patience =
            inRhythm && training.earlyStoppingMetric == "loss" ? training.earlyStoppingPatience.map { String($0) } : nil
        seed = String(training.seed)
        (nodes, gpus, processes) = (String(launch.nodes), String(max(1, launch.gpusPerNode)), String(devices))
        (isCluster, isCPU) = (launch.nodes > 1, launch.gpusPerNode == 0 && launch.device == LaunchSettings.thisMachine)
        (isZeRO, isZeRO3) = (launch.strategy == .zero2 || launch.strategy == .zero3, launch.strategy == .zero3)
        isFSDP = launch.strategy == .fsdp
        zeroStage = isZeRO ? (isZeRO3 ? "3" : "2") : nil
        zeroOrTwo = isZeRO3 ? "3" : "2"
        switch launch.strategy {
        case .zero2, .zero3: distributed = "DEEPSPEED"
        case .fsdp: distributed = "FSDP"
        case .ddp: distributed = isCPU ? "MULTI_CPU" : "MULTI_GPU"
        case .single: distributed = "NO"
        }
    }

    /// A point in every number that is not whole: YAML reads `1e-08` as a text.
    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
        let text = "\(value)"
        guard let exponent = text.firstIndex(where: { $0 == "e" || $0 == "E" }), !text[..<exponent].contains(".") else {
            return text
        }
        return text[..<exponent] + ".0" + text[exponent...]
    }
}
