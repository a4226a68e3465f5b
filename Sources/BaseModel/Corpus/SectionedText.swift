import Foundation

/// A text file of `[title]` sections whose other lines are content; `#` lines are comments.
struct SectionedText {
    struct Section {
        var title: String
        var lines: [String]
    }

    private(set) var sections: [Section] = []

    /// Empty lines are kept inside a section only when `keepsBlankLines` is set (they separate conversations).
    init(_ file: URL, keepsBlankLines: Bool = false) throws {
        for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("["), line.hasSuffix("]"), !line.contains("|") {
                sections.append(Section(title: String(line.dropFirst().dropLast()), lines: []))
            } else if !sections.isEmpty, keepsBlankLines || !line.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
    }
}
