import Datasets
import Evaluation
import Feasibility
import FileStore
import ModelFiles
import Plan
import Tensors
import Tokenization
import Training
import Transformer

/// Trains on parts of the training rows, each part inside the next, for a learning curve. What was trained is asked and
/// thrown away.
struct ProbeTraining {
    let plan: RunPlan
    let base: ModelFolder
    /// All training rows, and the validation rows that steer every part alike.
    let data: EncodedDataset
    /// Where the parts are trained; removed afterwards.
    let folder: String
    var score: Trainer.Score?
    let store: FileStore

    /// Shares of the rows, in percent, that are trained beside all of them.
    static let parts = [25, 50]

    /// Rows of the task in a share of the training rows.
    func rows(percent: Int) -> Int { max(1, (data.train.count - mixed) * percent / 100) }

    private var mixed: Int { data.train.count { $0.stage == .general } }

    /// Trains on a share of the rows and asks the model that comes of it.
    ///
    /// - Returns: Nil where the part does not fit this machine beside what is there already.
    func measured(percent: Int, _ ask: (LlamaModel) throws -> ArmResult) throws -> ArmResult? {
        let run = RunFolder(path: folder + "/\(percent)")
        defer { try? store.remove(run.path) }
        try store.createFolder(run.path)
        let part = part(percent: percent), plan = shortened(percent: percent)
        let facts = ModelFacts(shape: base.shape, storedBytes: base.storedBytes)
        let approved: ApprovedPlan
        do {
            approved = try approve(
                plan, model: facts, load: TrainingLoad(part), on: MachineProfile.probe(folder: run.path))
        } catch {
            return nil
        }
        let trainer = try Trainer(approved, base: base, data: part, run: run, store: store, score: score) { _ in }
        _ = try trainer.train()
        let longest = max(2048, part.train.map(\.count).max() ?? 0)
        let team = ThreadTeam(threads: plan.training.threads), format = plan.decodingFormat
        let model: LlamaModel
        if let lora = plan.method.lora {
            model = try LlamaModel(
                folder: base, trainable: .adapter(lora), precision: format.precision, quantization: format.quantization,
                team: team, maxBatchTokens: longest)
            try model.loadAdapter(from: AdapterFolder(path: run.adapter, shape: base.shape))
        } else {
            model = try LlamaModel(
                folder: ModelFolder(path: run.model), trainable: .none, precision: format.precision, team: team,
                maxBatchTokens: longest)
        }
        return try ask(model)
    }

    /// The first rows of one shuffled order, so that a larger part holds the smaller ones; general rows in their share.
    private func part(percent: Int) -> EncodedDataset {
        var part = data
        let order = data.train.indices.sorted { key($0) < key($1) }
        func first(_ stage: (EncodedExample) -> Bool) -> [Int] {
            let places = order.filter { stage(data.train[$0]) }
            return Array(places.prefix(max(places.isEmpty ? 0 : 1, places.count * percent / 100)))
        }
        let kept = (first { $0.stage != .general } + first { $0.stage == .general }).sorted()
        part.train = kept.map { data.train[$0] }
        part.lengths = LengthStatistics(
            lengths: part.train.map(\.count), targetTokens: part.train.reduce(0) { $0 + $1.targetCount })
        part.fingerprint = Fingerprint(of: "\(data.fingerprint.hex) \(percent) %")
        return part
    }

    private func key(_ place: Int) -> String { Fingerprint(of: "\(plan.training.seed) \(place)").hex }

    /// The same passes over fewer rows; a number of steps shrinks with them.
    private func shortened(percent: Int) -> RunPlan {
        func share(_ steps: Int) -> Int { max(1, steps * percent / 100) }
        var plan = plan
        if case .steps(let steps) = plan.training.duration { plan.training.duration = .steps(share(steps)) }
        if case .steps(let steps) = plan.training.warmup { plan.training.warmup = .steps(share(steps)) }
        plan.training.evalEvery = plan.training.evalEvery.map(share)
        plan.training.saveEvery = plan.training.evalEvery
        plan.training.saveTotalLimit = 1
        return plan
    }
}
