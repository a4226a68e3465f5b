/// A single word, number or text, exactly as it was written.
package struct YAMLScalar: Sendable, Hashable {
    package let text: String
    /// Written without quotes; only then can it be a number, a yes or nothing at all.
    package let isPlain: Bool
    package let place: YAMLPlace

    package var isNull: Bool { isPlain && (text.isEmpty || text == "~" || text == "null") }

    package var bool: Bool? {
        guard isPlain else { return nil }
        switch text {
        case "true", "yes": return true
        case "false", "no": return false
        default: return nil
        }
    }

    /// A decimal whole number that fits; `1e3` and `1.0` are numbers, but not whole ones as written.
    package var int: Int? {
        guard isPlain, isDecimal(allowingFraction: false) else { return nil }
        return Int(text)
    }

    package var double: Double? {
        guard isPlain, isDecimal(allowingFraction: true), let value = Double(text), value.isFinite else { return nil }
        return value
    }

    package var kind: YAMLKind {
        if isNull { return .nothing }
        if bool != nil { return .yesOrNo }
        if int != nil { return .wholeNumber }
        if double != nil { return .number }
        return .text
    }

    /// Swift would also read `nan`, `infinity` and hexadecimal floats, none of which a person means in these files.
    private func isDecimal(allowingFraction: Bool) -> Bool {
        var sawDigit = false
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                sawDigit = true
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                if index > 0 && !allowingFraction { return false }
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                if !allowingFraction || (byte != UInt8(ascii: ".") && !sawDigit) { return false }
            default:
                return false
            }
        }
        return sawDigit
    }
}

extension YAMLScalar {
    /// The spelling that reads back as exactly this text: plain where that is safe, double-quoted otherwise.
    package static func spelling(of text: String) -> String {
        let probe = YAMLScalar(text: text, isPlain: true, place: YAMLPlace(file: "", line: 1, column: 1))
        if probe.kind == .text && isSafeUnquoted(text) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                if scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.value == 0x2028
                    || scalar.value == 0x2029 || scalar.value == 0xFEFF
                {
                    let hex = String(scalar.value, radix: 16, uppercase: true)
                    quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }

    /// Letters, digits and a few marks that mean nothing to YAML anywhere in a line.
    private static func isSafeUnquoted(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, last != " " else { return false }
        guard first.properties.isAlphabetic || ("0"..."9").contains(first) || first == "/" || first == "." || first == "_"
        else { return false }
        // Older readers take these words as booleans.
        if ["on", "off", "y", "n"].contains(text.lowercased()) { return false }
        if ["true", "false", "yes", "no", "null"].contains(text.lowercased()) { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || " _-./+()".unicodeScalars.contains(scalar)
        }
    }
}
