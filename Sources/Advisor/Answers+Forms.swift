import RuleEngine
import YAMLText

extension Answers {
    /// Reads a form that was filled in: a Markdown page with ticked boxes, or a saved HTML page.
    static func readForm(_ text: String, file: String, _ vocabulary: FactVocabulary) throws(AdvisorError) -> Answers {
        if file.hasSuffix(".html") { return try readPage(text, file: file, vocabulary) }
        var answers = Answers(vocabulary)
        var field: Field?
        var sawField = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = YAMLPlace(file: file, line: index + 1, column: 1)
            if let fact = factMarker(line) {
                try answers.take(field)
                field = Field(fact: fact, place: place)
                sawField = true
            } else if let word = ticked(line) {
                field?.words.append(word)
                field?.answerPlace = place
            } else if let written = written(line), !written.isEmpty {
                let isList = [.set, .list].contains(vocabulary[field?.fact ?? ""]?.kind)
                field?.words += isList ? written.split(separator: ",").map { trimmed($0) } : [written]
                field?.answerPlace = place
            }
        }
        try answers.take(field)
        guard sawField else { throw .noForm(file) }
        return answers
    }

    private struct Field {
        let fact: String
        let place: YAMLPlace
        var words: [String] = []
        var answerPlace: YAMLPlace?
    }

    private mutating func take(_ field: Field?) throws(AdvisorError) {
        guard let field, !field.words.isEmpty else { return }
        try set(field.fact, words: field.words, at: field.answerPlace ?? field.place, keyAt: field.place)
    }

    /// "`task.kind` …" at the start of a line says which fact the boxes below are about.
    private static func factMarker(_ line: Substring) -> String? {
        guard line.hasPrefix("`"), let end = line.dropFirst().firstIndex(of: "`") else { return nil }
        let name = line[line.index(after: line.startIndex)..<end]
        return name.contains(".") && !name.contains(" ") ? String(name) : nil
    }

    /// `- [x] word: what it means`.
    private static func ticked(_ line: Substring) -> String? {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("- ["), let close = text.firstIndex(of: "]") else { return nil }
        let mark = text[text.index(text.startIndex, offsetBy: 3)..<close]
        guard mark.contains(where: { !$0.isWhitespace }) else { return nil }
        return trimmed(text[text.index(after: close)...].prefix { $0 != ":" })
    }

    private static func written(_ line: Substring) -> String? {
        line.hasPrefix("Answer:") ? trimmed(line.dropFirst("Answer:".count)) : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// The saved page carries its answers as YAML in one element.
    private static func readPage(_ text: String, file: String, _ vocabulary: FactVocabulary) throws(AdvisorError)
        -> Answers
    {
        guard let start = text.range(of: formStart), let end = text[start.upperBound...].range(of: "</script>") else {
            throw .noForm(file)
        }
        let yaml = text[start.upperBound..<end.lowerBound]
        guard yaml.contains(":") else { throw .noForm(file) }
        // Line numbers of complaints are those of the page.
        let above = text[..<start.upperBound].filter(\.isNewline).map(String.init).joined()
        return try read(above + yaml, file: file + "#answers.yaml", vocabulary)
    }

    /// The element of an HTML form that holds its answers.
    package static let formStart = "<script type=\"text/yaml\" id=\"answers\">"
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? { self[...].range(of: text) }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
