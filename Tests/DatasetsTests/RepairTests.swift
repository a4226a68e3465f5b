import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Testing

@testable import Datasets

@Suite("Repair changes what needs no decision, and writes down every change")
struct RepairTests {
    static func repair(_ rows: [String]) throws -> DatasetRepair {
        let dataset = try DatasetReader().read(bytes: Array(rows.joined(separator: "\n").utf8), name: "data.jsonl")
        return try DatasetRepair(dataset, book: AuditTests.book.get())
    }

    @Test(
        "Copies and unreadable rows go, answers are repaired, secrets are masked; reading what was written finds nothing left"
    )
    func repairs() throws {
        let rows = [
            AuditTests.row("Add milk", "{'action': 'create', 'tags': ['it\\'s', \"a\"], 'due': None, 'done': False,}"),
            AuditTests.row("Add tea", "```json\n{\"action\": \"create\"}\n```"), "{broken",
            AuditTests.row("add  TEA.", "```json\n{\"action\": \"create\"}\n```"),
            AuditTests.row(
                "Write to jane@acme-mail.com and use AKIAIOSFODNN7EXAMPLE", "Done it for you.", ["note": "kept"]),
        ]
        let repair = try Self.repair(rows)
        #expect(
            repair.examples.map(\.completion) == [
                #"{"action": "create", "tags": ["it's", "a"], "due": null, "done": false}"#, #"{"action": "create"}"#,
                "Done it for you.",
            ])
        #expect(repair.examples.last?.request == "Write to [EMAIL] and use [ACCESS_KEY]")
        #expect(repair.examples.last?.metadata == ["note": "kept"])
        #expect(
            repair.ledger.map { "\($0.place.line) \($0.action.rawValue) \($0.check)" } == [
                "1 changed python_literal_answer", "2 changed fenced_json_answer", "3 dropped not_json",
                "4 dropped same_text", "5 changed secrets",
            ])
        let written = try DatasetReader().read(bytes: repair.examples.flatMap(\.jsonLine), name: "fixed.jsonl")
        #expect(written.examples.map(\.body) == repair.examples.map(\.body))
        #expect(written.examples.last?.metadata == ["note": "kept"])
        #expect(try DatasetRepair(written, book: AuditTests.book.get()).ledger == [])
    }

    @Test("Labels get their usual spelling")
    func labels() throws {
        var rows = (0..<40).map { AuditTests.row("Question \($0)", $0 % 2 == 0 ? "sales" : "support-desk") }
        rows[7] = AuditTests.row("Question 7", "Support Desk")
        let repair = try Self.repair(rows)
        #expect(repair.examples[7].completion == "support-desk")
        #expect(repair.ledger.map(\.detail) == ["Support Desk → support-desk"])
    }

    @Test(
        "Only Python literals are taken for Python literals",
        arguments: [
            ("{\"a\": 1}", false), ("{a: 1}", false), ("It's {fine}", false), ("{'a': 1}", true),
            ("[None, True]", true), ("{'a': 'x", false),
        ])
    func pythonLiterals(text: String, isPython: Bool) {
        #expect((StructuredText.pythonLiteral(text) != nil) == isPython)
    }

    @Test("Converted rows say the same: tools, weights, groups and plain text survive")
    func conversion() throws {
        let rows = [
            #"{"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}],"group":"g"}"#,
            #"{"messages":[{"role":"user","content":"w?"},{"role":"assistant","content":"no","weight":0},{"role":"user","content":"?"},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}],"tools":[{"name":"f"}]}"#,
            #"{"text":"just text","source":"book","real":true}"#,
            #"{"instruction":"Do","input":"this","output":"Done"}"#,
        ]
        let dataset = try DatasetReader().read(bytes: Array(rows.joined(separator: "\n").utf8), name: "data.jsonl")
        let again = try DatasetReader().read(bytes: dataset.examples.flatMap(\.jsonLine), name: "again.jsonl")
        #expect(again.examples.map(\.body) == dataset.examples.map(\.body))
        #expect(again.examples.map(\.tools) == dataset.examples.map(\.tools))
        #expect(again.examples.map(\.group) == ["g", nil, nil, nil])
        #expect(again.examples.map(\.isReal) == [false, false, true, false])
    }

    @Test("Split files hold every row once and a manifest with their fingerprints")
    func splitFiles() throws {
        let dataset = try DatasetReader().read(
            bytes: Array(AuditTests.clean.joined(separator: "\n").utf8), name: "data.jsonl")
        let settings = SplitSettings(validation: 0.2, test: 0.2, seed: 5)
        let files = SplitFiles(dataset, Split(dataset, settings: settings), settings: settings).files
        #expect(files.map(\.name) == ["train.jsonl", "validation.jsonl", "test.jsonl", "manifest.json"])
        let manifest = try JSONValue.parse(utf8: files[3].bytes)
        #expect(manifest["files"]?.arrayValue?.compactMap { $0["rows"]?.intValue } == [36, 12, 12])
        #expect(manifest["files"]?[0]?["sha256"]?.stringValue == Fingerprint(of: files[0].bytes).hex)
        let rows = try files.dropLast().flatMap {
            try DatasetReader().read(bytes: $0.bytes, name: $0.name).examples.map(\.request)
        }
        #expect(Set(rows) == Set(dataset.examples.map(\.request)))
    }

    @Test(
        "A folder hone wrote is read as its rows: manifest, the real rows once more and ledgers are not data"
    )
    func folderOfASplit() throws {
        let lines = AuditTests.clean.enumerated().map { number, line in
            number % 3 == 0 ? String(line.dropLast() + #","real":true}"#) : line
        }
        let dataset = try DatasetReader().read(bytes: Array(lines.joined(separator: "\n").utf8), name: "data.jsonl")
        let settings = SplitSettings(validation: 0.2, test: 0.3)
        let files = SplitFiles(dataset, Split(dataset, settings: settings), settings: settings)
        let folder = FileManager.default.temporaryDirectory.path + "/split-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try files.write(to: folder, FileStore())
        try FileStore().write("{\"action\": \"dropped\"}\n", to: folder + "/train.jsonl" + DatasetRepair.ledgerEnding)
        #expect(files.files.map(\.name).contains("test-real.jsonl"))
        let again = try DatasetReader().read(paths: [folder])
        #expect(again.kept == 60 && again.dropped.isEmpty)
        #expect(again.files.map(\.part) == [.test, .train, .validation])
    }
}
