import Foundation
import JSONText
import Testing

/// Ten short steps on forty rows, without a validation split.
private let unwatched = """
    version: 2
    model: practice-3m
    method:
      kind: lora
      rank: 2
    data:
      paths: [rows.jsonl]
      split: {validation: 0, test: 0.1}
    training:
      max_length: 64
      micro_batch: 2
      max_steps: 10
      learning_rate: 0.001
      warmup_steps: 1
    """

private func withRows(_ body: (String) async throws -> Void) async throws {
    try await withEmptyFolder { folder in
        let rows = (1...40).map {
            #"{"messages": [{"role": "user", "content": "count to \#($0)"}, {"role": "assistant", "content": "done \#($0)"}]}"#
        }
        try (rows.joined(separator: "\n") + "\n").write(
            toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
        try unwatched.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
        try await body(folder)
    }
}

@Suite("hone plan and hone init", .enabled(if: HoneBinary.hasPracticeModel))
struct PlanCommandTests {
    @Test("a red lint is shown with its line, stops training, and is taken on with a reason that stays in the run")
    func redLint() async throws {
        try await withRows { folder in
            let checked = try await HoneBinary.run("plan", "--check", "plan.yaml", in: folder)
            #expect(checked.code == 3 && checked.output.contains("plan.yaml:8:23"))
            #expect(checked.output.contains("No validation rows") && checked.output.contains("lint.no-validation"))
            let json = try JSONValue.parse(
                try await HoneBinary.run("plan", "--check", "plan.yaml", "--json", in: folder).output)
            #expect(json["verdict"]?.stringValue == "red" && json["findings"]?[0]?["line"]?.intValue == 8)
            let stopped = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(stopped.code == 3 && stopped.talk.contains("--accept no-validation"))
            let trained = try await HoneBinary.run(
                "train", "plan.yaml", "--accept", "no-validation", "--because", "steps are known", in: folder)
            #expect(trained.code == 0, "\(trained.talk)")
            let run = trained.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let kept = try String(contentsOfFile: folder + "/" + run + "/plan.yaml", encoding: .utf8)
            #expect(kept.contains("no-validation: steps are known"))
            let trail = try String(contentsOfFile: folder + "/" + run + "/trail.jsonl", encoding: .utf8)
            #expect(trail.contains("lint.no-validation") && trail.contains("steps are known"))
        }
    }

    @Test("a generated plan says what its test rows can show, names a rule behind every value, and changes by --set")
    func generated() async throws {
        try await withRows { folder in
            let made = try await HoneBinary.run("plan", "--data", "rows.jsonl", "-o", "made.yaml", in: folder)
            #expect(made.code == 0 && made.talk.contains("test rows show differences of"))
            #expect(made.talk.contains("in 5 folds"))
            let text = try String(contentsOfFile: folder + "/made.yaml", encoding: .utf8)
            for line in text.split(separator: "\n") where line.contains(": ") && !line.hasPrefix("#") {
                #expect(line.contains("  # "), "\(line)")
            }
            let changed = try await HoneBinary.run(
                "plan", "made.yaml", "--set", "learning_rate=1e-4", "-o", "mine.yaml", in: folder)
            #expect(changed.code == 0, "\(changed.talk)")
            let difference = try await HoneBinary.run("plan", "--diff", "made.yaml", "mine.yaml", in: folder)
            #expect(
                difference.output.contains("training.learning_rate") && difference.output.contains("(you; before: "))
            let why = try await HoneBinary.run("plan", "mine.yaml", "--explain", "learning_rate", in: folder)
            #expect(why.output.contains("set by you; before: 0.0003 by learning_rate#full-tiny"))
            let wrong = try await HoneBinary.run("plan", "mine.yaml", "--explain", "learning_rat", in: folder)
            #expect(wrong.code == 2 && wrong.talk.contains("did you mean `training.learning_rate`?"))
            let rendered = try await HoneBinary.run("plan", "mine.yaml", "--render", in: folder)
            #expect(rendered.output.contains("learning_rate: 0.0001"))
            try "\n".write(toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
            let rows = #"{"prompt": "other", "completion": "rows"}"# + "\n"
            try String(repeating: rows, count: 40).write(
                toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
            let stale = try await HoneBinary.run("plan", "--check", "mine.yaml", in: folder)
            #expect(stale.code == 3 && stale.output.contains("data.fingerprint"))
        }
    }

    @Test("bad plans are refused with file, line, cause and hint")
    func badPlans() async throws {
        try await withRows { folder in
            func refused(_ edit: (String) -> String, _ words: String..., code: Int32 = 2) async throws {
                try edit(unwatched).write(toFile: folder + "/bad.yaml", atomically: false, encoding: .utf8)
                let result = try await HoneBinary.run("plan", "--check", "bad.yaml", in: folder)
                #expect(result.code == code, "\(result.talk)")
                for word in words + ["hint:"] { #expect(result.talk.contains(word), "\(word) in \(result.talk)") }
            }
            try await refused({ $0.replacing("test: 0.1", with: "tests: 0.1") }, "bad.yaml:8:", "did you mean `test`?")
            try await refused({ $0.replacing("rank: 2", with: "rank: two") }, "bad.yaml:5:9", "whole number")
            try await refused(
                { $0.replacing("kind: lora", with: "kind: loar") }, "bad.yaml:4:9", "did you mean `lora`?")
            try await refused({ $0 + "\n  epochs: 2" }, "epochs", "keep one of the two")
            try await refused(
                { $0.replacing("kind: lora\n  rank: 2", with: "kind: full\n  quantization: {type: nf4}") }, "qlora")
            try await refused({ $0.replacing("0.001", with: "7") }, "bad.yaml:13:18", "up to 1")
            try await refused(
                { $0.replacing("[rows.jsonl]", with: "[gone.jsonl]") }, "bad.yaml:7:10", "gone.jsonl", code: 1)
            try await refused({ $0 + "\noverrides: {no-validatoin: x}" }, "did you mean `no-validation`?")
            try await refused({ $0 + "\n  early_stopping_metric: exact_mach" }, "did you mean `exact_match`?")
            try await refused(
                { $0.replacing("practice-3m", with: "qwen2.5-0.5b-instruct") }, "Apache-2.0", "hf download", code: 1)
            let old = try await { () in
                try unwatched.replacing("version: 2", with: "version: 1").write(
                    toFile: folder + "/bad.yaml", atomically: false, encoding: .utf8)
                return try await HoneBinary.run("plan", "bad.yaml", "--render", in: folder)
            }()
            #expect(old.code == 0 && old.talk.contains("note: bad.yaml has version 1"))
        }
    }

    @Test("hone init makes a folder, asks six questions and names the next command")
    func project() async throws {
        try await withRows { folder in
            let made = try await HoneBinary.shell(
                "printf 'falls_short\\nnone\\nyes\\n5000\\nyes\\nyes\\n' | $HONE init rows.jsonl case", in: folder)
            #expect(made.code == 0, "\(made.talk)")
            #expect(made.talk.components(separatedBy: "why I ask:").count == 7)
            #expect(made.output.contains("first verdict: ") && made.talk.contains("next: hone "))
            let answers = try String(contentsOfFile: folder + "/case/answers.yaml", encoding: .utf8)
            #expect(answers.contains("traffic.requests_per_day: 5000"))
            #expect(FileManager.default.fileExists(atPath: folder + "/case/data.jsonl"))
            let again = try await HoneBinary.run("init", "rows.jsonl", "case", in: folder)
            #expect(again.code == 2 && again.talk.contains("hint:"))
        }
    }

    @Test("the schema of the plan file is JSON with every section")
    func schema() async throws {
        let schema = try JSONValue.parse(try await HoneBinary.run("plan", "--schema").output)
        #expect(schema["properties"]?["training"]?["properties"]?["learning_rate"]?["maximum"]?.doubleValue == 1)
    }
}
