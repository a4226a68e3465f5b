/// Filling of templates: `[a|b|]` is one of its alternatives, `{slot}` a value.
struct PhraseTemplate {
    private let words: WordBook
    private(set) var values: [String: String]

    /// Values given here, and those drawn on the way, stay the same through all fillings of this template.
    init(words: WordBook, values: [String: String] = [:]) {
        self.words = words
        self.values = values
    }

    mutating func fill(_ template: String, _ random: inout CorpusRandom) -> String {
        var text = ""
        var rest = Substring(template)
        while let first = rest.first {
            if first == "[", let end = rest.firstIndex(of: "]") {
                let inside = rest[rest.index(after: rest.startIndex)..<end]
                text += fill(
                    String(random.pick(inside.split(separator: "|", omittingEmptySubsequences: false))), &random)
                rest = rest[rest.index(after: end)...]
            } else if first == "{", let end = rest.firstIndex(of: "}") {
                let slot = String(rest[rest.index(after: rest.startIndex)..<end])
                let value = values[slot] ?? words.value(of: slot, &random)
                values[slot] = value
                text += value
                rest = rest[rest.index(after: end)...]
            } else {
                text.append(first)
                rest = rest.dropFirst()
            }
        }
        return text
    }
}

extension String {
    /// "a engineer" becomes "an engineer"; templates always write "a".
    var withArticlesFixed: String {
        var words = split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for index in words.indices.dropLast() where ["a", "A"].contains(words[index]) {
            if let letter = words[index + 1].lowercased().first, "aeio".contains(letter) { words[index] += "n" }
        }
        return words.joined(separator: " ")
    }
}
