import Evaluation
import FileStore
import Foundation
import FoundationXML
import JSONText
import Registry
import Testing

@testable import Publishing

@Suite("The report as one file, and what it attests")
struct ReportDocumentTests {
    let templates: ReportTemplates

    init() throws { templates = try ReportFixture.templates() }

    private func text(_ report: Report, _ name: String) throws -> String {
        try #require(report.files.first { $0.name == name }).text
    }

    @Test("one file holds everything, asks nobody for anything, and its pictures follow light and dark")
    func selfContained() throws {
        let report = try Report(ReportFixture.trained(), templates), html = try text(report, "report.html")
        for call in ["<script", "<img", "<link", "src=", "url(", "@import", "<picture"] {
            #expect(!html.contains(call), "\(call)")
        }
        #expect(html.contains("<svg class=\"chart\"") && html.contains("var(--chart-text)"))
        #expect(html.contains("prefers-color-scheme: dark") && html.contains("@media print"))
        #expect(html.contains("What remains") && html.contains("id=\"part-glossary\""))
        for colour in Colour.allCases {
            #expect(html.components(separatedBy: "--chart-\(colour.rawValue):").count == 3)
        }
        let anchors = html.matches(of: #/href="#([^"]+)"/#).map { String($0.output.1) }
        #expect(!anchors.isEmpty)
        for anchor in anchors { #expect(html.contains("id=\"\(anchor)\""), "\(anchor)") }
    }

    @Test("every figure of the Markdown is in the HTML")
    func sameFigures() throws {
        let report = try Report(ReportFixture.trained(), templates)
        let html = try text(report, "report.html").replacing("&quot;", with: "\"")
        for line in try text(report, "report.md").split(separator: "\n") where line.hasPrefix("| ") {
            for figure in line.matches(of: #/[0-9]+\.[0-9]+ %/#) { #expect(html.contains(figure.output)) }
        }
    }

    @Test("the attestation names every file of the report with its SHA-256, and what it was made of")
    func attestation() throws {
        let report = try Report(ReportFixture.trained(), templates)
        let json = try JSONValue.parse(try text(report, "attestation.json"))
        #expect(json["_type"]?.stringValue == "https://in-toto.io/Statement/v1")
        #expect(json["predicateType"]?.stringValue == "https://slsa.dev/provenance/v1")
        let subjects = json["subject"]?.arrayValue ?? []
        for file in report.files where file.name != "attestation.json" {
            let subject = subjects.first { $0["name"]?.stringValue == "report/" + file.name }
            #expect(subject?["digest"]?["sha256"]?.stringValue == Fingerprint(of: file.text).hex, "\(file.name)")
        }
        let definition = json["predicate"]?["buildDefinition"]
        #expect(definition?["externalParameters"] != nil && definition?["resolvedDependencies"]?.arrayValue != nil)
        #expect(json["predicate"]?["runDetails"]?["metadata"]?["invocationId"]?.stringValue?.isEmpty == false)
    }

    @Test("what a script made in place of people is said on the first screen, in the signature and in the verdict")
    func synthetic() throws {
        var input = try ReportFixture.trained()
        input.gates = [GateRecord(id: "g9", title: "A pilot", state: .pass, found: "fine")]
        input.readiness = "ready"
        #expect(!(try text(Report(input, templates), "report.md").contains("ynthetic")))
        input.pilot = PilotResult(
            try PilotFile(#"{"request": "r", "accurate": true, "safe": true, "satisfaction": 5}"#, path: "p"),
            isSynthetic: true)
        input.signatures = [
            SignatureRecord(
                name: "A", role: "R", choice: .approve, because: "x", time: "t", report: "", isSynthetic: true)
        ]
        for name in ["report.md", "report.html"] {
            let page = try text(Report(input, templates), name)
            #expect(page.contains("A demonstration on synthetic evidence."))
            #expect(page.contains("The pilot is synthetic.") && page.contains("The signature is synthetic."))
            #expect(page.contains("READY on synthetic evidence"))
            #expect(
                try #require(page.firstRange(of: "A demonstration")).lowerBound
                    < (page.firstRange(of: "READY on")?.lowerBound ?? page.startIndex))
        }
    }

    @Test("a gate somebody took on says so beside its own state, and never reads as passed")
    func overrides() throws {
        var input = try ReportFixture.trained()
        var gate = GateRecord(id: "g8", title: "Nothing leaks", state: .fail, found: "2 canaries")
        gate.override = .init(name: "Ann <b>|", because: "we `accept` it", time: "2026-11-22", state: .fail)
        input.gates = [gate]
        input.readiness = "promising"
        let page = try text(Report(input, templates), "report.md")
        #expect(page.contains("| FAIL | 2 canaries<br>**Taken on by Ann &lt;b&gt;&#124;**"))
        #expect(!page.contains("Void:"))
        input.gates[0].state = .not_measured
        #expect(try text(Report(input, templates), "report.md").contains("Void:"))
    }

    private func evaluation(
        answers: [String], model: String = "m", _ output: (Int, String) -> String
    ) -> EvaluationResult {
        let metrics = MetricSet.suiting(expected: answers, taskKind: "classification")
        func arm(_ name: String, _ kind: Arm.Kind, _ output: (Int, String) -> String) -> ArmResult {
            let items = answers.enumerated().map { place, text in
                ItemResult(
                    line: place + 1, prompt: "p \(place)", expected: text, output: output(place, text), finish: .stop)
            }
            return ArmResult(
                arm: Arm(name: name, kind: kind, model: model), items: items,
                scoring: ItemScoring(metrics: metrics.all, expected: answers))
        }
        return EvaluationResult(
            split: "test", metrics: metrics, decoding: .init(maxNewTokens: 8, batchSize: 1),
            arms: [arm("base", .base) { _, _ in "" }, arm("tuned", .tuned, output)])
    }

    @Test(
        "all right, all wrong, two hundred labels, a nasty model name and scores that are no numbers all make a report")
    func badInput() throws {
        let name = "evil|<b>`m`\u{202E}\u{200B} שלום"
        let labels = (0..<200).map { "label \($0)" }
        var cases = [
            evaluation(answers: labels, model: name) { _, text in text },
            evaluation(answers: labels, model: name) { _, _ in "wrong" },
            evaluation(answers: ["a", "b", "a", "b"], model: name) { place, text in
                place == 0 ? "<script>x</script>" : text
            },
        ]
        var broken = cases[2]
        broken.arms[1].items[0].scores[broken.metrics.primary] = .nan
        broken.arms[1].figures[broken.metrics.primary]?.value = .nan
        broken.real = broken.arms.map { arm in
            var none = arm
            (none.items, none.figures) = ([], [:])
            return none
        }
        cases.append(broken)
        for result in cases {
            var input = try ReportFixture.trained()
            input.evaluation = result
            input.run.model = name
            let report = try Report(input, templates)
            // In a fence of the Markdown every character stands for itself.
            let html = try text(report, "report.html")
            #expect(!html.contains("<b>") && !html.contains("<script>"))
            for page in [try text(report, "report.md"), html] {
                #expect(!page.lowercased().contains(" nan") && !page.contains("nan %"))
                #expect(!page.unicodeScalars.contains("\u{202E}"))
            }
            #expect(try text(report, "what-remains.md").split(separator: "\n").count < 80)
            for file in report.files where file.name.hasSuffix(".svg") {
                #expect(XMLParser(data: Data(file.text.utf8)).parse(), "\(file.name)")
            }
        }
    }

    @Test(
        "the monitoring sheet gives task success, form, latency and safety with this run's figures and an alarm for each"
    )
    func monitoring() throws {
        var input = try ReportFixture.trained()
        input.pilot = PilotResult(
            try PilotFile(#"{"request": "r", "accurate": true, "safe": true, "satisfaction": 5}"#, path: "p"),
            isSynthetic: false)
        let page = try text(Report(input, templates), "monitoring.md")
        for name in [
            "Exact match", "Valid JSON", "Fits the schema", "Time per request", "Unsafe answers", "Satisfaction",
        ] {
            let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| \(name)") }, "\(name)")
            #expect(row.contains("above ") || row.contains("below "), "\(row)")
        }
    }

    @Test("small values are spelled out")
    func smallValues() {
        #expect(Figure.plain(0.0059) == "0.0059")
        #expect(Figure.plain(1.05) == "1.05")
        #expect(Figure.duration(0.023) == "23 ms")
        #expect(Figure.duration(0.0002) == "below 1 ms")
    }
}
