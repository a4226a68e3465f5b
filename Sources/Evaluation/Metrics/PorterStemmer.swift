/// Porter's stemmer (1980) with NLTK's additions, which `rouge-score` uses.
enum PorterStemmer {
    /// `word` is lower-case ASCII.
    static func stem(_ word: [UInt8]) -> [UInt8] {
        guard word.count > 2 else { return word }
        if let stem = irregular[word] { return stem }
        var stem = word
        plural(&stem)
        pastAndGerund(&stem)
        finalY(&stem)
        replace(&stem, step2) { measure($0) > 0 }
        replace(&stem, step3) { measure($0) > 0 }
        longSuffix(&stem)
        finalE(&stem)
        doubleL(&stem)
        return stem
    }

    private static let irregular: [[UInt8]: [UInt8]] = Dictionary(
        uniqueKeysWithValues: irregularWords.map { (Array($0.key.utf8), Array($0.value.utf8)) })

    private static let irregularWords = [
        "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news", "innings": "inning",
        "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning",
        "howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
    ]

    private typealias Suffix = (ending: StaticString, replacement: StaticString)

    private static let step2: [Suffix] = [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
        ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
        ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
        ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"), ("logi", "log"),
    ]

    private static let step3: [Suffix] = [
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ]

    private static let step4: [StaticString] = [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
        "ous", "ive", "ize",
    ]

    private static func isConsonant(_ word: some RandomAccessCollection<UInt8>, _ place: Int) -> Bool {
        let letter = word[word.index(word.startIndex, offsetBy: place)]
        switch letter {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): return false
        case UInt8(ascii: "y"): return place == 0 || !isConsonant(word, place - 1)
        default: return true
        }
    }

    /// How often vowels are followed by consonants.
    private static func measure(_ stem: some RandomAccessCollection<UInt8>) -> Int {
        var count = 0, wasVowel = false
        for place in 0..<stem.count {
            let isVowel = !isConsonant(stem, place)
            if wasVowel, !isVowel { count += 1 }
            wasVowel = isVowel
        }
        return count
    }

    private static func hasVowel(_ stem: some RandomAccessCollection<UInt8>) -> Bool {
        (0..<stem.count).contains { !isConsonant(stem, $0) }
    }

    private static func endsDoubled(_ word: [UInt8]) -> Bool {
        word.count >= 2 && word[word.count - 1] == word[word.count - 2] && isConsonant(word, word.count - 1)
    }

    /// Consonant, vowel, consonant at the end, the last one none of w, x, y; or a two-letter word of vowel and consonant.
    private static func endsShort(_ word: some RandomAccessCollection<UInt8>) -> Bool {
        let count = word.count
        if count == 2 { return !isConsonant(word, 0) && isConsonant(word, 1) }
        guard count >= 3, isConsonant(word, count - 3), !isConsonant(word, count - 2), isConsonant(word, count - 1)
        else { return false }
        let last = word[word.index(word.startIndex, offsetBy: count - 1)]
        return last != UInt8(ascii: "w") && last != UInt8(ascii: "x") && last != UInt8(ascii: "y")
    }

    private static func ends(_ word: [UInt8], _ ending: StaticString) -> Bool {
        let count = ending.utf8CodeUnitCount
        guard word.count >= count else { return false }
        for place in 0..<count where ending.utf8Start[count - 1 - place] != word[word.count - 1 - place] { return false }
        return true
    }

    private static func cut(_ word: inout [UInt8], _ ending: StaticString, for replacement: StaticString = "") {
        word.removeLast(ending.utf8CodeUnitCount)
        for place in 0..<replacement.utf8CodeUnitCount { word.append(replacement.utf8Start[place]) }
    }

    private static func plural(_ word: inout [UInt8]) {
        if word.count == 4, ends(word, "ies") { return cut(&word, "ies", for: "ie") }
        if ends(word, "sses") { return cut(&word, "sses", for: "ss") }
        if ends(word, "ies") { return cut(&word, "ies", for: "i") }
        if ends(word, "ss") { return }
        if ends(word, "s") { cut(&word, "s") }
    }

    private static func pastAndGerund(_ word: inout [UInt8]) {
        if ends(word, "ied") { return cut(&word, "ied", for: word.count == 4 ? "ie" : "i") }
        if ends(word, "eed") {
            if measure(word.dropLast(3)) > 0 { cut(&word, "eed", for: "ee") }
            return
        }
        let endings: [StaticString] = ["ed", "ing"]
        guard let ending = endings.first(where: { ends(word, $0) && hasVowel(word.dropLast($0.utf8CodeUnitCount)) }) else {
            return
        }
        cut(&word, ending)
        if ends(word, "at") || ends(word, "bl") || ends(word, "iz") {
            word.append(UInt8(ascii: "e"))
        } else if endsDoubled(word) {
            let last = word[word.count - 1]
            if last != UInt8(ascii: "l"), last != UInt8(ascii: "s"), last != UInt8(ascii: "z") { word.removeLast() }
        } else if measure(word) == 1, endsShort(word) {
            word.append(UInt8(ascii: "e"))
        }
    }

    private static func finalY(_ word: inout [UInt8]) {
        guard word.last == UInt8(ascii: "y"), word.count > 2, isConsonant(word, word.count - 2) else { return }
        word[word.count - 1] = UInt8(ascii: "i")
    }

    private static func replace(_ word: inout [UInt8], _ suffixes: [Suffix], when isRight: (ArraySlice<UInt8>) -> Bool) {
        // `alli` first, and what it leaves is looked at again.
        if suffixes.count == step2.count, ends(word, "alli"), isRight(word.dropLast(4)) {
            cut(&word, "alli", for: "al")
            return replace(&word, suffixes, when: isRight)
        }
        for suffix in suffixes where ends(word, suffix.ending) {
            let isLogi = suffix.ending.utf8CodeUnitCount == 4 && suffix.replacement.utf8CodeUnitCount == 3 && ends(word, "logi")
            if isRight(word.dropLast(suffix.ending.utf8CodeUnitCount - (isLogi ? 1 : 0))) {
                cut(&word, suffix.ending, for: suffix.replacement)
            }
            return
        }
    }

    private static func longSuffix(_ word: inout [UInt8]) {
        for ending in step4 where ends(word, ending) {
            let stem = word.dropLast(ending.utf8CodeUnitCount)
            let isIon = ending.utf8CodeUnitCount == 3 && ends(word, "ion")
            let fits = !isIon || stem.last == UInt8(ascii: "s") || stem.last == UInt8(ascii: "t")
            if fits, measure(stem) > 1 { cut(&word, ending) }
            if fits || !isIon { return }
        }
    }

    private static func finalE(_ word: inout [UInt8]) {
        guard word.last == UInt8(ascii: "e") else { return }
        let stem = word.dropLast()
        if measure(stem) > 1 || (measure(stem) == 1 && !endsShort(stem)) { word.removeLast() }
    }

    private static func doubleL(_ word: inout [UInt8]) {
        if ends(word, "ll"), measure(word.dropLast()) > 1 { word.removeLast() }
    }
}
