/// Overlap of words between an answer and the expected one (SQuAD's F1; Rajpurkar et al. 2016).
package enum AnswerOverlap {
    /// How text becomes words.
    package enum Normalisation: String, Sendable, Hashable {
        /// As SQuAD's script: ASCII punctuation is deleted (`state-of-the-art` becomes one word), English articles go.
        case squad
        /// Punctuation of every script separates words, width and case are folded, articles stay.
        case unicode
    }

    /// Two empty answers agree, an empty and a full one do not.
    package static func f1(_ output: String, _ expected: String, _ normalisation: Normalisation = .squad) -> Double {
        let given = words(of: output, normalisation), wanted = words(of: expected, normalisation)
        if given.isEmpty || wanted.isEmpty { return given.isEmpty && wanted.isEmpty ? 1 : 0 }
        var left: [Substring: Int] = [:]
        for word in wanted { left[word, default: 0] += 1 }
        var shared = 0
        for word in given where left[word, default: 0] > 0 {
            left[word, default: 0] -= 1
            shared += 1
        }
        return 2 * Double(shared) / Double(given.count + wanted.count)
    }

    /// Equal after normalisation; how open questions with short answers are marked.
    package static func isSame(_ output: String, _ expected: String, _ normalisation: Normalisation = .squad) -> Bool {
        words(of: output, normalisation) == words(of: expected, normalisation)
    }

    package static func words(of text: String, _ normalisation: Normalisation = .squad) -> [Substring] {
        var clean = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            switch normalisation {
            case .squad where isASCIIPunctuation(scalar): continue
            case .unicode where !isPartOfWord(scalar): clean.append(" ")
            default: clean.append(scalar)
            }
        }
        let words = String(clean).split(whereSeparator: \.isWhitespace)
        return normalisation == .squad ? words.filter { $0 != "a" && $0 != "an" && $0 != "the" } : words
    }

    private static func isASCIIPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        return properties.isAlphabetic || properties.numericType != nil
            || properties.generalCategory == .nonspacingMark || properties.generalCategory == .spacingMark
    }
}
