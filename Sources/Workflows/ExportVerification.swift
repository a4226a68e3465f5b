import Datasets
package import Evaluation
package import FileStore
import JSONText
import ModelFiles
package import Plan
import Registry
package import RuleEngine
import Tensors
import Tokenization
import Transformer

/// The same held-out questions to the model that was evaluated and to every form it is shipped in.
///
/// A form is asked as its users will ask it: with the tokenizer, template and end tokens that are in its own files.
package struct ExportVerification {
    private let source: ExportSource
    private let prepared: PreparedRun
    private let limits: [String: ShippingLimits]
    private let store: FileStore
    /// Asked as well, each with the files it loads.
    package var programs = ServingPrograms()
    package var progress: (_ rung: String) -> Void = { _ in }

    /// - Parameter book: Holds the table of limits.
    package init(
        _ source: ExportSource, prepared: PreparedRun, book: RuleBook, store: FileStore = FileStore()
    ) throws(ExportVerificationError) {
        let table = book.table("shipping")
        var limits: [String: ShippingLimits] = [:]
        for form in Self.forms {
            guard let row = table?[form], let agreement = row.number("agreement"), let kept = row.number("kept_change"),
                let fall = row.number("stop_fall"), let error = row.number("weight_error")
            else { throw .noLimits(form: form) }
            limits[form] = ShippingLimits(agreement: agreement, keptChange: kept, stopFall: fall, weightError: error)
        }
        (self.source, self.prepared, self.limits, self.store) = (source, prepared, limits, store)
    }

    private static let forms = ["merged", "gguf-adapter", "ollama"] + GGUFType.allCases.map { "gguf-" + $0.name }

    /// - Parameters:
    ///   - folder: Where `hone export` wrote; its merged model and GGUF files are asked.
    ///   - files: Further GGUF files.
    package func verify(_ folder: String, files: [String] = [], limit: Int? = nil) throws -> ShippingLadder {
        let targets = try ExportTargets(folder: folder, files: files, store: store)
        guard !targets.isEmpty else { throw ExportVerificationError.nothingExported(folder: folder) }
        let rows = try [HeldOutRow](prepared.encoded.test, of: prepared.dataset, source.encoder).sampled(limit: limit)
        guard rows.contains(where: { $0.prompt != nil }) else { throw EvaluationError.noRows }
        let asking = LadderQuestions(
            rows: rows, encoder: source.encoder, settings: prepared.plan.evaluation,
            metric: try Evaluator(encoder: source.encoder, stopIDs: [], settings: prepared.plan.evaluation)
                .metrics(for: rows, taskKind: nil).primary)
        let stops = Set(try source.stopIDs(store: store).map { Int32($0) })
        let team = ThreadTeam(threads: prepared.plan.training.threads)
        let room = max(2048, rows.map(\.encoded.count).max() ?? 0)
        func load(_ folder: ModelFolder, _ trainable: LlamaModel.Trainable) throws -> LlamaModel {
            try LlamaModel(folder: folder, trainable: trainable, team: team, maxBatchTokens: room)
        }

        progress("base")
        let tuned = try load(source.model, source.adapter.map { .adapter($0.settings) } ?? .none)
        if let adapter = source.adapter { try tuned.loadAdapter(from: adapter) }
        let untrained: LlamaModel
        if let folder = source.untrained { untrained = try load(folder, .none) } else { untrained = tuned }
        if source.adapter != nil { tuned.usesAdapter = false }
        var base = ShippingLadder.Rung(name: "base", form: "base")
        let basic = try asking.ask(untrained, source.encoder, stops)
        tuned.usesAdapter = true
        progress("tuned")
        var reference = ShippingLadder.Rung(name: "tuned", form: "reference")
        let wanted = try asking.ask(tuned, source.encoder, stops)
        try asking.fill(&reference, wanted, beside: wanted, tuned, stops)
        try asking.fill(&base, basic, beside: wanted, nil, stops)
        base.keptChange = nil
        (reference.keptChange, base.loss) = (nil, basic.loss)

        var rungs: [ShippingLadder.Rung] = []
        for target in targets.all {
            progress(target.name)
            rungs.append(try rung(target, asking, wanted, base: basic.loss, reference, stops, team: team, room: room))
        }
        let serving = ServedRungs(
            programs: programs, asking: asking, wanted: wanted, stops: stops, limits: limits, reference: reference,
            threads: prepared.plan.training.threads, store: store, progress: progress)
        let served = try serving.rungs(targets, folder: folder)
        var ladder = ShippingLadder(
            metric: asking.metric, rows: rows.count, base: base, reference: reference, rungs: rungs + served.rungs)
        ladder.programs = served.programs
        return ladder
    }

    /// Keeps the ladder with the run.
    package static func record(_ ladder: ShippingLadder, of run: RunFolder, store: FileStore) throws {
        try store.createFolder(run.eval)
        try store.write(ladder.json.text(.pretty) + "\n", to: run.exportCheck)
        var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
        try record.save()
    }

    private func rung(
        _ target: ExportTargets.Target, _ asking: LadderQuestions, _ wanted: LadderQuestions.Answers, base: Double?,
        _ reference: ShippingLadder.Rung, _ stops: Set<Int32>, team: ThreadTeam, room: Int
    ) throws -> ShippingLadder.Rung {
        let model: LlamaModel, encoder: ChatEncoder, ends: Set<Int32>, form: String
        var findings: [ShippingLadder.Finding] = []
        switch target.kind {
        case .folder:
            let folder = try ModelFolder(path: target.path, store: store)
            form = "merged"
            encoder = try ChatEncoder(folder: target.path, needsTemplate: false)
            ends = Set(try folder.stopIDs(store: store).map { Int32($0) })
                .union(encoder.tokenizer.specialTokens.endOfSequence.map { [$0.id] } ?? [])
            model = try LlamaModel(folder: folder, trainable: .none, team: team, maxBatchTokens: room)
            findings += try tokenizerFiles(target.path)
            findings += try WeightComparison(source, limit: limits[form]?.weightError ?? 0).findings(in: folder)
        case .gguf:
            let file = try GGUFModel(path: target.path)
            form = "gguf-" + (try file.mainType().name)
            encoder = try ChatEncoder(gguf: file)
            ends = Set(file.tokenizer.roles.stops.map { Int32($0) })
            model = try LlamaModel(gguf: file, team: team, maxBatchTokens: room)
            findings += try WeightComparison(source, limit: limits[form]?.weightError ?? 0).findings(in: file)
        case .ggufAdapter:
            form = "gguf-adapter"
            let adapter = try GGUFAdapter(path: target.path, shape: source.model.shape)
            (encoder, ends) = (source.encoder, stops)
            model = try LlamaModel(
                folder: source.model, trainable: .adapter(adapter.settings), team: team, maxBatchTokens: room)
            try model.loadAdapter(from: adapter)
        }
        var rung = ShippingLadder.Rung(name: target.name, form: form)
        findings += asking.differences(encoder, expected: stops, ends)
        let found = try asking.ask(model, encoder, ends)
        try asking.fill(&rung, found, beside: wanted, model, ends)
        if let base, let tuned = wanted.loss, let loss = found.loss, base - tuned > 0.01 * base {
            rung.keptChange = (base - loss) / (base - tuned)
        }
        rung.findings = findings
        return limits[form].map { rung.judged($0, beside: reference) } ?? rung
    }

    /// Tokenizer files are shipped as they were, byte for byte.
    private func tokenizerFiles(_ path: String) throws -> [ShippingLadder.Finding] {
        try ModelFolder.tokenizerFiles.compactMap { name in
            let own = source.tokenizerFolder + "/" + name, shipped = path + "/" + name
            switch (store.isFile(own), store.isFile(shipped)) {
            case (false, false): return nil
            case (true, true): return try store.read(own) == store.read(shipped) ? nil : .tokenizerFile(name)
            default: return .tokenizerFile(name)
            }
        }
    }
}

package enum ExportVerificationError: Error, Sendable, Hashable {
    /// Neither a merged model nor a GGUF file.
    case nothingExported(folder: String)
    /// The rule book says nothing about a form.
    case noLimits(form: String)
}

/// What there is to ask in an export folder.
struct ExportTargets {
    struct Target {
        enum Kind { case folder, gguf, ggufAdapter }
        let name: String
        let path: String
        let kind: Kind
    }

    let all: [Target]
    var isEmpty: Bool { all.isEmpty }

    init(folder: String, files: [String], store: FileStore) throws {
        var targets: [Target] = []
        if store.isFile(folder + "/merged/config.json") {
            targets.append(Target(name: "merged", path: folder + "/merged", kind: .folder))
        }
        let found =
            store.isFolder(folder + "/gguf")
            ? try store.list(folder + "/gguf").filter { $0.hasSuffix(".gguf") && !$0.hasPrefix(".") }.map {
                folder + "/gguf/" + $0
            }
            : []
        for path in found + files {
            let isAdapter = try GGUFFile(path: path).metadata["general.type"]?.textValue == "adapter"
            targets.append(
                Target(name: FileStore.lastName(of: path), path: path, kind: isAdapter ? .ggufAdapter : .gguf))
        }
        all = targets
    }
}
