import JSONText

/// People, addresses and documents whose owner does not want them trained on: one entry per line, `#` begins a comment.
///
/// An entry matches a row that names it in any member, or that says it in a text as whole words.
package struct OptOutList: Sendable, Hashable {
    private let entries: Set<String>
    /// Entries by their first word, for looking through texts.
    private let byFirstWord: [String: [[Substring]]]

    package init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.prefix { $0 != "#" } }
        let entries = lines.map { Self.words(of: String($0)).joined(separator: " ") }.filter { !$0.isEmpty }
        self.entries = Set(entries)
        var byFirstWord: [String: [[Substring]]] = [:]
        for entry in self.entries.sorted() {
            let words = entry.split(separator: " ")
            if let first = words.first { byFirstWord[String(first), default: []].append(words) }
        }
        self.byFirstWord = byFirstWord
    }

    package var count: Int { entries.count }

    /// The entry a row matches.
    func match(in example: Example) -> String? {
        var names = [example.group, example.source].compactMap(\.self)
        for member in example.metadata?.members ?? [] {
            if let text = member.value.stringValue ?? member.value.numberValue?.text { names.append(text) }
        }
        for name in names {
            let key = Self.words(of: name).joined(separator: " ")
            if entries.contains(key) { return key }
        }
        if case .plainText(let text) = example.body { return match(in: text) }
        return example.messages.lazy.compactMap { match(in: $0.content) }.first
    }

    private func match(in text: String) -> String? {
        let words = Self.words(of: text)
        for (place, word) in words.enumerated() {
            guard let entries = byFirstWord[String(word)] else { continue }
            for entry in entries where words[place...].prefix(entry.count).elementsEqual(entry) {
                return entry.joined(separator: " ")
            }
        }
        return nil
    }

    /// Lower-case words without the punctuation around them; what is inside (`a.b@c.com`, `doc-17`) stays.
    private static func words(of text: String) -> [Substring] {
        Substring(text.lowercased()).split(whereSeparator: \.isWhitespace).map { word in
            var word = word.drop { !$0.isLetter && !$0.isNumber }
            while let last = word.last, !last.isLetter, !last.isNumber { word.removeLast() }
            return word
        }.filter { !$0.isEmpty }
    }
}
