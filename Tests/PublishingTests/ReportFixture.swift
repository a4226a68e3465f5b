import Evaluation
import Foundation
import JSONText
import Plan
import Registry

@testable import Publishing

/// A run as hone would have recorded it, made up of plain arithmetic.
enum ReportFixture {
    static func templates() throws -> ReportTemplates {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "templates/report")
        var texts: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        where file.pathExtension == "mustache" {
            texts[file.deletingPathExtension().lastPathComponent] = try String(contentsOf: file, encoding: .utf8)
        }
        let words = try String(contentsOf: root.appending(path: "words.yaml"), encoding: .utf8)
        return try ReportTemplates(texts: texts, words: Words(yaml: words, file: "words.yaml"))
    }

    static func decided(verdict: String = "rag") throws -> ReportInput {
        var run = RunManifest(
            id: "20261121-114501-price-desk", createdAt: "2026-11-21T11:45:01Z", honeVersion: "0.1.0", status: .decided)
        run.verdict = verdict
        run.command = "hone run examples/price-desk"
        var input = ReportInput(run: run)
        input.answers = [
            .init(fact: "task.summary", value: "Tell trade customers what things cost today"),
            .init(fact: "task.kind", value: "qa"), .init(fact: "knowledge.need", value: "changing"),
        ]
        input.decision = DecisionRecord(json: try JSONValue.parse(decision(verdict)))
        var audit = AuditRecord(read: 412, kept: 409)
        audit.dropped = [.init(name: "not_json", count: 1), .init(name: "no_answer", count: 2)]
        input.audit = audit
        input.deliverables = [.init(file: "retrieval.md", text: "…")]
        return input
    }

    static func trained(items count: Int = 150) throws -> ReportInput {
        var input = try decided(verdict: "sft")
        input.run.isPracticeModel = true
        input.run.model = "hone-base-3m"
        input.run.machine = ["processor": "AMD EPYC 9R14", "threads": "2", "memory": "24 GiB"]
        input.run.seconds = ["audit": 0.4, "train": 101.5, "evaluate": 34.2]
        input.run.fingerprints = [
            "data": String(repeating: "3f", count: 32), "model": String(repeating: "a1", count: 32),
        ]
        input.answers[0].value = "Turn requests to a task manager into strict JSON"
        input.answers.append(.init(fact: "task.target", value: "0.85"))
        var audit = AuditRecord(read: 1512, kept: 1500)
        audit.dropped = [.init(name: "exact_duplicate", count: 9), .init(name: "too_long", count: 3)]
        audit.splits = [
            .init(name: "train", count: 1200), .init(name: "validation", count: 150), .init(name: "test", count: 150),
        ]
        audit.effectiveExamples = 1431
        audit.findings = [
            .init(
                id: "near_duplicates", title: "Rows that are nearly copies", severity: "warning", count: 57,
                share: 0.038, fix: "keep one of each group")
        ]
        input.audit = audit
        input.events = events()
        var check = CheckRecord(verdict: "fits")
        check.p50Bytes = 380 << 20
        check.p95Bytes = 450 << 20
        check.hours = 0.03
        input.check = check
        input.plan = try plan()
        input.evaluation = evaluation(items: count)
        input.deliverables = []
        return input
    }

    private static func decision(_ verdict: String) -> String {
        """
        {"verdict": "\(verdict)", "with": \(verdict == "sft" ? "[]" : #"["few_shot"]"#),
         "method": \(verdict == "sft" ? "\"lora\"" : "null"), "venue": \(verdict == "sft" ? "\"own\"" : "null"),
         "confidence": "by_rule",
         "decided_by": ["approach.rag-when-facts-change-or-are-private"],
         "options": [
           {"verdict": "\(verdict)", "rank": 1, "for": ["Facts that change or are private are retrieved, not trained in"], "against": []},
           {"verdict": "prompting", "rank": 2, "for": ["Few examples are at hand"], "against": ["A prompt was tried and falls short"]},
           {"verdict": "few_shot", "rank": 3, "for": [], "against": ["The prompt is long already"]}],
         "reasons": [
           {"rule": "approach.rag-when-facts-change-or-are-private", "text": "Facts that change or are private are retrieved, not trained in", "source": "sft-fundamentals", "where": "A11, A17", "origin": "answered", "model": null},
           {"rule": "approach.output-form", "text": "The form of the answers is fixed & simple | mostly", "source": "what-is-sft", "where": "B8", "origin": "measured", "model": "hone-base-3m"}],
         "flips": [{"change": {"knowledge.need": "stable"}, "verdict": "few_shot"}],
         "unknown": ["traffic.requests_per_day", "latency.sensitive"], "follow_ups": ["human_review", "monitoring"],
         "dissent": [{"rule": "x", "source": "What is SFT, D3", "says": "SFT can raise factuality in a domain"}], "next": "hone run examples/price-desk"}
        """
    }

    private static func events() -> EventLog {
        var lines = [
            #"{"time":"2026-11-21T11:46:00.000Z","event":"started","engine":"bundled","total_steps":150,"trainable_parameters":313344,"train_examples":1200,"validation_examples":150,"threads":2,"instruction_set":"avx512"}"#
        ]
        for step in 1...150 {
            let wave = Double((step * 37) % 17) / 17 - 0.5
            let loss = 0.08 + 3.1 / (1 + Double(step) / 9) + wave * 0.12
            lines.append(
                #"{"time":"2026-11-21T11:47:00.000Z","event":"step","global_step":\#(step),"epoch":\#(Double(step) / 75),"loss":\#(loss),"learning_rate":0.001,"grad_norm":1.1,"tokens":2048,"target_tokens":700,"tokens_per_second":3050,"peak_rss_bytes":431000000}"#
            )
            if step % 15 == 0 {
                let held = 0.11 + 3.2 / (1 + Double(step) / 9) + (step > 120 ? 0.06 : 0)
                lines.append(
                    #"{"time":"2026-11-21T11:47:00.000Z","event":"eval","global_step":\#(step),"loss":\#(held),"perplexity":\#(1 + held)}"#
                )
            }
        }
        lines.append(
            #"{"time":"2026-11-21T11:47:00.000Z","event":"finished","reason":"completed","global_step":150,"seconds":101.5,"peak_rss_bytes":431000000}"#
        )
        return EventLog(lines.joined(separator: "\n"))
    }

    private static func plan() throws -> RunPlan {
        let yaml = """
            version: 1
            model: models/base
            method:
              kind: lora
              rank: 16  # 16 by defaults.rank: enough for one task | format
            data:
              paths: [examples/task-api/data.jsonl]
            training:
              learning_rate: 0.002  # 0.002 by defaults.learning-rate: small models take larger steps
              epochs: 2  # you
            """
        return try RunPlan(yaml: yaml, file: "plan.yaml")
    }

    private static func evaluation(items count: Int) -> EvaluationResult {
        let expected = (1...count).map { #"{"action":"create","task":{"title":"item \#($0)","due":null}}"# }
        let metrics = MetricSet.suiting(expected: expected)
        let scoring = ItemScoring(metrics: metrics.all, expected: expected)
        func arm(_ name: String, _ kind: Arm.Kind, _ answer: (Int, String) -> String) -> ArmResult {
            let items = expected.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: "please add item \(place + 1) <b>`to`</b> my list | now", expected: text,
                    output: answer(place, text), finish: .stop, promptTokens: 40, outputTokens: 21,
                    loss: TokenLoss(sum: kind == .base ? 70 : 2, tokens: 20, bytes: text.utf8.count),
                    group: "g\(place / 2)")
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "hone-base-3m", isPracticeModel: true), items: items,
                scoring: scoring, seconds: 17)
        }
        let base = arm("base", .base) { place, _ in
            place % 40 == 3 ? "{}" : "I have added it to your list.\n# forged heading"
        }
        let tuned = arm("tuned", .tuned) { place, text in
            place % 14 == 5 ? text.replacing("create", with: "update") : text
        }
        func probe(_ name: String, _ kind: Arm.Kind, wrongEvery: Int) -> ArmResult {
            let items = (1...200).map { number in
                ItemResult(
                    line: number, prompt: "What is the capital of country \(number)?", expected: "City \(number)",
                    output: number % wrongEvery == 0 ? "Atlantis" : "City \(number)", finish: .stop)
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: "hone-base-3m", isPracticeModel: true), items: items,
                scoring: ItemScoring(metrics: [ProbeResult.metric], expected: []))
        }
        let before = probe("base", .base, wrongEvery: 7), after = probe("tuned", .tuned, wrongEvery: 6)
        return EvaluationResult(
            split: "test", metrics: metrics, decoding: .init(maxNewTokens: 128, batchSize: 16), arms: [base, tuned],
            probe: ProbeResult(arms: [before, after]))
    }
}
