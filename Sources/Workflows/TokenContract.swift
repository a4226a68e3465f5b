import Datasets
import Feasibility
import FileStore
import JSONText
import Launching
import ModelFiles
import Plan
import Randomness
import Tensors
import Tokenization
import Training
import Transformer

/// What another engine must compute exactly as hone does before it may train: ids and loss masks of some rows, the tokens
/// with a role, where packed rows begin, and the loss of the untrained model on the first step.
struct TokenContract {
    /// The longest and the shortest rows, where cutting and empty answers show, and others by chance.
    private static let longest = 8, shortest = 8, random = 16

    let json: JSONValue

    init(
        _ prepared: PreparedRun, firstStep: [[Int]], requirements: EngineRequirements, tolerances: EngineTolerances,
        store: FileStore
    ) throws {
        let plan = prepared.plan, encoder = prepared.encoder, train = prepared.encoded.train
        let special = encoder.tokenizer.specialTokens
        let places = TokenContract.places(in: train, seed: plan.training.seed)
        let fed = train.joined(by: plan), first = firstStep.flatMap(\.self).map { fed[$0] }
        var untrained = JSONValue.null
        if let loss = try ContractLoss(prepared).untrained(first) {
            untrained = [
                "value": JSONValue(loss), "tolerance": JSONValue(tolerances.untrained(plan)),
                "rows": JSONValue(first.count),
            ]
        }
        json = [
            "version": 1,
            "versions": .object(JSONObject(requirements.packages.map { ($0.name, .string($0.spelling)) })),
            "tokenizer": [
                "sha256": .string(try store.fingerprint(ofFile: prepared.model.path + "/tokenizer.json").hex)
            ],
            "template": JSONValue(encoder.template) { template in
                [
                    "sha256": .string(Fingerprint(of: template.source).hex),
                    "marks_generation": .bool(template.marksGeneration),
                    "training": JSONValue(encoder.trainingTemplate) { .string($0.template.source) },
                    "training_with_tools": JSONValue(encoder.toolTrainingTemplate ?? encoder.trainingTemplate) {
                        .string($0.template.source)
                    },
                ]
            },
            "special_tokens": [
                "bos": JSONValue(special.beginOfSequence) { JSONValue($0.id) },
                "eos": JSONValue(special.endOfSequence) { JSONValue($0.id) },
            ],
            "max_length": JSONValue(plan.training.maxLength),
            "loss_on_prompts": .bool(plan.training.lossOnPrompts), "compat": .string(plan.compat.rawValue),
            "cuts_rows": .bool(plan.trlPacking != .wrapped),
            "packing": TokenContract.packing(firstStep.first ?? [], fed),
            "untrained_loss": untrained,
            "rows": .array(
                places.map { place in
                    .object(TokenContract.row(train[place.index], why: place.why, prepared))
                }),
        ]
    }

    /// Places in the training rows, each with the reason it was chosen, in the order of the rows.
    static func places(in rows: [EncodedExample], seed: Int) -> [(index: Int, why: String)] {
        let byLength = rows.indices.sorted { (rows[$0].count, $0) < (rows[$1].count, $1) }
        var why: [Int: String] = [:]
        for index in byLength.suffix(longest) { why[index] = "longest" }
        for index in byLength.prefix(shortest) where why[index] == nil { why[index] = "shortest" }
        var generator = CounterGenerator(seed: seed, place: .init(layer: 2))
        for index in generator.permutation(rows.count) where why.count < longest + shortest + random {
            if why[index] == nil { why[index] = "random" }
        }
        return why.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Where the rows of the first micro-batch begin when they stand one behind the other.
    private static func packing(_ microBatch: [Int], _ rows: [EncodedExample]) -> JSONValue {
        var start = 0, starts: [JSONValue] = [], targets = 0
        for place in microBatch {
            starts.append(JSONValue(start))
            start += rows[place].count
            targets += rows[place].targetCount
        }
        return [
            "micro_batch": .array(microBatch.map { JSONValue($0) }), "starts": .array(starts),
            "tokens": JSONValue(start), "targets": JSONValue(targets),
        ]
    }

    /// The row before and after encoding.
    private static func row(_ row: EncodedExample, why: String, _ prepared: PreparedRun) -> JSONObject {
        let isGeneral = row.stage == .general
        let example = isGeneral ? prepared.general?.examples[row.index] : prepared.dataset.examples[row.index]
        var object: JSONObject = [
            "line": JSONValue(row.line), "part": isGeneral ? "general" : "training", "why": .string(why),
        ]
        switch example?.body {
        case .plainText(let text): object["text"] = .string(text)
        case .chat(let messages):
            object["messages"] = .array(messages.map(\.json))
            object["trained"] = .array(messages.filter { $0.role == .assistant }.map { .bool($0.isTrained) })
            if let tools = example?.tools, !tools.isEmpty { object["tools"] = .array(tools) }
            // Which rows have a prompt of their own matters to TRL's masks only.
            if let count = example?.promptMessageCount { object["prompt_messages"] = JSONValue(count) }
            object["is_plain"] = .bool(example?.isPlainPrompt ?? false)
        case nil: break
        }
        object["input_ids"] = .array(row.inputIDs.map { JSONValue($0) })
        object["loss_mask"] = .array(row.isTarget.map { JSONValue($0 ? 1 : 0) })
        return object
    }
}

/// The losses hone's own decoder finds on rows of the contract.
struct ContractLoss {
    private let prepared: PreparedRun

    init(_ prepared: PreparedRun) { self.prepared = prepared }

    /// Mean over the target tokens of the rows; nil where the model is too large for this machine's memory.
    func untrained(_ rows: [EncodedExample]) throws -> Double? {
        guard fits else { return nil }
        return try mean(rows, model(prepared.model, .none, rows))
    }

    /// The same for the result of a run.
    func tuned(_ rows: [EncodedExample], _ run: RunFolder) throws -> Double? {
        guard fits else { return nil }
        if let lora = prepared.plan.method.lora {
            let model = try model(prepared.model, .adapter(lora), rows)
            try model.loadAdapter(from: AdapterFolder(path: run.adapter, shape: prepared.model.shape))
            return try mean(rows, model)
        }
        return try mean(rows, model(ModelFolder(path: run.model), .none, rows))
    }

    private func model(
        _ folder: ModelFolder, _ trainable: LlamaModel.Trainable, _ rows: [EncodedExample]
    ) throws -> LlamaModel {
        try LlamaModel(
            folder: folder, trainable: trainable, team: ThreadTeam(threads: prepared.plan.training.threads),
            maxBatchTokens: max(1, rows.map(\.count).max() ?? 1))
    }

    private func mean(_ rows: [EncodedExample], _ model: LlamaModel) throws -> Double {
        var sum = 0.0, count = 0
        for row in rows {
            let losses = try model.evaluateLoss(PackedBatch(rows: [(row.inputIDs, row.isTarget)]))
            sum += losses.reduce(0) { $0 + Double($1) }
            count += losses.count
        }
        return sum / Double(max(1, count))
    }

    /// The weights in 32 bits take at most half of the free memory.
    var fits: Bool {
        let bytes = ParameterCounts(shape: prepared.model.shape, lora: nil).base * 4
        return MachineProfile.probe().freeMemory.map { bytes < $0.bytes / 2 } ?? true
    }
}
