import JSONText
import Plan
import Testing
import YAMLText

private func plan() -> RunPlan {
    var plan = RunPlan(
        model: "models/base", method: .lora(), data: DataSettings(paths: ["rows.jsonl"]), training: TrainingSettings())
    plan.origins["training.learning_rate"] = .rule(id: "learning_rate#lora", why: "adapters want more")
    return plan
}

@Suite("Changing one key of a plan")
struct RunPlanSettingTests {
    @Test("the origin becomes the person's, with what the rule had said; every other origin stays")
    func origin() throws {
        let changed = try plan().setting("training.learning_rate", to: "5e-5")
        #expect(changed.training.learningRate == 5e-5)
        #expect(changed.origins["training.learning_rate"] == .you(was: "0.0002 by learning_rate#lora"))
        let other = try plan().setting("training.seed", to: "7")
        #expect(other.origins["training.learning_rate"] == plan().origins["training.learning_rate"])
    }

    @Test("a key that cannot stand beside the new one makes room")
    func rivals() throws {
        #expect(try plan().setting("training.max_steps", to: "50").training.duration == .steps(50))
        #expect(try plan().setting("training.packing", to: "true").training.batching == .packed(tokens: 4096))
        #expect(try plan().setting("method.kind", to: "full").method == .full)
        #expect(try plan().setting("method.kind", to: "qlora").method.quantization != nil)
    }

    @Test("a value that is no value of the key is refused, and text cannot end the value it stands for")
    func refused() throws {
        #expect(throws: PlanError.self) { try plan().setting("training.schedule", to: "cosin") }
        #expect(throws: PlanError.self) { try plan().setting("training.seed", to: "1, epochs: 9") }
        #expect(throws: PlanError.self) { try plan().setting("training.epochs", to: "0") }
        #expect(throws: PlanError.self) { try plan().setting("training.epoch", to: "3") }
        let odd = try plan().setting("output", to: "a}, training: {seed: 1")
        #expect(odd.output == "a}, training: {seed: 1" && odd.training.seed == 42)
    }

    @Test("the list of keys is the list of fields, and the schema describes each of them")
    func keys() throws {
        #expect(PlanKey.names == plan().fields.map(\.key))
        let schema = PlanSchema.json { "about \($0)" }
        for key in PlanKey.all {
            var node: JSONValue? = schema
            for part in key.name.split(separator: ".") { node = node?["properties"]?[String(part)] }
            #expect(node?["description"]?.stringValue == "about \(key.name)")
        }
        #expect(schema["properties"]?["training"]?["additionalProperties"]?.boolValue == false)
    }

    @Test("a plan of version 1 is read with a note, and a key of version 1 is unknown in version 2")
    func migration() throws {
        let old = """
            version: 1
            model: models/base
            method: {kind: lora}
            data: {paths: [rows.jsonl], general_mix: {path: mix.jsonl, share: 0.2}}
            """
        let document = try PlanDocument(yaml: old, file: "plan.yaml")
        #expect(document.plan.data.generalMix == GeneralMix(source: "mix.jsonl", share: 0.2))
        #expect(document.plan.version == RunPlan.currentVersion)
        #expect(document.migration?.renamed.map(\.was) == ["path"] && document.migration?.from == 1)
        let new = old.replacing("version: 1", with: "version: 2")
        #expect {
            _ = try PlanDocument(yaml: new, file: "plan.yaml")
        } throws: { error in
            if case .malformed(.missingKey)? = error as? PlanError { true } else { false }
        }
        #expect(throws: PlanError.self) { try PlanDocument(yaml: old.replacing("n: 1", with: "n: 0"), file: "p") }
    }

    @Test("contradictory pairs are refused with the line of the second")
    func contradictions() {
        func contradiction(_ method: String, _ extra: String = "") -> PlanContradiction? {
            let text = "version: 2\nmodel: m\nmethod: \(method)\ndata: {paths: [x]}\n\(extra)"
            do { _ = try PlanDocument(yaml: text, file: "plan.yaml") } catch {
                if case .contradiction(let what, _?) = error { return what }
            }
            return nil
        }
        #expect(
            contradiction("{kind: lora}", "training: {epochs: 3, max_steps: 9}") == .epochsAndMaxSteps)
        #expect(
            contradiction("{kind: full, quantization: {type: nf4}}") == .quantizationWithout(.full))
        #expect(contradiction("{kind: full, rank: 8}") == .adapterKeyWithFull(key: "method.rank"))
        #expect(
            contradiction("{kind: lora}", "launch: {device: t4}") == .deviceWithBundledEngine("t4"))
    }
}
