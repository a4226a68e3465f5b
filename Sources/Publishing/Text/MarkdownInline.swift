/// The inside of a line of Markdown as HTML: escapes, entities, code, emphasis, links and line breaks.
struct MarkdownInline {
    private(set) var html = ""
    private let text: [Unicode.Scalar]
    private var place = 0
    private var isStrong = false
    private var isEmphasis = false

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
        while place < self.text.count { next() }
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars { result += escaped(scalar) }
        return result
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        default: String(scalar)
        }
    }

    private func at(_ place: Int) -> Unicode.Scalar? { text.indices.contains(place) ? text[place] : nil }

    private mutating func next() {
        let scalar = text[place]
        switch scalar {
        case "\\":
            if let escaped = at(place + 1), escaped.isASCII, !escaped.properties.isAlphabetic,
                !("0"..."9" ~= escaped), escaped.value > 0x20
            {
                html += Self.escaped(escaped)
                place += 2
            } else if at(place + 1) == "\n" {
                html += "<br />\n"
                place += 2
            } else {
                literal()
            }
        case "`": code()
        case "&":
            if let end = entityEnd() {
                for scalar in text[place...end] { html.unicodeScalars.append(scalar) }
                place = end + 1
            } else {
                literal()
            }
        case "<":
            if matches("<br>") {
                html += "<br>"
                place += 4
            } else {
                literal()
            }
        case "*": emphasis()
        case "[": if !link() { literal() }
        default: literal()
        }
    }

    private mutating func literal() {
        html += Self.escaped(text[place])
        place += 1
    }

    private func matches(_ word: String) -> Bool {
        let scalars = Array(word.unicodeScalars)
        return place + scalars.count <= text.count && Array(text[place..<place + scalars.count]) == scalars
    }

    /// The place of the semicolon of a character reference that begins here.
    private func entityEnd() -> Int? {
        guard let end = text[place...].prefix(12).firstIndex(of: ";"), end > place + 1 else { return nil }
        let name = text[(place + 1)..<end]
        let isNumber = name.first == "#" && name.count > 1 && name.dropFirst().allSatisfy { "0"..."9" ~= $0 }
        return isNumber || name.allSatisfy { $0.isASCII && $0.properties.isAlphabetic } ? end : nil
    }

    private mutating func code() {
        let run = text[place...].prefix { $0 == "`" }.count
        var end = place + run
        while end < text.count {
            guard text[end] == "`" else {
                end += 1
                continue
            }
            let closing = text[end...].prefix { $0 == "`" }.count
            if closing == run { break }
            end += closing
        }
        guard end < text.count else {
            for _ in 0..<run { literal() }
            return
        }
        var body = Array(text[(place + run)..<end]).map { $0 == "\n" ? " " : $0 }
        if body.first == " ", body.last == " ", body.contains(where: { $0 != " " }) {
            body = Array(body.dropFirst().dropLast())
        }
        html += "<code>" + body.map { Self.escaped($0) }.joined() + "</code>"
        place = end + run
    }

    private mutating func emphasis() {
        let run = text[place...].prefix { $0 == "*" }.count
        guard run <= 2 else {
            for _ in 0..<run { literal() }
            return
        }
        let isOpen = run == 2 ? isStrong : isEmphasis
        let touches = isOpen ? at(place - 1) : at(place + run)
        // Marks with a space on their inner side are stars.
        guard let touches, !touches.properties.isWhitespace, isOpen || closes(run) else {
            for _ in 0..<run { literal() }
            return
        }
        html += "<" + (isOpen ? "/" : "") + (run == 2 ? "strong>" : "em>")
        if run == 2 { isStrong.toggle() } else { isEmphasis.toggle() }
        place += run
    }

    /// Whether marks of this length come again, with no space before them.
    private func closes(_ run: Int) -> Bool {
        var place = place + run
        while place < text.count {
            if text[place] == "\\" {
                place += 2
            } else if text[place] == "*" {
                let length = text[place...].prefix { $0 == "*" }.count
                if length == run, !text[place - 1].properties.isWhitespace { return true }
                place += length
            } else {
                place += 1
            }
        }
        return false
    }

    private mutating func link() -> Bool {
        var depth = 0, end = place
        while end < text.count {
            switch text[end] {
            case "\\": end += 1
            case "[": depth += 1
            case "]": depth -= 1
            default: break
            }
            if depth == 0 { break }
            end += 1
        }
        guard at(end) == "]", at(end + 1) == "(", let close = text[end...].firstIndex(of: ")") else { return false }
        let target = String(String.UnicodeScalarView(text[(end + 2)..<close]))
        // Only files beside the report and ordinary addresses: a link can carry a script.
        guard !target.contains(":") || target.hasPrefix("https://"), !target.contains(" ") else { return false }
        let words = MarkdownInline(String(String.UnicodeScalarView(text[(place + 1)..<end])))
        html += "<a href=\"\(Self.escaped(target))\">\(words.html)</a>"
        place = close + 1
        return true
    }
}
