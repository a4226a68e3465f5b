import Datasets
import FileStore
import Foundation
import JSONText
import Plan
import Testing
import YAMLText

@testable import Publishing

@Suite("A plan as other tools' files")
struct ToolConfigTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private func plan() -> RunPlan {
        var training = TrainingSettings()
        (training.evalEvery, training.saveEvery, training.earlyStoppingPatience) = (10, 10, 3)
        (training.learningRate, training.adamEpsilon) = (2e-4, 1e-8)
        return RunPlan(
            model: "some/model", method: .lora(LoRASettings(rank: 8, alpha: 16)),
            data: DataSettings(paths: ["rows.jsonl"]),
            training: training)
    }

    private func files(_ tool: OtherTool, _ plan: RunPlan) throws -> [String: String] {
        let templates = try ReportTemplates(folder: Self.home + "/templates/report", FileStore())
        return Dictionary(
            try ToolConfig(plan, model: plan.model.name, training: [], validation: []).files(for: tool, templates)
                .map { ($0.name, $0.text) }
        ) { $1 }
    }

    @Test("every file can be read again, and holds the plan's values", arguments: OtherTool.allCases)
    func readable(tool: OtherTool) throws {
        let files = try files(tool, plan())
        for (name, text) in files where name.hasSuffix(".yaml") {
            let keys = try YAMLNode.parse(text, file: name).map().keys.map(\.text)
            #expect(!keys.isEmpty && Set(keys).count == keys.count)
        }
        for (name, text) in files where name.hasSuffix(".json") {
            #expect(try JSONValue.parse(text).objectValue != nil)
        }
        #expect(files.values.allSatisfy { !$0.contains("{{") || $0.contains("tojson") })
    }

    @Test("numbers are numbers to YAML: an exponent has a point before it")
    func numbers() throws {
        let text = try #require(try files(.axolotl, plan())["axolotl.yaml"])
        #expect(text.contains("adam_epsilon: 1.0e-08"))
        #expect(text.contains("learning_rate: 0.0002"))
    }

    @Test("Axolotl's file comes back as the same plan")
    func roundTrip() throws {
        let store = FileStore(), folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? store.remove(folder) }
        try store.createFolder(folder)
        for (name, text) in try files(.axolotl, plan()) {
            try store.write(text.isEmpty ? "\n" : text, to: folder + "/" + name)
        }
        let path = folder + "/axolotl.yaml", back = try ImportedPlan(yaml: try store.readText(path), path: path).plan
        #expect(back.method == plan().method)
        #expect(back.training.learningRate == 2e-4 && back.training.adamEpsilon == 1e-8)
        #expect(back.training.evalEvery == 10 && back.training.earlyStoppingPatience == 3)
        #expect(
            back.training.maxLength == plan().training.maxLength && back.training.batching == plan().training.batching)
    }

    @Test(
        "what a tool cannot express is refused by its key",
        arguments: [
            ("unsloth", "training.epochs"), ("axolotl", "training.curriculum"), ("deepspeed", "launch.strategy"),
            ("llama-factory", "data.general_mix.source"),
        ])
    func refusals(name: String, key: String) throws {
        var plan = plan()
        plan.training.duration = .epochs(1.5)
        plan.launch.strategy = .fsdp
        if name == "axolotl" { plan.training.curriculum = .generalToFormat }
        if name == "llama-factory" { plan.data.generalMix = GeneralMix(source: GeneralMix.baseAnswersName, share: 0.2) }
        let tool = try #require(OtherTool(rawValue: name))
        do {
            _ = try files(tool, plan)
            Issue.record("it was accepted")
        } catch ToolConfig.Refusal.cannotExpress(_, let found, _, _) {
            #expect(found == key)
        }
    }
}
