/// Words of a text for counting and searching: lower case, letters and digits of every script.
enum TextTerms {
    /// Scripts written without spaces give one term per character, so that they can be searched at all.
    static func words(of text: String) -> [String] {
        var words: [String] = [], word: [UInt8] = []
        func close() {
            guard !word.isEmpty else { return }
            words.append(String(decoding: word, as: UTF8.self))
            word.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39, 0x61...0x7A: word.append(UInt8(scalar.value))
            case 0x41...0x5A: word.append(UInt8(scalar.value) | 0x20)
            case 0..<0x80: close()
            default:
                let properties = scalar.properties
                guard properties.isAlphabetic || properties.numericType != nil || isMark(properties.generalCategory)
                else {
                    close()
                    continue
                }
                if properties.isIdeographic { close() }
                word += Array(properties.lowercaseMapping.utf8)
                if properties.isIdeographic { close() }
            }
        }
        close()
        return words
    }

    private static func isMark(_ category: Unicode.GeneralCategory) -> Bool {
        category == .nonspacingMark || category == .spacingMark
    }
}
