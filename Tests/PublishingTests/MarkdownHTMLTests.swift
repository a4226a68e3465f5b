import Foundation
import JSONText
import Testing

@testable import Publishing

@Suite("Markdown as HTML")
struct MarkdownHTMLTests {
    /// Both spell some characters by number, and ours gives headings an anchor.
    private func plain(_ html: String) -> String {
        var text = html
        for (number, character) in [("&#124;", "|"), ("&#64;", "@"), ("<br />", "<br>"), ("&copy;", "©")] {
            text = text.replacing(number, with: character)
        }
        return text.replacing(#/<h([1-6]) id="[^"]*">/#) { "<h\($0.output.1)>" }
    }

    @Test("what the templates write comes out as cmark-gfm has it")
    func parity() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Oracles/markdown/markdown.json")
        let fixture = try JSONValue.parse(String(decoding: try Data(contentsOf: file), as: UTF8.self))
        let rows = try #require(fixture["rows"]?.arrayValue)
        #expect(rows.count == 10)
        for row in rows {
            let text = try #require(row["markdown"]?.stringValue), html = try #require(row["html"]?.stringValue)
            let ours = plain(MarkdownHTML(text).html).split(separator: "\n"),
                theirs = plain(html).split(separator: "\n")
            #expect(ours.count == theirs.count)
            for (one, other) in zip(ours, theirs) where one != other { #expect(one == other) }
        }
    }

    @Test("alerts, task lists and anchors are GitHub's")
    func github() {
        let page = MarkdownHTML(
            "## One *two*\n\n## One two\n\n> [!TIP]\n> **Good.**\n>\n> More\n\n- [x] done\n- [ ] open\n")
        #expect(page.headings.map(\.id) == ["one-two", "one-two-1"])
        #expect(page.html.contains("<div class=\"markdown-alert markdown-alert-tip\">"))
        #expect(page.html.contains("<p><strong>Good.</strong></p>\n<p>More</p>"))
        #expect(page.html.contains("checked=\"\" disabled=\"\" /> done"))
    }

    @Test(
        "no text of a user becomes markup",
        arguments: [
            "<script>alert(1)</script>", "](javascript:alert(1)) [x", "`</code><b>`", "| a | b |", "**bold** _it_ # x",
            "\u{202E}olleh\u{200B}", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "\\<b>", "שלום | <b> `x`",
        ])
    func hostile(text: String) {
        let escaped = MarkdownText.escaped(text)
        for shape in [
            "\(escaped)\n", "# \(escaped)\n", "| x |\n|:--|\n| \(escaped) |\n", "- \(escaped)\n", "> \(escaped)\n",
        ] {
            let html = MarkdownHTML(shape).html
            for tag in ["<script", "<b>", "<img", "<a ", "</code>", "<strong>", "<em>"] {
                #expect(!html.contains(tag), "\(shape)")
            }
            #expect(html.components(separatedBy: "<td").count <= 2)
            #expect(!html.unicodeScalars.contains("\u{202E}") && !html.unicodeScalars.contains("\u{200B}"))
        }
        let fenced = MarkdownHTML(MarkdownText.fenced(text)).html
        #expect(!fenced.contains("<script") && !fenced.contains("<b>") && !fenced.contains("<img"))
    }
}
