import Foundation
import JSONText
import Testing

@Suite("hone audit and hone encode from the outside")
struct AuditCommandTests {
    static let data = HoneBinary.home + "/examples/task-api/data.jsonl"

    @Test("A file, a pipe and a compressed file give the same answer")
    func pipes() async throws {
        try await withEmptyFolder { folder in
            let script = """
                cp \(Self.data) rows.jsonl && gzip -k rows.jsonl
                $HONE audit rows.jsonl --json > file.json
                cat rows.jsonl | $HONE audit - --json > pipe.json
                $HONE audit - --json < rows.jsonl > redirected.json
                cat rows.jsonl.gz | $HONE audit - --json > packed.json
                for f in pipe redirected packed; do
                  diff <(grep -v path file.json) <(grep -v path $f.json) || exit 1
                done
                """
            let result = try await HoneBinary.shell(script, in: folder)
            #expect(result.code == 0, "\(result.output)\(result.talk)")
        }
    }

    @Test(
        "A finding at the level of an error stops training with exit code 3 until a person takes it on",
        .enabled(if: HoneBinary.hasPracticeModel))
    func gate() async throws {
        try await withEmptyFolder { folder in
            var rows = try String(contentsOfFile: Self.data, encoding: .utf8).split(separator: "\n").prefix(60).map(
                String.init)
            rows[7] = #"{"prompt":"Use AKIAIOSFODNN7EXAMPLE for it","completion":"I will use that key."}"#
            try rows.joined(separator: "\n").write(toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
            let plan = """
                version: 1
                model: practice-3m
                method: {kind: lora, rank: 4}
                data:
                  paths: [rows.jsonl]
                training:
                  max_steps: 1
                  learning_rate: 0.001
                  micro_batch: 2
                """
            try plan.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            let refused = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(refused.code == 3 && refused.talk.contains("secrets"), "\(refused.talk)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))

            let unknown = try await HoneBinary.run(
                "audit", "rows.jsonl", "--accept", "leaks", "--because", "x", in: folder)
            #expect(unknown.code == 2 && unknown.talk.contains("secrets"))
            let accepted = try await HoneBinary.run(
                "audit", "--plan", "plan.yaml", "--accept", "secrets", "--because", "a key from the manual", in: folder)
            #expect(accepted.code == 0, "\(accepted.talk)")
            #expect(accepted.output.contains("accepted: a key from the manual"))

            let trained = try await HoneBinary.run("train", "plan.yaml", in: folder)
            #expect(trained.code == 0, "\(trained.talk)")
            let run = trained.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let audit = try String(
                contentsOfFile: (run.hasPrefix("/") ? "" : folder + "/") + run + "/audit.json", encoding: .utf8)
            #expect(audit.contains("a key from the manual"))
        }
    }

    @Test("Rows are shown token by token, with what is learnt", .enabled(if: HoneBinary.hasPracticeModel))
    func encode() async throws {
        try await withEmptyFolder { folder in
            _ = try await HoneBinary.shell("head -2 \(Self.data) > data.jsonl", in: folder)
            let shown = try await HoneBinary.run(
                "encode", "data.jsonl", "--model", "practice-3m", "--show", "1", "--tokens", in: folder)
            let json = try await HoneBinary.run("encode", "data.jsonl", "--model", "practice-3m", in: folder)
            let row = try JSONValue.parse(String(try #require(json.output.split(separator: "\n").first)))
            let ids = try #require(row["input_ids"]?.arrayValue)
            let lines = shown.output.split(separator: "\n").dropFirst()
            #expect(lines.count == ids.count)
            #expect(lines.count { $0.contains("▮") } == row["loss_mask"]?.arrayValue?.count { $0.intValue == 1 })
            let page = try await HoneBinary.run(
                "encode", "data.jsonl", "--model", "practice-3m", "--show", "2", "--html", "page.html", in: folder)
            #expect(page.code == 0, "\(page.talk)")
            let html = try String(contentsOfFile: folder + "/page.html", encoding: .utf8)
            #expect(html.contains(#"class="learnt""#) && html.contains("data.jsonl:2"))
        }
    }
}
