/// Markdown as the report's own templates write it, turned into HTML for the one file that needs nothing else.
///
/// Not every Markdown: headings, paragraphs, quotes with GitHub's alerts, one level of lists, tables, fences, rules, and the
/// raw blocks `<details>` and `<picture>`. Text of users has been escaped before it comes here, and any other `<` is text.
/// Equal to cmark-gfm on the reports (`Tests/Oracles/markdown`).
struct MarkdownHTML {
    /// A heading, for a table of contents.
    struct Heading {
        let level: Int
        let id: String
        /// HTML.
        let text: String
    }

    private(set) var html = ""
    private(set) var headings: [Heading] = []

    private let picture: (_ file: String) -> String?
    private let prefix: String
    private let shift: Int
    private var lines: [Substring]
    private var place = 0

    /// - Parameters:
    ///   - prefix: Stands before every heading's id, so that pages can be put together.
    ///   - shift: Headings become so much deeper.
    ///   - picture: Markup for the `<picture>` that shows a file; nil keeps it as it is.
    init(
        _ text: String, prefix: String = "", shift: Int = 0,
        picture: @escaping (_ file: String) -> String? = { _ in nil }
    ) {
        self.prefix = prefix
        self.shift = shift
        self.picture = picture
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        while place < lines.count { block() }
    }

    private var line: Substring { lines[place] }
    private func isBlank(_ line: Substring) -> Bool { line.allSatisfy { $0 == " " || $0 == "\t" } }

    private mutating func block() {
        if isBlank(line) {
            place += 1
        } else if line.hasPrefix("#"), let space = line.firstIndex(of: " "), line[..<space].allSatisfy({ $0 == "#" }) {
            heading(level: line[..<space].count, line[space...])
        } else if line.hasPrefix("```") {
            fence()
        } else if line.hasPrefix(">") {
            quote()
        } else if line == "---" {
            html += "<hr />\n"
            place += 1
        } else if line.hasPrefix("- ") {
            list()
        } else if line.hasPrefix("<details") || line.hasPrefix("</details") || line.hasPrefix("<picture") {
            raw()
        } else if line.hasPrefix("|"), place + 1 < lines.count, lines[place + 1].hasPrefix("|"),
            isRule(lines[place + 1])
        {
            table()
        } else {
            paragraph()
        }
    }

    private mutating func heading(level: Int, _ text: Substring) {
        let words = MarkdownInline(String(text.drop { $0 == " " })).html
        let id = anchor(words), depth = min(6, level + shift)
        headings.append(Heading(level: level, id: id, text: words))
        html += "<h\(depth) id=\"\(id)\">\(words)</h\(depth)>\n"
        place += 1
    }

    /// Letters, digits and hyphens, as GitHub makes anchors; a number keeps equal headings apart.
    private func anchor(_ words: String) -> String {
        var id = prefix, isTag = false
        for scalar in words.lowercased().unicodeScalars {
            switch scalar {
            case "<": isTag = true
            case ">": isTag = false
            case _ where isTag: break
            case " ": id += "-"
            case "-", "a"..."z", "0"..."9": id.unicodeScalars.append(scalar)
            default: break
            }
        }
        let equal = headings.count {
            $0.id == id || $0.id.hasPrefix(id + "-") && $0.id.dropFirst(id.count + 1).allSatisfy(\.isNumber)
        }
        return equal == 0 ? id : "\(id)-\(equal)"
    }

    private mutating func fence() {
        let marks = line.prefix { $0 == "`" }, language = line.dropFirst(marks.count)
        var code: [Substring] = []
        place += 1
        while place < lines.count, !(line.hasPrefix(marks) && line.allSatisfy { $0 == "`" }) {
            code.append(line)
            place += 1
        }
        place += 1
        let mark = language.isEmpty ? "" : " class=\"language-\(MarkdownInline.escaped(String(language)))\""
        html += "<pre><code\(mark)>\(MarkdownInline.escaped(code.map { $0 + "\n" }.joined()))</code></pre>\n"
    }

    private mutating func quote() {
        var inner: [String] = []
        while place < lines.count, line.hasPrefix(">") {
            inner.append(String(line.dropFirst(line.hasPrefix("> ") ? 2 : 1)))
            place += 1
        }
        let kind = inner.first.map { String($0.dropFirst(2).dropLast()) } ?? ""
        if let title = Self.alerts[kind], inner.first == "[!\(kind)]" {
            let body = MarkdownHTML(
                inner.dropFirst().joined(separator: "\n"), prefix: prefix, shift: shift, picture: picture)
            html +=
                "<div class=\"markdown-alert markdown-alert-\(kind.lowercased())\">\n"
                + "<p class=\"markdown-alert-title\">\(title)</p>\n\(body.html)</div>\n"
        } else {
            let body = MarkdownHTML(inner.joined(separator: "\n"), prefix: prefix, shift: shift, picture: picture)
            html += "<blockquote>\n\(body.html)</blockquote>\n"
        }
    }

    private static let alerts = [
        "NOTE": "Note", "TIP": "Tip", "IMPORTANT": "Important", "WARNING": "Warning", "CAUTION": "Caution",
    ]

    private mutating func list() {
        var items: [[String]] = []
        while place < lines.count {
            if line.hasPrefix("- ") {
                items.append([String(line.dropFirst(2))])
            } else if line.hasPrefix("  "), !isBlank(line), !items.isEmpty {
                items[items.count - 1].append(String(line.drop { $0 == " " }))
            } else {
                break
            }
            place += 1
        }
        html +=
            "<ul>\n"
            + items.map { item in
                var text = item.joined(separator: "\n"), box = ""
                if text.hasPrefix("[x] ") || text.hasPrefix("[ ] ") {
                    box = "<input type=\"checkbox\"\(text.hasPrefix("[x]") ? " checked=\"\"" : "") disabled=\"\" /> "
                    text = String(text.dropFirst(4))
                }
                return "<li>\(box)\(MarkdownInline(text).html)</li>\n"
            }.joined() + "</ul>\n"
    }

    /// Up to the next empty line, as it is; a picture is drawn instead.
    private mutating func raw() {
        var block: [Substring] = []
        while place < lines.count, !isBlank(line) {
            block.append(line)
            place += 1
        }
        if block[0].hasPrefix("<picture"), let file = Self.source(block), let drawn = picture(file) {
            html += drawn + "\n"
        } else {
            html += block.joined(separator: "\n") + "\n"
        }
    }

    private static func source(_ block: [Substring]) -> String? {
        guard let image = block.first(where: { $0.contains("<img src=\"") }) else { return nil }
        let parts = image.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : nil
    }

    private mutating func paragraph() {
        var text: [Substring] = []
        while place < lines.count, !isBlank(line) {
            if !text.isEmpty,
                ["```", ">", "- ", "<details", "</details", "<picture"].contains(where: { line.hasPrefix($0) })
            {
                break
            }
            text.append(line)
            place += 1
        }
        html += "<p>\(MarkdownInline(text.joined(separator: "\n")).html)</p>\n"
    }

    // MARK: tables

    private func isRule(_ line: Substring) -> Bool {
        line.allSatisfy { "|:- ".contains($0) } && line.contains("-")
    }

    private mutating func table() {
        let head = cells(line), aligned = cells(lines[place + 1]).map(Self.alignment)
        place += 2
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>\n"
                + aligned.indices.map { column in
                    let text = cells.indices.contains(column) ? MarkdownInline(cells[column]).html : ""
                    return "<\(tag)\(aligned[column])>\(text)</\(tag)>\n"
                }.joined() + "</tr>\n"
        }
        html += "<table>\n<thead>\n" + row(head, "th") + "</thead>\n"
        var body = ""
        while place < lines.count, line.hasPrefix("|") {
            body += row(cells(line), "td")
            place += 1
        }
        html += (body.isEmpty ? "" : "<tbody>\n\(body)</tbody>\n") + "</table>\n"
    }

    private static func alignment(_ cell: String) -> String {
        switch (cell.hasPrefix(":"), cell.hasSuffix(":")) {
        case (true, true): " align=\"center\""
        case (false, true): " align=\"right\""
        case (true, false): " align=\"left\""
        case (false, false): ""
        }
    }

    /// The cells of a line, split at pipes that no backslash stands before.
    private func cells(_ line: Substring) -> [String] {
        var cells: [String] = [], cell = "", isEscaped = false
        for character in line.dropFirst() {
            if isEscaped {
                cell += character == "|" ? "|" : "\\" + String(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "|" {
                cells.append(cell)
                cell = ""
            } else {
                cell.append(character)
            }
        }
        if isEscaped { cell += "\\" }
        if !isBlank(cell[...]) { cells.append(cell) }
        return cells.map { cell in
            String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
