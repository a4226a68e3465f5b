/// A piece of a document that can stand in a prompt on its own.
package struct Passage: Sendable, Hashable {
    package let text: String
    /// The file's name.
    package let source: String
    /// The document's own heading; it is searched, and not shown again with every piece.
    package let heading: String

    package init(text: String, source: String, heading: String) {
        self.text = text
        self.source = source
        self.heading = heading
    }

    /// Paragraphs, list items and table rows of a Markdown or plain text file. A table row is written with the heads of its
    /// columns, because a row alone does not say what its numbers are.
    package static func pieces(of text: String, source: String) -> [Passage] {
        var pieces: [String] = [], paragraph: [Substring] = [], heads: [String]?, title = ""
        func close() {
            if !paragraph.isEmpty { pieces.append(paragraph.joined(separator: " ")) }
            paragraph = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ trimmed(String($0)) }) {
            if !line.hasPrefix("|") { heads = nil }
            if line.isEmpty {
                close()
            } else if line.hasPrefix("#") {
                close()
                if title.isEmpty { title = String(trimmed(String(line.drop { $0 == "#" }))) }
            } else if line.hasPrefix("|") {
                close()
                let cells = cells(of: line)
                guard let names = heads else {
                    heads = cells
                    continue
                }
                if cells.allSatisfy(isRule) { continue }
                pieces.append(zip(names, cells).map { "\($0): \($1)" }.joined(separator: "; "))
            } else if let item = listItem(line) {
                close()
                paragraph = [item]
            } else {
                paragraph.append(line)
            }
        }
        close()
        return pieces.map { Passage(text: $0, source: source, heading: title) }
    }

    private static func cells(of line: Substring) -> [String] {
        var inner = line.dropFirst()
        if inner.hasSuffix("|") { inner.removeLast() }
        return inner.split(separator: "|", omittingEmptySubsequences: false).map { String(trimmed(String($0))) }
    }

    private static func isRule(_ cell: String) -> Bool { !cell.isEmpty && cell.allSatisfy { $0 == "-" || $0 == ":" } }

    private static func listItem(_ line: Substring) -> Substring? {
        for mark in ["- ", "* ", "+ "] where line.hasPrefix(mark) { return line.dropFirst(2) }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        let rest = line.dropFirst(digits.count)
        return !digits.isEmpty && (rest.hasPrefix(". ") || rest.hasPrefix(") ")) ? rest.dropFirst(2) : nil
    }
}

/// Documents that can be searched.
package struct PassageLibrary: Sendable {
    package let passages: [Passage]
    private let index: PassageIndex

    /// Of equally good passages the one from the later file name wins: dated files sort by day, and the newest is right.
    package init(_ passages: [Passage]) {
        let order = passages.indices.sorted {
            passages[$0].source == passages[$1].source ? $0 < $1 : passages[$0].source > passages[$1].source
        }
        self.passages = order.map { passages[$0] }
        index = PassageIndex(self.passages.map { $0.heading + " " + $0.text })
    }

    package func nearest(to request: String, count: Int) -> [Passage] {
        index.nearest(to: request, count: count).map { passages[$0.place] }
    }
}
