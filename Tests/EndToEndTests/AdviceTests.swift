import Foundation
import JSONText
import Testing

@Suite("Advice at the command line")
struct AdviceTests {
    private static let pages = ["support-json", "internal-policies", "brand-voice", "medical-triage"]

    @Test("each first page gives its decision as a page to sign, with sources and alternatives", arguments: pages)
    func papers(page: String) async throws {
        try await withEmptyFolder { folder in
            let answers = HoneBinary.home + "/examples/\(page)/answers.yaml"
            let result = try await HoneBinary.run("advise", "--answers", answers, "--paper", folder + "/paper.md")
            #expect(result.code == 0, "\(result.talk)")
            let paper = try String(contentsOfFile: folder + "/paper.md", encoding: .utf8)
            for part in [
                "## Why", "## What it rests on", "## The alternatives", "## What would change it", "Wrong when:",
            ] {
                #expect(paper.contains(part), "\(page) lacks \(part)")
            }
            let kept = try String(contentsOfFile: HoneBinary.home + "/reports/decisions/\(page).md", encoding: .utf8)
            #expect(Self.body(paper, page) == Self.body(kept, page))
        }
    }

    /// What does not change with the day and the rule book: a listed price grows old.
    private static func body(_ paper: String, _ name: String) -> String {
        let lines = paper.replacing("paper-cost", with: name + "-cost").split(separator: "\n")
        return lines.prefix { !$0.hasPrefix("Next:") }.filter { !$0.hasPrefix("Before it saves") }.joined(
            separator: "\n")
    }

    @Test("eighty columns are enough, and nothing needs colour", arguments: pages)
    func width(page: String) async throws {
        let result = try await HoneBinary.run("advise", "--answers", "examples/\(page)/answers.yaml", "--trace")
        #expect(!result.output.contains("\u{1B}"))
        for line in result.output.split(separator: "\n").dropLast() { #expect(line.count <= 80, "\(line)") }
    }

    @Test("an undecided case asks its questions in words, with where answers lead, and exits 5")
    func undecided() async throws {
        let settings = ["advise", "--set", "task.kind=tool_use"]
        let text = try await HoneBinary.run(settings[0], settings[1], settings[2])
        #expect(text.code == 5 && text.output.contains("Questions that would decide it"))
        #expect(text.output.contains("Which facts does a good answer depend on?"))
        let json = try await HoneBinary.run(settings[0], settings[1], settings[2], "--json")
        let questions = try #require(try JSONValue.parse(json.output)["questions"]?.arrayValue)
        #expect(json.code == 5 && !questions.isEmpty)
        #expect(
            questions.allSatisfy {
                $0["ask"]?.stringValue?.isEmpty == false && $0["answers"]?.arrayValue?.isEmpty == false
            })
    }

    @Test("without a terminal nothing is asked: what is missing is printed")
    func piped() async throws {
        let result = try await HoneBinary.shell("\"$HONE\" advise </dev/null", in: HoneBinary.home)
        #expect(result.code == 5 && result.output.contains("prompting.result"))
    }

    @Test("the interview takes back an answer, explains itself, and names answers that contradict each other")
    func interview() async throws {
        let typed = "2\\nback\\nwhy\\nnonsense\\nnone\\n"
        try await withEmptyFolder { folder in
            let result = try await HoneBinary.shell(
                "printf '\(typed)' | \"$HONE\" advise --ask --set task.needs=facts --save answers.yaml --json",
                in: folder)
            #expect(result.talk.contains("why I ask: ") && result.talk.contains("for example: "))
            #expect(result.talk.contains("so far: ") && result.talk.contains("source: "))
            #expect(result.talk.contains("`nonsense` is not a value of"))
            #expect(result.talk.contains("these answers contradict each other"))
            let saved = try String(contentsOfFile: folder + "/answers.yaml", encoding: .utf8)
            #expect(saved.contains("knowledge.need: none") && saved.contains("task.needs: [facts]"))
        }
    }

    @Test("data that says otherwise is named, and counts")
    func disagreement() async throws {
        let result = try await HoneBinary.run(
            "advise", "--answers", "examples/task-api/answers.yaml", "--set", "data.examples=90000", "--data",
            "examples/task-api/data.jsonl")
        #expect(result.output.contains("data.examples: you said 90000, the data says"))
    }

    @Test("an overlay changes the decision and is named beside it; safety asks for a reason")
    func overlay() async throws {
        try await withEmptyFolder { folder in
            func write(_ text: String) throws {
                try ("overlay: ACME rules\n" + text).write(
                    toFile: folder + "/overlay.yaml", atomically: true, encoding: .utf8)
            }
            try write(
                "changes: [{rule: approach.few-shot-with-almost-no-data, fact: data.examples, to: 80, "
                    + "reason: our texts are long}]"
            )
            let answers = HoneBinary.home + "/examples/brand-voice/answers.yaml"
            let result = try await HoneBinary.run("advise", "--answers", answers, "--overlay", folder, "--json")
            let json = try JSONValue.parse(result.output)
            #expect(json["decided_by"]?[0]?.stringValue == "approach.few-shot-with-almost-no-data")
            #expect(json["overrides"]?[0]?["text"]?.stringValue?.contains("by ACME rules (our texts are long)") == true)
            let text = try await HoneBinary.run("advise", "--answers", answers, "--overlay", folder)
            #expect(
                text.output.contains("Changed by your organisation's overlay")
                    && text.output.contains("changed by overlay"))
            let diff = try await HoneBinary.run("rules", "diff", "rules", folder)
            #expect(diff.code == 0 && diff.output.contains("cases come out differently"))
            let lint = try await HoneBinary.run("rules", "lint", "--overlay", folder)
            #expect(lint.code == 0, "\(lint.output)")

            try write("retire: [{rule: training-allowed.healthcare-needs-every-example-reviewed}]")
            let refused = try await HoneBinary.run("advise", "--answers", answers, "--overlay", folder)
            #expect(
                refused.code == 2 && refused.talk.contains("overlay.yaml:2:10")
                    && refused.talk.contains("without a written reason"))
            #expect(refused.talk.contains("\n\nhint: "))
        }
    }

    @Test("a run under an overlay says in its report what the overlay changed, and its next command repeats it")
    func overlayInRun() async throws {
        try await withEmptyFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/acme", withIntermediateDirectories: true)
            let change = "{rule: size-band.too-few, fact: data.examples, to: 40, reason: our texts are long}"
            try "overlay: ACME rules\nchanges: [\(change)]\n".write(
                toFile: folder + "/acme/overlay.yaml", atomically: true, encoding: .utf8)
            try FileManager.default.copyItem(
                atPath: HoneBinary.home + "/examples/brand-voice", toPath: folder + "/case")
            let result = try await HoneBinary.run("run", "case", "--overlay", "acme", in: folder)
            #expect(result.code == 0 && result.talk.contains("changed by overlay: size-band.too-few"), "\(result.talk)")
            let path = result.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let report = try String(
                contentsOfFile: path.hasPrefix("/") ? path : folder + "/" + path, encoding: .utf8)
            #expect(report.contains("Changed by the organisation") && report.contains("our texts are long"))
            #expect(report.contains("--overlay acme"))
        }
    }

    @Test("the row that a plan cites is shown with its unit, its source and what proves it")
    func row() async throws {
        let row = try await HoneBinary.run("rules", "why", "training_defaults#rank")
        #expect(row.code == 0 && row.output.contains("number: 16") && row.output.contains("Proven by"), "\(row.talk)")
        #expect(row.output.contains("C38: "))
        let wrong = try await HoneBinary.run("rules", "why", "training_defaults#ranc")
        #expect(wrong.code == 2 && wrong.talk.contains("did you mean `training_defaults#rank`?"), "\(wrong.talk)")
    }

    @Test("a form is written, filled in and read back; without data the week's files are written")
    func formAndExperiment() async throws {
        try await withEmptyFolder { folder in
            let written = try await HoneBinary.run("advise", "--form", folder + "/form.md")
            #expect(written.code == 0 && written.talk.contains("hone advise --answers"))
            var text = try String(contentsOfFile: folder + "/form.md", encoding: .utf8)
            for tick in ["style: write in a certain voice", "none: no facts beyond what is in the request"] {
                text = text.replacing("- [ ] " + tick, with: "- [x] " + tick)
            }
            let count = try #require(text.range(of: "`data.examples`"))
            let line = try #require(text.range(of: "Answer:", range: count.upperBound..<text.endIndex))
            text.replaceSubrange(line, with: "Answer: 12")
            try text.write(toFile: folder + "/form.md", atomically: true, encoding: .utf8)
            let result = try await HoneBinary.run(
                "advise", "--answers", folder + "/form.md", "--set", "task.well_defined=yes", "--experiment",
                folder + "/week")
            #expect(result.code == 0 && result.output.contains("verdict few_shot"), "\(result.talk)")
            #expect(result.output.contains("one week to find out"))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/week")
            #expect(Set(files) == ["experiment.md", "prompt.md", "test-sheet.csv", "label.html"])
            let page = try await HoneBinary.run("advise", "--form", folder + "/form.html")
            #expect(page.code == 0)
            let unsaved = try await HoneBinary.run("advise", "--answers", folder + "/form.html")
            #expect(unsaved.code == 2 && unsaved.talk.contains("holds no answers"))
        }
    }

    @Test("unknown facts, values out of range and unknown accelerators are refused with what was meant")
    func badAnswers() async throws {
        for (setting, words) in [
            ("knowledge.ned=none", "did you mean `knowledge.need`?"), ("data.reviewed_share=1.5", "0 to 1"),
            ("hardware.device=rtx4090", "did you mean `rtx-4090`?"), ("task.kind=quatsch", "allowed: "),
        ] {
            let result = try await HoneBinary.run("advise", "--set", setting)
            #expect(result.code == 2 && result.talk.contains(words), "\(result.talk)")
            #expect(result.talk.hasPrefix("error: ") && result.talk.contains("\n\nhint: "))
        }
    }

    @Test("the rule book is sound and covers every item")
    func rules() async throws {
        let lint = try await HoneBinary.run("rules", "lint")
        #expect(lint.code == 0 && lint.output.contains("no problem"), "\(lint.output)")
        let coverage = try await HoneBinary.run("rules", "coverage")
        #expect(coverage.code == 0 && coverage.output.contains("301 items"), "\(coverage.output.suffix(2000))")
        #expect(coverage.output.contains("(case: "))
    }
}
