import Evaluation
import FileStore
import Foundation
import Plan
import Publishing
import Registry
import RuleEngine
import Tensors
import Testing
import Transformer

@testable import ModelFiles
@testable import Workflows

/// An adapter on the practice model in all its shipped forms, and what the ladder says when one is broken.
@Suite("Shipped forms behave like what was evaluated")
struct ShippingLadderTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private let installation = Installation(home: home)
    private let store = FileStore()

    private struct Trained {
        let run: RunFolder
        let source: ExportSource
        let prepared: PreparedRun
        var export: String { run.export }
    }

    /// A run whose adapter is random and large enough to change answers, in a folder that goes away.
    private func withRun(_ body: (Trained) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "hone-ladder-" + UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = RunFolder(path: path + "/20261122-100000-ladder")
        try store.createFolder(run.path)
        var training = TrainingSettings()
        (training.maxLength, training.threads) = (128, 2)
        var plan = RunPlan(
            model: ModelLocation.practice, method: .lora(LoRASettings(rank: 4, alpha: 8)),
            data: DataSettings(paths: [Self.home + "/examples/task-api/data.jsonl"]), training: training)
        plan.evaluation.maxNewTokens = 24
        try store.write(plan.yaml, to: run.plan)
        let base = try ModelFolder(path: installation.models + "/base")
        let model = try LlamaModel(
            folder: base, trainable: .adapter(LoRASettings(rank: 4, alpha: 8)), team: ThreadTeam(threads: 2),
            maxBatchTokens: 256)
        model.startAdapter(seed: 3)
        for (index, parameter) in model.parameters.enumerated() where parameter.name.contains("lora_B") {
            for place in 0..<parameter.count { parameter.values[place] = Float(cos(Double(place * 7 + index))) * 0.004 }
        }
        try AdapterFolder.write(
            to: run.adapter, settings: LoRASettings(rank: 4, alpha: 8), baseModel: "practice-3m",
            weights: model.outgoingTensors())
        try RunManifest(id: run.id, createdAt: "2026-11-22T10:00:00Z", honeVersion: "0.1.0", status: .trained)
            .write(to: run, store: store)
        try body(
            Trained(
                run: run, source: try ExportSource(run: run, in: installation, store: store),
                prepared: try PreparedRun(plan, in: installation, isForLooking: true, store: store)))
    }

    private func export(_ trained: Trained, _ forms: [ExportForm], _ types: [GGUFType] = [.float16]) throws {
        let templates = try ReportTemplates(folder: installation.templates + "/report", store)
        _ = try Exporting(trained.source, to: trained.export, templates: templates, store: store)
            .write(forms, types: types, task: nil, hone: "0.1.0")
    }

    private func ladder(_ trained: Trained) throws -> ShippingLadder {
        let book = try RuleBook.load(RuleFolder(path: installation.rules))
        return try ExportVerification(trained.source, prepared: trained.prepared, book: book, store: store)
            .verify(trained.export, limit: 12)
    }

    /// The run's model as one GGUF file with something changed on the way.
    private func writeGGUF(
        _ trained: Trained, tensors: [OutgoingTensor]? = nil, change: (inout GGUFTokenizer) -> Void = { _ in }
    ) throws {
        let source = trained.source
        var tokenizer = try GGUFTokenizer.make(
            from: source.encoder, folder: source.tokenizerFolder, begin: nil, stops: try source.stopIDs()
        ).tokenizer
        change(&tokenizer)
        try store.createFolder(trained.export + "/gguf")
        try GGUFModel.write(
            to: trained.export + "/gguf/x.gguf", shape: source.model.shape, tensors: try tensors ?? source.tensors(),
            type: .float16, tokenizer: tokenizer, heading: .init(name: "x"), configPath: "config.json")
    }

    @Test("merged, every number format and the adapter alone pass, and copies are byte for byte")
    func passing() throws {
        try withRun { trained in
            try export(trained, [.adapter, .merged, .gguf, .ggufAdapter], [.float32, .float16, .bfloat16, .q8_0])
            let ladder = try ladder(trained)
            #expect(ladder.rungs.count == 6)
            for rung in ladder.rungs { #expect(rung.failures == [], "\(rung.name)") }
            #expect(ladder.passes)
            let exact = try #require(ladder.rungs.first { $0.form == "gguf-adapter" })
            #expect(exact.agreement ?? 0 > 0.99)
            for folder in ["adapter", "merged"] {
                for name in ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"] {
                    let own = try store.read(installation.models + "/base/" + name)
                    #expect(try store.read(trained.export + "/\(folder)/" + name) == own)
                }
            }
            #expect(ShippingLadder(json: ladder.json) == ladder)
        }
    }

    @Test("a broken end token is caught by name")
    func brokenEnd() throws {
        try withRun { trained in
            try writeGGUF(trained) { $0.roles.end = 5 }
            let ladder = try ladder(trained)
            #expect(!ladder.passes)
            #expect(
                ladder.rungs.first?.findings.contains {
                    if case .endTokens(let expected, _) = $0 { expected == ["<|im_end|>"] } else { false }
                } ?? false)
        }
    }

    @Test("a missing permutation is caught by name")
    func missingPermutation() throws {
        try withRun { trained in
            let shape = trained.source.model.shape
            let tensors = try trained.source.tensors().map { tensor in
                let heads =
                    tensor.name.contains("q_proj")
                    ? shape.attentionHeadCount : tensor.name.contains("k_proj") ? shape.keyValueHeadCount : nil
                return OutgoingTensor(name: tensor.name, shape: tensor.shape, elementType: tensor.elementType) {
                    values throws(ModelFileError) in
                    try tensor.withValues { values.update(from: $0, count: tensor.count) }
                    guard let heads else { return }
                    GGUFLayout.permute(
                        values, rows: tensor.shape[0], width: tensor.shape[1], heads: heads, isInverse: true)
                }
            }
            try writeGGUF(trained, tensors: tensors)
            let ladder = try ladder(trained)
            #expect(!ladder.passes)
            #expect(ladder.rungs.first?.findings == [.rowsNotPermuted(tensors: 2 * shape.layerCount)])
            #expect(ladder.rungs.first?.agreement ?? 1 < 0.9)
        }
    }

    @Test("a merge into 4 bits is caught by name")
    func mergedInto4Bits() throws {
        try withRun { trained in
            let source = trained.source, base = source.model
            let tensors = try source.tensors().map { tensor in
                OutgoingTensor(name: tensor.name, shape: tensor.shape, elementType: .float32) {
                    values throws(ModelFileError) in
                    try tensor.withValues { values.update(from: $0, count: tensor.count) }
                    guard tensor.name.contains("proj") else { return }
                    for start in stride(from: 0, to: tensor.count, by: 64) {
                        let block = start..<min(tensor.count, start + 64)
                        let largest = block.reduce(Float(0)) { max($0, abs(values[$1])) }
                        for place in block where largest > 0 {
                            values[place] = (values[place] / largest * 7).rounded() / 7 * largest
                        }
                    }
                }
            }
            try ModelFolder.write(
                to: trained.export + "/merged", shape: base.shape, tokens: .init(bos: nil, eos: [4095], pad: 4093),
                weights: tensors, config: base.config, copying: base.path)
            let ladder = try ladder(trained)
            #expect(!ladder.passes)
            #expect(
                ladder.rungs.first?.findings.contains {
                    if case .mergedInto4Bits(let count) = $0 { count == 7 * base.shape.layerCount } else { false }
                } ?? false)
        }
    }

    @Test("nothing that hone did not write is replaced, and an earlier export is")
    func replacing() throws {
        try withRun { trained in
            try store.createFolder(trained.export + "/adapter")
            #expect(throws: ExportError.inTheWay(path: trained.export + "/adapter")) { try export(trained, [.adapter]) }
            try store.remove(trained.export)
            try export(trained, [.adapter])
            try export(trained, [.adapter])
        }
    }
}
