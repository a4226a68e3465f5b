import Evaluation
import FileStore
import Foundation
import Plan
import Publishing
import Registry
import RuleEngine
import Tensors
import Testing
import Tokenization
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

    private func ladder(_ trained: Trained, _ programs: ServingPrograms = ServingPrograms()) throws -> ShippingLadder {
        let book = try RuleBook.load(RuleFolder(path: installation.rules))
        var verification = try ExportVerification(
            trained.source, prepared: trained.prepared, book: book, store: store)
        verification.programs = programs
        return try verification.verify(trained.export, limit: 12)
    }

    /// Answers as the evaluated model does, but for what is changed; or with nothing, where it is told to refuse.
    private struct FakeProgram: ServingProgram {
        let name: String
        var version: String { name + " 1" }
        var refuses = false
        var change: @Sendable (ServedQuestion) -> ServedAnswer = {
            ServedAnswer(output: .ids($0.wanted), ends: $0.ends, agreed: nil, cutsEqually: true)
        }

        func answer(
            _ questions: [ServedQuestion], with file: String, limit: Int, threads: Int
        ) throws(ServingError) -> [ServedAnswer] {
            if refuses { throw .refused(program: name, said: "unknown model architecture") }
            return questions.map(change)
        }
    }

    @Test("a program of this machine is a rung of its own, and one that is not here is no failure")
    func programs() throws {
        try withRun { trained in
            try export(trained, [.gguf, .ollama])
            let none = try ladder(trained)
            #expect(none.passes && none.programs.map(\.state) == [.absent, .absent])
            let same = try ladder(trained, ServingPrograms(llama: FakeProgram(name: "llama.cpp")))
            let rung = try #require(same.rungs.last)
            #expect(same.rungs.count == 2 && rung.name.hasSuffix("-f16.gguf in llama.cpp") && rung.form == "gguf-f16")
            #expect(rung.agreement == 1 && rung.equalAnswers == 12 && rung.score == same.reference.score)
            #expect(same.programs.first == .init(name: "llama.cpp", state: .asked, version: "llama.cpp 1"))
            #expect(ShippingLadder(json: same.json) == same)
        }
    }

    @Test("a program that answers otherwise, cuts prompts otherwise or does not load the file fails by name")
    func otherPrograms() throws {
        try withRun { trained in
            try export(trained, [.gguf, .ollama])
            var other = FakeProgram(name: "llama.cpp")
            other.change = {
                ServedAnswer(
                    output: .ids($0.wanted.map { ($0 + 1) % 4000 }), ends: false, agreed: 0, cutsEqually: false)
            }
            var silent = FakeProgram(name: "Ollama")
            silent.refuses = true
            let ladder = try ladder(trained, ServingPrograms(llama: other, ollama: silent))
            #expect(!ladder.passes && ladder.rungs.count == 3)
            #expect(ladder.rungs[1].agreement == 0 && ladder.rungs[1].findings == [.promptTokens(rows: 12)])
            #expect(
                ladder.rungs[2].findings == [.refused(program: "Ollama", said: "unknown model architecture")]
                    && ladder.rungs[2].failures == [.finding])
            #expect(ShippingLadder(json: ladder.json) == ladder)
        }
    }

    @Test("of a program that says only texts, what it says before the first different token counts")
    func texts() throws {
        try withRun { trained in
            try export(trained, [.gguf, .ollama])
            let encoder = trained.source.encoder
            var program = FakeProgram(name: "Ollama")
            program.change = {
                ServedAnswer(
                    output: .text(encoder.tokenizer.decode($0.wanted, skipSpecialTokens: true)), ends: $0.ends)
            }
            let rung = try #require(try ladder(trained, ServingPrograms(ollama: program)).rungs.last)
            #expect(rung.form == "ollama" && rung.score != nil && rung.stopRate != nil)
            #expect(rung.agreement ?? 0 > 0.5)
        }
    }

    private static let llamaPython: String? = {
        let environment = ProcessInfo.processInfo.environment
        guard environment["HONE_SLOW_TESTS"] == "1" else { return nil }
        return [environment["HONE_LLAMA_PYTHON"], environment["HONE_PYTHON"], "python3"].compactMap { $0 }.first {
            LlamaPython(python: $0, templates: home + "/templates") != nil
        }
    }()

    @Test(
        "llama.cpp answers with every GGUF as hone does",
        .enabled(
            if: llamaPython != nil,
            "needs HONE_SLOW_TESTS=1 and a Python with llama_cpp: HONE_LLAMA_PYTHON, HONE_PYTHON or python3"))
    func llama() throws {
        let program = try #require(
            LlamaPython(python: Self.llamaPython ?? "", templates: Self.home + "/templates"))
        try withRun { trained in
            try export(trained, [.gguf], [.float32, .float16, .bfloat16, .q8_0])
            let ladder = try ladder(trained, ServingPrograms(llama: program))
            let served = ladder.rungs.filter { $0.name.hasSuffix("in llama.cpp") }
            #expect(served.count == 4)
            for rung in served { #expect(rung.failures == [], "\(rung.name) \(rung.agreement ?? 0)") }
            // In these two, llama.cpp multiplies closely enough for every token to be the same.
            for form in ["gguf-f32", "gguf-f16"] {
                #expect(served.first { $0.form == form }?.agreement == 1, "\(form)")
            }
        }
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
