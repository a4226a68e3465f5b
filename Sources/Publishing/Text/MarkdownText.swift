import Mustache

/// Text of users and models made harmless: it can forge no heading, link, table cell or HTML in a report.
enum MarkdownText {
    /// For running text, headings and table cells: every character Markdown or HTML reads as a command is escaped, and
    /// line breaks become spaces.
    static func escaped(_ text: String) -> String {
        var result = ""
        var isStart = true
        for scalar in visible(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "|": result += "&#124;"
            case "\\", "`", "*", "_", "[", "]", "~", "$", "^": result += "\\" + String(scalar)
            case "#" where isStart, "-" where isStart, "+" where isStart, "=" where isStart:
                result += "\\" + String(scalar)
            case "@": result += "&#64;"
            case "\n", "\r", "\t", "\u{2028}", "\u{2029}", "\u{85}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
            isStart = isStart && scalar.properties.isWhitespace
        }
        return result
    }

    /// `` `text` `` with as many backticks as the text needs; safe inside a table cell.
    static func code(_ text: String) -> String {
        let body = String(visible(text).map { $0.isNewline || $0 == "\t" ? " " : $0 })
        let fence = String(repeating: "`", count: longestBacktickRun(body) + 1)
        let padding = body.hasPrefix("`") || body.hasSuffix("`") || body.isEmpty ? " " : ""
        // Tables split at pipes before they look for code.
        return fence + padding + body.replacing("|", with: "\\|") + padding + fence
    }

    /// A fenced block that the text cannot close.
    static func fenced(_ text: String, language: String = "text") -> String {
        let body = visible(text)
        let fence = String(repeating: "`", count: max(3, longestBacktickRun(body) + 1))
        return fence + language + "\n" + body + (body.hasSuffix("\n") ? "" : "\n") + fence
    }

    /// At most `limit` characters, cut where a person sees it.
    static func shortened(_ text: String, to limit: Int) -> String {
        guard text.count > limit else { return text }
        return String(text.prefix(limit)) + "…"
    }

    /// Characters that change how their neighbours are read or take no space are shown by their code point.
    static func visible(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let padding = String(repeating: "0", count: max(0, 4 - digits.count))
                result.append(contentsOf: "⟨U+\(padding)\(digits)⟩".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: false
        case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x115F...0x1160, 0x180E, 0x200B...0x200F, 0x202A...0x202E,
            0x2060...0x2069, 0x3164, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
            true
        default: false
        }
    }

    private static func longestBacktickRun(_ text: String) -> Int {
        var longest = 0, current = 0
        for character in text {
            current = character == "`" ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}

/// `{{% CONTENT_TYPE: MARKDOWN}}` in a template: `{{name}}` is escaped for Markdown, `{{{name}}}` is already Markdown.
struct MarkdownContentType: MustacheContentType {
    static let name = "MARKDOWN"

    func escapeText(_ text: String) -> String { MarkdownText.escaped(text) }
}

/// Text inside XML elements and attributes.
enum XMLText {
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in MarkdownText.visible(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
