import FileStore
import Foundation
import JSONText
import Plan
import Publishing
import Registry
import RuleEngine
import Testing

@testable import Workflows

@Suite("A run that can be checked and signed")
struct RunVerificationTests {
    private static let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private let store = FileStore()

    private func templates() throws -> ReportTemplates {
        try ReportTemplates(folder: Self.home + "/templates/report", store)
    }

    /// A decided run with its trail, its manifest and its report.
    private func withRun(_ body: (RunFolder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = RunFolder(path: path + "/20261121-100000-case")
        try store.createFolder(run.path)
        try store.write("task.summary: Tell what things cost\nknowledge.need: changing\n", to: run.answers)
        try store.write(#"{"verdict": "rag", "confidence": "by_rule", "next": "hone advise"}"#, to: run.decision)
        let manifest = RunManifest(
            id: run.id, createdAt: "2026-11-21T10:00:00Z", honeVersion: "0.1.0", status: .decided)
        try AuditTrail(run, store: store).append(.decision, ["verdict": "rag"], at: manifest.createdAt)
        var record = RunRecord(run, manifest: manifest, store: store)
        try record.save()
        try Report(try ReportInput(folder: run, store), try templates()).write(to: run.report, store)
        try body(run)
    }

    private func differences(_ run: RunFolder) throws -> [RunVerification.Difference] {
        try RunVerification(run, templates: try templates(), store: store).differences
    }

    private func change(_ path: String, _ text: String, _ other: String) throws {
        let before = try store.readText(path)
        try store.write(before.replacing(text, with: other), to: path)
    }

    @Test("nothing changed, nothing is said; a changed record, report or trail is named")
    func changes() throws {
        try withRun { run in
            #expect(try differences(run) == [])
            try change(run.report + "/report.md", "Retrieval", "Training")
            try change(run.report + "/report.md", "retrieve", "train on")
            #expect(try differences(run) == [.reportChanged("report.md")])
        }
        try withRun { run in
            try change(run.decision, "by_rule", "measured")
            #expect(try differences(run) == [.changed("decision.json")])
            try store.remove(run.answers)
            #expect(try differences(run) == [.missing("answers.yaml"), .changed("decision.json")])
        }
        try withRun { run in
            try change(run.trail, "rag", "sft")
            #expect(try differences(run) == [.changed("trail.jsonl"), .trail(.changed(line: 1))])
        }
    }

    @Test("a signature joins trail and report, and a changed report voids it")
    func signature() throws {
        try withRun { run in
            let signing = Signing(templates: try templates(), store: store)
            try signing.sign(
                run, as: "Ann | <b>Lee</b>", role: "head of support", .approveWithConditions, because: "after a pilot",
                at: "2026-11-22T09:00:00Z")
            let signed = try store.readText(run.report + "/report.md")
            #expect(signed.contains("approved with conditions") && signed.contains("after a pilot"))
            #expect(!signed.contains("<b>Lee</b>") && !signed.contains("void"))
            let verification = try RunVerification(run, templates: try templates(), store: store)
            #expect(verification.differences == [] && verification.entries == 2)

            // Another decision recorded afterwards makes another report.
            try change(run.decision, "by_rule", "measured")
            var record = RunRecord(run, manifest: try RunManifest.read(run, store: store), store: store)
            try record.save()
            try Report(try ReportInput(folder: run, store), try templates()).write(to: run.report, store)
            #expect(try store.readText(run.report + "/report.md").contains("void: the report is not the one"))
            let again = try RunVerification(run, templates: try templates(), store: store)
            #expect(again.differences == [] && again.voidSignatures.map(\.name) == ["Ann | <b>Lee</b>"])
        }
    }

    @Test("nobody signs what was changed")
    func refusal() throws {
        try withRun { run in
            try change(run.decision, "by_rule", "measured")
            let signing = Signing(templates: try templates(), store: store)
            #expect(throws: SigningError.notAsRecorded([.changed("decision.json")])) {
                try signing.sign(
                    run, as: "Ann", role: "head", .approve, because: "fine", at: "2026-11-22T09:00:00Z")
            }
            #expect(try AuditTrail(run, store: store).read().entries.count == 1)
        }
    }
}
