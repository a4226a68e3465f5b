import Foundation
import Testing

/// Two hundred rows of the example, and a plan that trains on them; `more` are further lines of the plan.
func withTRLCase(
    batching: String = "micro_batch: 4", steps: Int = 50, _ body: (String) async throws -> Void
) async throws {
    try await withEmptyFolder { folder in
        let rows = try String(contentsOfFile: HoneBinary.home + "/examples/task-api/data.jsonl", encoding: .utf8)
            .split(separator: "\n").prefix(200)
        try (rows.joined(separator: "\n") + "\n").write(
            toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
        let plan = """
            version: 2
            model: practice-3m
            method: {kind: lora, rank: 8}
            data:
              paths: [rows.jsonl]
              general_mix: {source: bundled, share: 0.2}
            training:
              max_steps: \(steps)
              learning_rate: 0.001
              \(batching)
              gradient_accumulation_steps: 2
              max_length: 128
              warmup_steps: \(min(5, steps / 4))
              schedule: cosine
              weight_decay: 0.01
              eval_every: 25
              save_every: 10
              threads: 2
            output: runs
            """
        try plan.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
        let made = try await HoneBinary.run("plan", "plan.yaml", "--engine", "trl", "-o", "trl.yaml", in: folder)
        #expect(made.code == 0, "\(made.talk)")
        try await body(folder)
    }
}
