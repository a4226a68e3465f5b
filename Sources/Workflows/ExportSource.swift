package import FileStore
package import ModelFiles
package import Plan
import Registry
package import Tokenization
import Transformer

/// What is to be shipped: a trained run, or a model with or without an adapter.
package struct ExportSource {
    /// In file names: `task-api`.
    package let name: String
    /// The base of an adapter, or the whole model.
    package let model: ModelFolder
    package let adapter: AdapterFolder?
    package let encoder: ChatEncoder
    /// As the plan or the command line calls the model it began with.
    package let baseName: String
    package let isPractice: Bool
    package let run: RunFolder?
    package let plan: RunPlan?
    /// The model before training, where the whole of it was trained.
    package let untrained: ModelFolder?

    /// A run that finished training; the caller has entered its working folder.
    package init(run: RunFolder, in installation: Installation, store: FileStore = FileStore()) throws {
        let trained = try TrainedRun(run, store: store), plan = trained.plan
        let location = try ModelLocation(plan.model, in: installation, store: store)
        let base = try ModelFolder(path: location.path, store: store)
        let isFull = plan.method.kind == .full
        model = isFull ? try ModelFolder(path: run.model, store: store) : base
        untrained = isFull ? base : nil
        let adapter = isFull ? nil : try AdapterFolder(path: run.adapter, shape: base.shape, store: store)
        try adapter?.require(base: base, store: store)
        self.adapter = adapter
        encoder = try ChatEncoder(folder: location.path, needsTemplate: false)
        if let expected = trained.manifest.fingerprints["encoder"], expected != encoder.fingerprint {
            throw TemplateChanged(model: location.path)
        }
        name = Self.stem(of: run.id)
        (baseName, isPractice) = (plan.model.name, location.isPractice)
        (self.run, self.plan) = (run, plan)
    }

    /// - Parameter reference: A model folder, or the practice model.
    package init(
        model reference: ModelReference, adapter path: String?, in installation: Installation,
        store: FileStore = FileStore()
    ) throws {
        let location = try ModelLocation(reference, in: installation, store: store)
        let folder = try ModelFolder(path: location.path, store: store)
        model = folder
        let adapter = try path.map { try AdapterFolder(path: $0, shape: folder.shape, store: store) }
        try adapter?.require(base: folder, store: store)
        self.adapter = adapter
        encoder = try ChatEncoder(folder: location.path, needsTemplate: false)
        name = FileStore.lastName(of: path ?? reference.name)
        (baseName, isPractice) = (reference.name, location.isPractice)
        (run, plan, untrained) = (nil, nil, nil)
    }

    /// The name a run was given, without its time: `20261121-230616-task-api` is `task-api`.
    private static func stem(of id: String) -> String {
        let parts = id.split(separator: "-", maxSplits: 2)
        guard parts.count == 3, parts[0].count == 8, parts[1].count == 6 else { return id }
        return String(parts[2])
    }

    /// Tokens after which an answer is complete, the end of the text first.
    package func stopIDs(store: FileStore = FileStore()) throws -> [Int] {
        var ids = encoder.stopIDs.map { Int($0) }
        for id in try (untrained ?? model).stopIDs(store: store) where !ids.contains(id) { ids.append(id) }
        return ids
    }

    /// Every tensor of what is shipped as one model.
    package func tensors() throws(ModelFileError) -> [OutgoingTensor] {
        try AdapterMerge(base: model, adapter: adapter).tensors()
    }

    /// The folder whose tokenizer files are copied.
    package var tokenizerFolder: String { (untrained ?? model).path }
}
