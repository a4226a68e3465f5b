import Evaluation
import FileStore
import Foundation
import FoundationXML
import JSONText
import Plan
import Registry
import Testing

@testable import Publishing

@Suite("Report")
struct ReportTests {
    let templates: ReportTemplates

    init() throws { templates = try ReportFixture.templates() }

    @Test("equal inputs give equal bytes")
    func reproducible() throws {
        let one = try Report(ReportFixture.trained(), templates), other = try Report(ReportFixture.trained(), templates)
        #expect(one.files == other.files)
        try ReportPreview.write(one, named: "trained")
        try ReportPreview.write(Report(ReportFixture.decided(), templates), named: "decided")
    }

    @Test("a report made from the run folder is the report made in memory")
    func fromFolder() throws {
        var input = try ReportFixture.trained()
        let store = FileStore(), folder = RunFolder(path: NSTemporaryDirectory() + "hone-report-\(UUID())/run")
        defer { try? FileManager.default.removeItem(atPath: FileStore.folder(of: folder.path)) }
        try store.createFolder(folder.path)
        try store.write(input.run.json.text(), to: folder.manifest)
        try store.write(#"{"verdict": "sft", "confidence": "by_rule"}"#, to: folder.decision)
        try store.write(input.answers.map { "\($0.fact): \($0.value)\n" }.joined(), to: folder.answers)
        try #require(input.evaluation).write(to: folder, store)
        (input.decision, input.audit, input.check, input.plan) = (
            DecisionRecord(json: ["verdict": "sft", "confidence": "by_rule"]), nil, nil, nil
        )
        input.events = EventLog()
        let again = try ReportInput(folder: folder, store)
        #expect(again.evaluation == input.evaluation)
        #expect(try Report(again, templates).files == Report(input, templates).files)
    }

    @Test("the target the team named stands beside what was reached, and decides the headline")
    func target() throws {
        var input = try ReportFixture.trained()
        func text(_ target: String) throws -> String {
            input.answers.removeAll { $0.fact.hasPrefix("task.target") || $0.fact == "task.metric" }
            input.answers += [
                .init(fact: "task.metric", value: "exact_match"), .init(fact: "task.target", value: target),
            ]
            return try #require(Report(input, templates).files.first { $0.name == "report.md" }).text
        }
        let reached = try text("0.5"), missed = try text("99.9")
        #expect(reached.contains("**reached**") && reached.contains("Fine-tuning worked"))
        #expect(missed.contains("**not reached**") && missed.contains("the target was missed"))
    }

    @Test("what the decision asks for and the run did is not still to do")
    func followUps() throws {
        var input = try ReportFixture.trained()
        input.decision?.followUps = ["monitoring", "forgetting_probe"]
        let text = try #require(Report(input, templates).files.first { $0.name == "report.md" }).text
        #expect(text.contains("- Still to do: Monitoring in production"))
        #expect(text.contains("- Done in this run: Questions outside the task"))
        input.evaluation?.probe = nil
        let unasked = try #require(Report(input, templates).files.first { $0.name == "report.md" }).text
        #expect(unasked.contains("- Still to do: Questions outside the task"))
    }

    @Test("a trial without a verdict is not reported as a verdict")
    func trial() throws {
        var input = try ReportFixture.trained()
        input.decision = DecisionRecord(json: ["verdict": "undecided", "confidence": "contested"])
        let text = try #require(Report(input, templates).files.first { $0.name == "report.md" }).text
        #expect(text.contains("**Not decided.") && text.contains("a trial fine-tune shows"))
        #expect(!text.contains("Fine-tuning worked"))
    }

    @Test("a folder that is no run, and a broken record, are errors with their place")
    func brokenFolders() throws {
        let store = FileStore(), folder = RunFolder(path: NSTemporaryDirectory() + "hone-report-\(UUID())")
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        #expect(throws: ReportError.notARun(folder: folder.path)) { try ReportInput(folder: folder, store) }
        try store.createFolder(folder.path)
        try store.write(ReportFixture.decided().run.json.text(), to: folder.manifest)
        try store.write("{", to: folder.audit)
        #expect(throws: ReportError.self) { try ReportInput(folder: folder, store) }
    }

    @Test("text of users and models can forge neither headings nor cells nor HTML nor hidden direction")
    func hostileText() throws {
        var input = try ReportFixture.trained(items: 20)
        input.answers[0].value = "# Title | <script>alert(1)</script> `x` [a](http://b) \u{202E}abc\u{200B}\n## forged"
        input.run.model = "model|with`ticks`<b>"
        let page = try #require(Report(input, templates).files.first).text
        #expect(!page.contains("<script>"))
        #expect(!page.contains("\n## forged"))
        #expect(!page.contains("\u{202E}") && !page.contains("\u{200B}"))
        #expect(page.contains("⟨U+202E⟩"))
        // The model's output holds a forged heading; it may stand inside a fence only.
        var isFenced = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isFenced.toggle() }
            #expect(isFenced || !line.hasPrefix("# forged"))
        }
    }

    @Test("every picture is well-formed, has a title and a description, and every table row has its columns")
    func wellFormed() throws {
        for file in try Report(ReportFixture.trained(), templates).files where file.name.hasSuffix(".svg") {
            #expect(XMLParser(data: Data(file.text.utf8)).parse(), "\(file.name)")
            #expect(file.text.contains("<title id=\"title\">") && file.text.contains("<desc id=\"summary\">"))
        }
        for input in [try ReportFixture.trained(), try ReportFixture.decided()] {
            let page = try #require(Report(input, templates).files.first).text
            var columns: Int?
            for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
                guard line.hasPrefix("|") else {
                    columns = nil
                    continue
                }
                let count = line.replacing("\\|", with: "").count { $0 == "|" }
                #expect(count == columns ?? count, "\(line)")
                columns = count
            }
            #expect(!page.contains("{{") && !page.contains("Optional("))
        }
    }

    @Test("a run with nothing but a manifest still has a report")
    func almostEmpty() throws {
        let input = ReportInput(run: try ReportFixture.decided().run)
        let report = try Report(input, templates)
        #expect(report.files.map(\.name) == ["report.md", "report.html", "attestation.json"])
        #expect(report.files[0].text.contains("What was not measured"))
    }
}

@Suite("Figures")
struct FigureTests {
    @Test("numbers read as people write them")
    func figures() {
        #expect(Figure.count(1_234_567) == "1,234,567")
        #expect(Figure.count(1_005) == "1,005")
        #expect(Figure.percent(0.9266) == "92.7 %")
        #expect(Figure.points(-0.025) == "−2.5 points")
        #expect(Figure.points(0.00001) == "±0.0 points")
        #expect(Figure.duration(101.5) == "1 min 42 s")
        #expect(Figure.duration(7199) == "2 h")
        #expect(Figure.bytes(431_000_000) == "411 MiB")
        #expect(Figure.fixed(0.005, digits: 3) == "0.005")
        #expect(Figure.fixed(-0.0004, digits: 3) == "0.000")
        #expect(Figure.plain(0.0000312) == "3.1e-05")
        #expect(Figure.probability(0.0000001) == "p < 0.0001")
        #expect(Figure.fixed(.nan, digits: 1) == "–")
    }
}

/// Leaves reports where a person can look at them: `HONE_REPORT_PREVIEW=folder`.
enum ReportPreview {
    static func write(_ report: Report, named name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["HONE_REPORT_PREVIEW"] else { return }
        try report.write(to: folder + "/" + name, FileStore())
    }
}
