/// Text laid out for a terminal of a given width.
struct Page: Sendable {
    let width: Int
    let hasColour: Bool

    func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// Words in lines of at most `width`, each indented; a word longer than a line stands alone.
    func wrap(_ text: String, indent: Int, hanging: Int? = nil) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: hanging ?? indent)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return isEmpty ? lines : lines + [line]
    }

    /// `  ✓ title`, wrapped under its own first letter.
    func item(_ mark: String, _ title: String, _ body: String? = nil, indent: Int = 2) -> [String] {
        let lines = wrap(mark + " " + title, indent: indent, hanging: indent + 2)
        return lines + (body.map { wrap($0, indent: indent + 2) } ?? [])
    }

    /// `name: text`, wrapped under the text.
    func pair(_ name: String, _ text: String, indent: Int) -> [String] {
        wrap(name + ": " + text, indent: indent, hanging: indent + 2)
    }

    /// Cells of a table beside each other, each wrapped within its own width; the last one takes what is left.
    func sideBySide(_ cells: [String], widths: [Int]) -> [String] {
        let rest = width - widths.reduce(0, +) - 2 * widths.count
        let columns = zip(cells, widths + [rest]).map { text, width in
            (width: width, lines: Page(width: width, hasColour: false).wrap(text, indent: 0))
        }
        return (0..<(columns.map(\.lines.count).max() ?? 0)).map { row in
            let cells = columns.map { column in
                let text = column.lines.indices.contains(row) ? column.lines[row] : ""
                return text + String(repeating: " ", count: max(0, column.width - text.count))
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Left text, then right text from column `at`; the right text moves to its own line when the left one is too long.
    func columns(_ left: String, _ right: String, at column: Int) -> [String] {
        guard left.count + 2 <= column else {
            let indent = left.prefix { $0 == " " }.count
            return wrap(left, indent: indent, hanging: indent + 2) + wrap(right, indent: min(column, indent + 6))
        }
        var lines = wrap(right, indent: column)
        guard !lines.isEmpty else { return [left] }
        lines[0] = left + String(repeating: " ", count: column - left.count) + lines[0].dropFirst(column)
        return lines
    }
}
