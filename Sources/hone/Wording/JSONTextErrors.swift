import JSONText

extension JSONSyntaxError: Explained {
    var explanation: Explanation {
        Explanation("line \(line), column \(column): \(reason.words)", hint: reason.advice, exitCode: .wrongUsage)
    }
}

extension JSONSyntaxError.Reason {
    /// What is there instead of JSON.
    var words: String {
        switch self {
        case .empty: "there is nothing to read"
        case .unexpectedEnd(let part):
            "the text ends inside \(part == .literal ? "a value" : part == .array || part == .object ? "an \(part.rawValue)" : "a \(part.rawValue)")"
        case .unexpected(let scalar, let wanted): "found '\(scalar)' where \(wanted.rawValue) was expected"
        case .textAfterValue: "there is more text after the end of the value"
        case .byteOrderMark: "the text begins with a byte order mark"
        case .notUTF8: "these bytes are not UTF-8"
        case .controlCharacter(let byte): "a raw \(Self.name(of: byte)) inside a string"
        case .unknownEscape(let scalar): "'\\\(scalar)' is no escape"
        case .badUnicodeEscape: "'\\u' needs four hexadecimal digits"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .leadingZero: "a number begins with 0"
        case .trailingComma: "a comma stands before the closing bracket"
        case .singleQuotes: "strings are in single quotes: this looks like Python, not JSON"
        case .foreignLiteral(let word): "`\(word)` is not JSON"
        case .tooDeep(let limit): "values are nested deeper than \(limit) levels"
        }
    }

    /// The one thing to do about it.
    var advice: String? {
        switch self {
        case .empty, .textAfterValue, .unexpected, .tooDeep: nil
        case .unexpectedEnd: "the row was cut, or a bracket or quote is missing"
        case .byteOrderMark: "save the file as UTF-8 without a mark"
        case .notUTF8: "save the file as UTF-8"
        case .controlCharacter: "write \\n for a line break and \\t for a tab"
        case .unknownEscape: "write a backslash as \\\\"
        case .badUnicodeEscape, .loneSurrogate: "write the character itself, in UTF-8"
        case .leadingZero: "remove the 0, or write the value as a text in quotes"
        case .trailingComma: "remove the comma"
        case .singleQuotes: "write the file with json.dumps instead of str or repr"
        case .foreignLiteral(let word):
            switch word {
            case "None", "undefined": "write null"
            case "True", "False": "write \(word.lowercased())"
            default: "JSON has no such number: write null"
            }
        }
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case 0x09: "tab"
        case 0x0A, 0x0D: "line break"
        case 0x00: "zero byte"
        default: "control character (\(byte))"
        }
    }
}
