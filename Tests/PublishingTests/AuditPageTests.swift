import Datasets
import Foundation
import RuleEngine
import Testing

@testable import Publishing

@Suite("An audit and encoded rows as pages")
struct AuditPageTests {
    static func page(_ rows: [String], name: String = "data.jsonl") throws -> AuditReport {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let book = try RuleBook.load(RuleFolder(path: root.path + "/rules"))
        let dataset = try DatasetReader().read(bytes: Array(rows.joined(separator: "\n").utf8), name: name)
        return try AuditReport(
            DatasetAudit(book: book).profile(dataset), title: name, needs: [], command: "hone audit data.jsonl",
            ReportFixture.templates())
    }

    static func row(_ text: String, _ label: String, _ more: String = "") -> String {
        #"{"text":"\#(text)","label":"\#(label)"\#(more)}"#
    }

    @Test("The page shows balance, copies, contradictions and the verdict on the split, also where they are nothing")
    func glance() throws {
        var rows = (0..<60).map { Self.row("question \($0) about the harbour", $0 % 3 == 0 ? "rare" : "usual") }
        rows += [Self.row("Question 1 about the harbour", "rare"), Self.row("question 2 about the harbour!", "usual")]
        let page = try Self.page(rows)
        #expect(page.text.contains("| Repeat another row | 1 |"))
        #expect(page.text.contains("| Contradict another row | 2 |"))
        #expect(page.text.contains("rarest of 2 labels | 41, 21 |"))
        #expect(page.text.contains("there is one part only"))
        #expect(page.files.map(\.name).contains("audit-lengths.svg"))
        #expect(!page.text.contains("{{"))

        let split = rows.enumerated().map { place, row in
            row.dropLast() + #","split":"\#(place < 50 ? "train" : "test")"}"#
        }.map { String($0) }
        let parted = try Self.page(split)
        #expect(parted.text.contains("| Parts | train 50, test 12 |"))
        #expect(parted.text.contains("**The split:** train 50, test 12; "))
        #expect(!parted.text.contains("there is one part only"))
    }

    @Test("Encoded rows cannot leave the page they are shown on")
    func encodedPage() throws {
        let tokens = [
            EncodedPage.Token(id: 1, text: "<b>", isTarget: false, isCut: false),
            EncodedPage.Token(id: 2, text: "yes\n", isTarget: true, isCut: false),
            EncodedPage.Token(id: 3, text: "\n\n", isTarget: true, isCut: true),
        ]
        let page = try EncodedPage(
            [.init(place: "a.jsonl:1", tokens: tokens, dropped: nil)], title: "a<x>.jsonl", model: "practice",
            ReportFixture.templates()
        ).text
        #expect(page.contains(#"<span title="1">&lt;b&gt;</span>"#))
        #expect(page.contains(#"<span class="learnt" title="2">yes⏎</span><br>"#))
        #expect(page.contains(#"<span class="cut" title="3">⏎⏎</span>"#))
        #expect(page.contains("3 tokens, 1 learnt"))
        #expect(!page.contains("a<x>"))
    }
}
