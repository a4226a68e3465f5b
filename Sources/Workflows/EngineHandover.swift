import Datasets
import Feasibility
package import FileStore
import FoundationEssentials
import JSONText
import Launching
import ModelFiles
package import Plan
import Training

/// Everything a run that another engine trains is started from: script, settings, rows, their order, token contract.
///
/// The rows are handed over as ids with their loss mask, and the micro-batches of every step as lists of rows. Text would
/// pass another tokenizer, template, splitter, shuffler and packer, any of which may differ; ids cannot. That the other
/// engine's tokenizer gives the same ids, so that the model is later asked with what it learnt, is what the contract shows.
package struct EngineHandover {
    private let prepared: PreparedRun
    private let installation: Installation
    private let store: FileStore

    package init(_ prepared: PreparedRun, in installation: Installation, store: FileStore = FileStore()) {
        self.prepared = prepared
        self.installation = installation
        self.store = store
    }

    /// Writes `engine/` of the run folder.
    ///
    /// - Parameters:
    ///   - python: What a scheduler's job starts; `hone train` names its own.
    ///   - tolerances: How far the losses of two engines may lie apart.
    ///   - memory: What the check reckons with, part by part, for the words of an engine that runs out of it.
    package func write(
        to run: RunFolder, python: String, tolerances: EngineTolerances, memory: [(part: String, size: String)] = []
    ) throws {
        let plan = prepared.plan
        // Each process takes micro-batches of its own, so that many make up an optimizer step together.
        var shared = plan.training
        shared.gradientAccumulationSteps *= plan.launch.processes
        let rows = prepared.encoded.train.joined(by: plan)
        let order = TrainingOrder(
            lengths: rows.map(\.count), stages: rows.map(\.stage.rawValue), settings: shared, compat: plan.compat)
        let settings = try TRLSettings(plan, material(totalSteps: order.totalSteps, memory))
        let folder = run.engine
        let requirements = EngineRequirements(
            text: try EngineRequirements.text(for: plan, templates: installation.templates, store))
        let contract = try TokenContract(
            prepared, firstStep: order.epoch(after: 0).steps.first ?? [], requirements: requirements,
            tolerances: tolerances, store: store)
        try store.createFolder(folder)
        try store.write(settings.json.text(.pretty) + "\n", to: folder + "/settings.json")
        try store.write(contract.json.text(.pretty) + "\n", to: folder + "/contract.json")
        try write(rows, to: folder + "/train.jsonl")
        let validation = prepared.encoded.validation.joined(by: plan)
        try write(validation, to: folder + "/validation.jsonl")
        if plan.compat == .trl {
            try write(ValidationBatch.all(of: validation, plan), to: folder + "/validation_batches.jsonl")
        }
        try write(order, to: folder + "/order.jsonl")
        let launch = LaunchFiles(plan, run: run, absoluteFolder: absolute(folder), python: python)
        for (name, text) in try launch.texts(templates: installation.templates, store) {
            try store.write(text, to: folder + "/" + name)
        }
    }

    private func material(
        totalSteps: Int, _ memory: [(part: String, size: String)]
    ) throws -> TRLSettings.Material {
        let plan = prepared.plan, model = prepared.model, encoded = prepared.encoded
        let mixed = encoded.generalMix?.rows ?? 0
        var modules: [String] = []
        for linear in plan.method.lora.map(model.shape.adapted) ?? [] where !modules.contains(linear.module) {
            modules.append(linear.module)
        }
        return TRLSettings.Material(
            model: absolute(model.path),
            tokenizerFiles: ModelFolder.tokenizerFiles.filter { store.isFile(model.path + "/" + $0) },
            adaptedModules: modules, totalSteps: totalSteps, trainRows: encoded.train.count - mixed,
            generalRows: mixed, validationRows: encoded.validation.count,
            identity: [
                "data": encoded.fingerprint.hex, "model": try model.fingerprint(store: store).hex,
                "settings": plan.fingerprintOfTraining.hex, "processes": String(plan.launch.processes),
            ], memory: memory)
    }

    /// One row each: ids, and 1 where the token is learnt.
    private func write(_ rows: [EncodedExample], to path: String) throws {
        let writer = try store.writer(to: path)
        for row in rows {
            let ids = row.inputIDs.map { String($0) }.joined(separator: ",")
            let mask = row.isTarget.map { $0 ? "1" : "0" }.joined(separator: ",")
            try writer.write(Array("{\"line\":\(row.line),\"input_ids\":[\(ids)],\"loss_mask\":[\(mask)]}\n".utf8))
        }
        try writer.commit()
    }

    /// One batch each: its rows, and what its mean loss counts.
    private func write(_ batches: [ValidationBatch], to path: String) throws {
        let writer = try store.writer(to: path)
        for batch in batches {
            let rows = batch.rows.map { String($0) }.joined(separator: ",")
            try writer.write(Array("{\"rows\":[\(rows)],\"weight\":\(batch.weight)}\n".utf8))
        }
        try writer.commit()
    }

    /// One optimizer step each: the micro-batches as row numbers, and how many epochs are over after it.
    private func write(_ order: TrainingOrder, to path: String) throws {
        let writer = try store.writer(to: path)
        var epoch = order.epoch(after: 0)
        for step in 0..<order.totalSteps {
            if step - epoch.firstStep == epoch.steps.count { epoch = order.epoch(after: step) }
            let batches = epoch.steps[step - epoch.firstStep].map { rows in
                "[" + rows.map { String($0) }.joined(separator: ",") + "]"
            }
            let line =
                "{\"epoch\":\(epoch.position(after: step + 1)),\"micro_batches\":[\(batches.joined(separator: ","))]}\n"
            try writer.write(Array(line.utf8))
        }
        try writer.commit()
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
