import Foundation
import Testing

/// A plan that is right except for what a test puts into it.
private func plan(model: String = "practice-3m", data: String = "examples/task-api/data.jsonl", extra: String = "") -> String {
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
        try await check(plan(extra: "  learning_rat: 3"), 2, "plan.yaml:10:3", "learning_rat", "did you mean `learning_rate`?")
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

    @Test("wrong usage of the command line exits 2 and points at the help")
    func usage() async throws {
        let unknown = try await HoneBinary.run("trian")
        #expect(unknown.code == 2 && unknown.talk.contains("hint: "))
        let missing = try await HoneBinary.run("train")
        #expect(missing.code == 2 && missing.talk.contains("--resume"))
        let help = try await HoneBinary.run("--help")
        #expect(help.code == 0 && help.output.contains("train") && !help.output.contains("engine"))
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
