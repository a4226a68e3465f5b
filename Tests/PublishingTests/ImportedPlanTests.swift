import FileStore
import Foundation
import Plan
import Testing

@testable import Publishing

@Suite("Other tools' configurations become plans")
struct ImportedPlanTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Oracles/configs"

    private func imported(_ name: String) throws -> ImportedPlan {
        let path = Self.folder + "/import.\(name).yaml"
        return try ImportedPlan(yaml: try FileStore().readText(path), path: path)
    }

    @Test("Axolotl's settings are carried over, and what hone has not is listed with a reason")
    func axolotl() throws {
        let found = try imported("axolotl"), plan = found.plan
        #expect(found.tool == .axolotl)
        #expect(plan.model.name == "practice-3m")
        #expect(plan.method.lora?.rank == 8 && plan.method.lora?.alpha == 16 && plan.method.lora?.dropout == 0.05)
        #expect(plan.method.lora?.targetModules == LoRASettings.allLinear)
        #expect(plan.training.batching == .rows(4) && plan.training.gradientAccumulationSteps == 2)
        #expect(plan.training.learningRate == 1e-4 && plan.training.seed == 7 && plan.training.maxLength == 128)
        #expect(plan.training.duration == .epochs(2) && plan.training.schedule == .cosine)
        #expect(plan.training.warmup == .share(0.05) && plan.training.precision == .bf16)
        #expect(plan.data.paths == [Self.folder + "/rows.jsonl"])
        #expect(Set(found.leftOut.map(\.key)) == ["optimizer", "flash_attention", "wandb_project", "output_dir"])
    }

    @Test("LLaMA-Factory's data is found through its index, and packing keeps the tokens of a micro-batch")
    func llamaFactory() throws {
        let found = try imported("llama-factory"), plan = found.plan
        #expect(found.tool == .llamaFactory)
        // Its default: an alpha of twice the rank.
        #expect(plan.method.lora?.rank == 16 && plan.method.lora?.alpha == 32)
        #expect(plan.training.batching == .packed(tokens: 512))
        #expect(plan.training.warmup == .steps(10) && plan.training.evalEvery == 50)
        #expect(plan.data.paths.first?.hasSuffix("rows.jsonl") ?? false)
        #expect(Set(found.leftOut.map(\.key)) == ["template", "output_dir"])
    }

    @Test("TRL's settings are carried over")
    func trl() throws {
        let found = try imported("trl"), plan = found.plan
        #expect(found.tool == .trl)
        #expect(plan.method.lora?.rank == 32 && plan.method.lora?.targetModules == ["q_proj", "v_proj"])
        #expect(plan.training.duration == .steps(100) && plan.training.schedule == .constant)
        #expect(plan.training.warmup == .share(0.03) && plan.training.maxGradNorm == 0.3)
        #expect(!plan.training.lossOnPrompts)
        #expect(found.leftOut.map(\.key) == ["liger_kernel"])
    }

    @Test(
        "a file of another kind, without rows, or that is no YAML is refused",
        arguments: [
            "a: 1", "base_model: x", "base_model: x\ndatasets:\n  - path: nowhere.jsonl", "[1, 2]", "base_model: [", "",
        ])
    func refusals(text: String) {
        #expect(throws: (any Error).self) { try ImportedPlan(yaml: text, path: Self.folder + "/x.yaml") }
    }
}
