/// Guesses the language of a text from its script and its most frequent words; says nothing where it is not sure.
struct TextLanguage: Sendable {
    private let languages: [String]
    private let words: WordTable

    private static let scripts = [
        "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Thai", "Hangul", "Kana", "Han",
    ]
    private static let japanese = "Japanese"
    /// Enough to tell; a long text need not be read whole.
    private static let bytesRead = 400
    /// Different words that must speak for a language.
    private static let leastHits = 3

    init(_ rules: AuditRules) {
        languages = rules.languages.prefix(WordTable.mostLanguages).map(\.name)
        words = WordTable(rules.languages.prefix(WordTable.mostLanguages).map(\.words))
    }

    /// All that can be guessed.
    var names: [String] { languages + Self.scripts + [Self.japanese] }

    func guess(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes in
            let bytes = UnsafeBufferPointer(rebasing: bytes.prefix(Self.bytesRead))
            return script(bytes) ?? latin(bytes)
        }
    }

    /// A script in which most of the letters are. Japanese is told by its kana, however much Han stands between them.
    private func script(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard !bytes.allSatisfy({ $0 < 0xCD }) else { return nil }
        var counts = [Int](repeating: 0, count: Self.scripts.count)
        var letters = 0
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar.properties.isAlphabetic {
            letters += 1
            let place: Int? =
                switch scalar.value {
                case 0x370...0x3FF: 0
                case 0x400...0x52F: 1
                case 0x590...0x5FF: 2
                case 0x600...0x77F: 3
                case 0x900...0x97F: 4
                case 0xE00...0xE7F: 5
                case 0xAC00...0xD7AF, 0x1100...0x11FF: 6
                case 0x3040...0x30FF: 7
                case 0x4E00...0x9FFF, 0x3400...0x4DBF: 8
                default: nil
                }
            if let place { counts[place] += 1 }
        }
        guard letters > 3 else { return nil }
        if 10 * counts[7] > letters { return Self.japanese }
        return counts.indices.first { 2 * counts[$0] > letters }.map { Self.scripts[$0] }
    }

    private func latin(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var found = WordTable.Found()
        var count = 0
        var start = 0
        var key = WordTable.emptyKey
        for place in 0...bytes.count {
            let byte = place < bytes.count ? bytes[place] : 0x20
            let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            if lower >= 0x80 || lower &- UInt8(ascii: "a") < 26 || lower == UInt8(ascii: "'") {
                key = WordTable.extend(key, with: lower)
            } else {
                if place > start {
                    count += 1
                    words.look(up: key, into: &found)
                }
                start = place + 1
                key = WordTable.emptyKey
            }
        }
        let hits = words.differentWords(in: found)
        guard let best = hits.indices.max(by: { hits[$0] < hits[$1] }), hits[best] >= Self.leastHits else { return nil }
        let second = hits.indices.filter { $0 != best }.map { hits[$0] }.max() ?? 0
        return hits[best] >= 2 * second && 10 * hits[best] >= count ? languages[best] : nil
    }
}

/// The frequent words of all languages in one small hash table.
private struct WordTable: Sendable {
    static let mostLanguages = 32
    static let emptyKey: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let size = 4096
    private static let mostWords = 512

    /// Which words a text has, one bit each.
    struct Found {
        fileprivate var bits: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
            0, 0, 0, 0, 0, 0, 0, 0
        )
        fileprivate var isEmpty = true
    }

    private var keys = [UInt64](repeating: 0, count: size)
    private var numbers = [UInt16](repeating: 0, count: size)
    /// For every word the languages it is frequent in, one bit each.
    private var languages: [UInt32] = []
    private let languageCount: Int

    init(_ words: [[String]]) {
        languageCount = words.count
        for (language, words) in words.enumerated() {
            for word in words { insert(word.utf8.reduce(Self.emptyKey) { Self.extend($0, with: $1) }, language) }
        }
    }

    private mutating func insert(_ key: UInt64, _ language: Int) {
        var slot = Self.slot(of: key)
        while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) % Self.size }
        if keys[slot] == 0 {
            guard languages.count < Self.mostWords else { return }
            keys[slot] = key
            numbers[slot] = UInt16(languages.count)
            languages.append(0)
        }
        languages[Int(numbers[slot])] |= 1 << UInt32(language)
    }

    static func extend(_ key: UInt64, with byte: UInt8) -> UInt64 { (key ^ UInt64(byte)) &* 0x100_0000_01B3 }

    private static func slot(of key: UInt64) -> Int { Int((key ^ (key >> 29)) & UInt64(size - 1)) }

    func look(up key: UInt64, into found: inout Found) {
        var slot = Self.slot(of: key)
        while keys[slot] != 0 {
            if keys[slot] == key {
                let number = Int(numbers[slot])
                found.isEmpty = false
                withUnsafeMutableBytes(of: &found.bits) { bits in bits[number / 8] |= 1 << UInt8(number % 8) }
                return
            }
            slot = (slot + 1) % Self.size
        }
    }

    /// For each language how many of its words were found.
    func differentWords(in found: Found) -> [Int] {
        var hits = [Int](repeating: 0, count: languageCount)
        guard !found.isEmpty else { return hits }
        withUnsafeBytes(of: found.bits) { bits in
            for (place, byte) in bits.enumerated() where byte != 0 {
                for bit in 0..<8 where byte & (1 << UInt8(bit)) != 0 {
                    let known = languages[8 * place + bit]
                    for language in hits.indices where known & (1 << UInt32(language)) != 0 { hits[language] += 1 }
                }
            }
        }
        return hits
    }
}

/// Rows in another language than most, and answers in another language than their request.
struct LanguageChecks {
    /// Into `names`, from 1; 0 where nothing was guessed.
    private let guesses: [(request: UInt8, answer: UInt8)]
    private let names: [String]

    init(_ examples: ExampleRows, rules: AuditRules, threads: Int) {
        let language = TextLanguage(rules)
        names = language.names
        let numbers = Dictionary(
            names.enumerated().map { ($1, UInt8($0 + 1)) }, uniquingKeysWith: { first, _ in first })
        @Sendable func number(_ text: String) -> UInt8 { language.guess(text).flatMap { numbers[$0] } ?? 0 }
        guesses = inParallel(things: examples.count, size: 1024, threads: threads) { rows in
            rows.map { row in
                let example = examples[row]
                return (request: number(example.request), answer: number(example.completion))
            }
        }
    }

    private func name(_ number: UInt8) -> String? { number == 0 ? nil : names[Int(number) - 1] }

    func report(_ examples: ExampleRows, into book: inout EvidenceBook) {
        var counts: [UInt8: Int] = [:]
        for guess in guesses {
            let language = guess.answer > 0 ? guess.answer : guess.request
            if language > 0 { counts[language, default: 0] += 1 }
        }
        let languages = counts.compactMap { number, count in name(number).map { (key: $0, value: count) } }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard let usual = languages.first?.key else { return }
        for (row, guess) in guesses.enumerated() {
            let (asked, answered) = (name(guess.request), name(guess.answer))
            if let language = answered ?? asked, language != usual {
                let example = examples[row]
                book.add(.languagesMixed, example.place, "\(language): \(example.request)")
            }
            if let asked, let answered, asked != answered {
                let example = examples[row]
                book.add(.answerLanguage, example.place, "\(asked) → \(answered): \(example.completion)")
            }
        }
        if languages.count > 1 {
            book[.languagesMixed].detail = languages.prefix(6).map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        }
    }
}
