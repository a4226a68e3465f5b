/// What an answer says and its sources do not: numbers, names, and sentences whose words are not found there.
///
/// A rough measure that needs no model: it finds inventions, and it cannot tell a right inference from one. People decide.
package struct Groundedness: Sendable {
    package struct Settings: Sendable, Hashable {
        /// Content words a sentence needs to count as a claim.
        package var claimWords = 4
        /// Share of a claim's content words and pairs of them that the sources must hold.
        package var claimSupport = 0.4
        /// Words from which on a prompt is a passage that answers are to come from.
        package var passageWords = 40
        /// Passages looked up for a row where documents are given.
        package var passages = 5

        package init() {}
    }

    /// What is not in the sources, each once.
    package struct Unsupported: Sendable, Hashable {
        package var numbers: [String] = []
        package var names: [String] = []
        package var claims: [String] = []

        package var isEmpty: Bool { numbers.isEmpty && names.isEmpty && claims.isEmpty }
    }

    private let settings: Settings
    private let words: Set<String>
    private let stems: Set<String>
    private let pairs: Set<String>
    private let numbers: Set<String>

    /// - Parameter sources: Everything an answer may draw on, the request itself among it.
    package init(sources: [String], settings: Settings = Settings()) {
        self.settings = settings
        let each = sources.map(TextTerms.words)
        words = Set(each.joined())
        let content = each.map(Self.content)
        stems = Set(content.joined())
        pairs = Set(content.flatMap(Self.pairs))
        numbers = sources.reduce(into: []) { $0.formUnion(NumberFacts.numbers(in: $1)) }
    }

    package func unsupported(in answer: String) -> Unsupported {
        var found = Unsupported()
        for sentence in Self.sentences(of: answer) {
            for number in NumberFacts.numbers(in: sentence).sorted()
            where !numbers.contains(number) && !found.numbers.contains(number) {
                found.numbers.append(number)
            }
            for name in Self.names(in: sentence) where !found.names.contains(name) {
                if !TextTerms.words(of: name).allSatisfy(words.contains) { found.names.append(name) }
            }
            let content = Self.content(TextTerms.words(of: sentence)), joined = Self.pairs(content)
            guard content.count >= settings.claimWords else { continue }
            let held = content.count(where: stems.contains) + joined.count(where: pairs.contains)
            if Double(held) < settings.claimSupport * Double(content.count + joined.count) { found.claims.append(sentence) }
        }
        return found
    }

    /// Ends of sentences and lines; a mark in front of a list item is no part of it.
    private static func sentences(of text: String) -> [String] {
        var sentences: [String] = [], sentence = ""
        var letters = text.makeIterator(), next = letters.next()
        func close() {
            let clean = trimmed(sentence).drop { "-*•0123456789.)".contains($0) }
            // `3. Pay` is the third item; `3 days` is three days.
            let item = trimmed(sentence).first.map { "-*•".contains($0) } ?? false || isNumbered(sentence)
            let kept = item ? String(trimmed(String(clean))) : String(trimmed(sentence))
            if !kept.isEmpty { sentences.append(kept) }
            sentence = ""
        }
        while let letter = next {
            next = letters.next()
            if letter.isNewline {
                close()
                continue
            }
            sentence.append(letter)
            if ".!?。！？".contains(letter), next?.isWhitespace ?? true, !isNumbered(sentence) { close() }
        }
        close()
        return sentences
    }

    private static func isNumbered(_ sentence: String) -> Bool {
        let start = trimmed(sentence), digits = start.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count < 3, ".)".contains(start.dropFirst(digits.count).first ?? " ") else {
            return false
        }
        return start.dropFirst(digits.count + 1).first?.isWhitespace ?? true
    }

    /// Capitalised words that do not open the sentence, words in capitals, and words with digits in them.
    private static func names(in sentence: String) -> [String] {
        var names: [String] = []
        let words = sentence.split { $0.isWhitespace || "\"“”(),;:!?[]{}".contains($0) }
        for (place, word) in words.enumerated() {
            var word = word
            while let last = word.last, ".'’".contains(last) { word.removeLast() }
            for ending in ["'s", "’s"] where word.hasSuffix(ending) { word.removeLast(2) }
            guard let first = word.first, first.isLetter else { continue }
            let letters = word.filter(\.isLetter)
            let isCode = word.contains(where: \.isNumber) || (letters.count > 1 && letters.allSatisfy(\.isUppercase))
            guard isCode || (place > 0 && first.isUppercase && word.count > 1 && !ordinary.contains(word.lowercased()))
            else { continue }
            names.append(String(word))
        }
        return names
    }

    /// Written with a capital though they name nothing.
    private static let ordinary: Set<String> = ["i", "i'm", "i’m", "i'll", "i’ll", "i've", "i’ve", "i'd", "i’d", "ok"]

    private static func content(_ words: [String]) -> [String] {
        words.filter { $0.count > 2 && !function.contains($0) }.map { word in
            let bytes = Array(word.utf8)
            return bytes.allSatisfy { $0 < 0x80 } ? String(decoding: PorterStemmer.stem(bytes), as: UTF8.self) : word
        }
    }

    private static func pairs(_ words: [String]) -> [String] { zip(words, words.dropFirst()).map { $0 + " " + $1 } }

    private static let function: Set<String> = [
        "the", "and", "are", "was", "were", "you", "your", "our", "for", "with", "this", "that", "these", "those", "from",
        "have", "has", "had", "will", "would", "can", "could", "should", "may", "might", "not", "but", "its", "their", "they",
        "them", "there", "here", "which", "who", "what", "when", "where", "how", "any", "all", "also", "been", "being", "into",
        "about", "than", "then", "such", "please", "does", "did", "she", "her", "his", "him", "out", "per", "let", "yes",
    ]
}
