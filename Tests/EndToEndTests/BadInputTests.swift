import Foundation
import Testing

/// A plan that is right except for what a test puts into it.
private func plan(model: String = "practice-3m", data: String = "examples/task-api/data.jsonl", extra: String = "")
    -> String
{
    """
    version: 1
    model: \(model)
    method: {kind: lora, rank: 4}
    data:
      paths: [\(data)]
    training:
      max_steps: 4
      learning_rate: 0.001
      micro_batch: 2
    \(extra)
    """
}

@Suite("Bad input from the outside")
struct BadInputTests {
    private func check(_ text: String, _ expected: Int32, _ words: String...) async throws {
        try await withEmptyFolder { folder in
            try text.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let result = try await HoneBinary.run("check", folder + "/plan.yaml")
            #expect(result.code == expected, "\(result.talk)")
            #expect(result.talk.hasPrefix("error: "))
            #expect(result.talk.contains("\n\nhint: "))
            for word in words { #expect(result.talk.contains(word), "\(result.talk)") }
        }
    }

    @Test("an unknown key is named with its place and the key that was meant")
    func unknownKey() async throws {
        try await check(
            plan(extra: "  learning_rat: 3"), 2, "plan.yaml:10:3", "learning_rat", "did you mean `learning_rate`?")
    }

    @Test("contradictions, wrong types and impossible values are wrong usage, each with its place")
    func values() async throws {
        try await check(plan(extra: "  epochs: 3"), 2, "max_steps")
        try await check(plan(extra: "  seed: x"), 2, "plan.yaml:10:9", "whole number")
        try await check(plan(extra: "  warmup_steps: -1"), 2, "warmup_steps", "-1")
        try await check("", 2, "is empty")
        try await check("version: 1\n  model: [", 2, "not YAML")
    }

    @Test("a model or data file that is not there is named", .enabled(if: HoneBinary.hasPracticeModel))
    func missingFiles() async throws {
        try await check(plan(model: "no/such/model"), 1, "no/such/model")
        try await check(plan(data: "no/such/rows.jsonl"), 1, "no/such/rows.jsonl")
    }

    @Test("data without a usable row is named with what is missing")
    func unusableData() async throws {
        try await withEmptyFolder { folder in
            let cases = [
                ("empty", "", "holds no rows"),
                ("targets", #"{"messages":[{"role":"user","content":"Hello"}]}"# + "\n", "no answer to learn"),
            ]
            for (name, text, words) in cases {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
                try text.write(toFile: "\(folder)/\(name)/data.jsonl", atomically: false, encoding: .utf8)
                let result = try await HoneBinary.run("run", "\(folder)/\(name)", "--output", folder + "/runs")
                #expect(result.code == 2 && result.talk.contains(words), "\(result.talk)")
                #expect(result.talk.contains("\n\nhint: "))
                #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
            }
        }
    }

    @Test("a line that is not JSON is named by number and column, and costs that row only")
    func brokenLine() async throws {
        try await withEmptyFolder { folder in
            let row = #"{"messages":[{"role":"user","content":"N"},{"role":"assistant","content":"Yes, N."}]}"#
            var lines = (1...40).map { row.replacing("N", with: "number \($0)") }
            lines[16] = String(lines[16].prefix(50))
            try lines.joined(separator: "\n").write(toFile: folder + "/data.jsonl", atomically: false, encoding: .utf8)
            let audit = try await HoneBinary.run("audit", folder + "/data.jsonl")
            #expect(audit.output.contains("40 rows read, 39 kept, 1 dropped"), "\(audit.output)")
            #expect(audit.output.contains("line 17  column 51"), "\(audit.output)")
        }
    }

    @Test(
        "a model folder with damaged, missing or misshapen weights is named", .enabled(if: HoneBinary.hasPracticeModel))
    func brokenModels() async throws {
        try await withEmptyFolder { folder in
            let base = HoneBinary.home + "/models/base", weights = folder + "/model.safetensors"
            for name in ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"] {
                try FileManager.default.copyItem(atPath: "\(base)/\(name)", toPath: "\(folder)/\(name)")
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: base + "/model.safetensors"))
            let prompts = folder + "/prompts.jsonl"
            try #"{"prompt":"Hello"}"#.write(toFile: prompts, atomically: false, encoding: .utf8)
            func expect(_ data: Data, _ words: String) async throws {
                try data.write(to: URL(fileURLWithPath: weights))
                let result = try await HoneBinary.run("generate", "--model", folder, "--prompts", prompts)
                #expect(result.code == 1 && result.talk.contains(words), "\(result.talk)")
                #expect(result.talk.contains("\n\nhint: "))
            }
            try await expect(whole.prefix(1_000_000), "is damaged: it ends after")
            try await expect(whole.replacing("mlp.up_proj", with: "mlp.xx_proj"), "lacks the tensor")
            try await expect(whole.replacing("[4096,192]", with: "[192,4096]"), "has shape [192, 4096]")
        }
    }

    @Test("wrong usage of the command line exits 2 and points at the help")
    func usage() async throws {
        let unknown = try await HoneBinary.run("trian")
        #expect(unknown.code == 2 && unknown.talk.contains("hint: "))
        let missing = try await HoneBinary.run("train")
        #expect(missing.code == 2 && missing.talk.contains("--resume"))
        let help = try await HoneBinary.run("--help")
        #expect(help.code == 0 && help.output.contains("train"))
        // What `hone train` starts is nobody's to type.
        let engines = try await HoneBinary.run("engine", "--help")
        #expect(engines.code == 0 && engines.output.contains("setup") && !engines.output.contains("bundled  "))
        #expect(!help.output.contains("Train in a run folder") && !engines.output.contains("Train in a run folder"))
    }

    @Test("a plan for a case that is not to be trained is refused by the gate")
    func gate() async throws {
        let result = try await HoneBinary.run("plan", "examples/price-desk", "-o", "-")
        #expect(result.code == 3 && result.talk.contains("rag"))
        #expect(result.output.isEmpty)
    }

    @Test("a plan that does not fit is refused with what would make it fit", .enabled(if: HoneBinary.hasPracticeModel))
    func doesNotFit() async throws {
        let text = plan(extra: "  memory_limit: 40 MiB").replacing("micro_batch: 2", with: "micro_batch: 64")
        try await withEmptyFolder { folder in
            try text.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let result = try await HoneBinary.run("check", folder + "/plan.yaml", "--json")
            #expect(result.code == 4 && result.output.contains("\"does_not_fit\""))
            #expect(result.talk.contains("hint: set `training.micro_batch"))
        }
    }
}

extension Data {
    /// Every occurrence in the header, which keeps its length.
    fileprivate func replacing(_ text: String, with other: String) -> Data {
        var copy = self
        var from = copy.startIndex
        while let found = copy.range(of: Data(text.utf8), in: from..<copy.endIndex) {
            copy.replaceSubrange(found, with: Data(other.utf8))
            from = found.upperBound
        }
        return copy
    }
}
