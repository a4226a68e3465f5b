/// Writes values as Python prints them: `str`, `repr` and `json.dumps`.
struct PythonText {
    typealias Failure = ChatTemplateError.Reason

    private(set) var text = ""
    private let limit: Int

    private init(limit: Int) { self.limit = limit }

    /// `str(value)`.
    static func string(_ value: TemplateValue, limit: Int) throws(Failure) -> String {
        switch value {
        case .text(let text): return text.string
        case .undefined: return ""
        default:
            var writer = PythonText(limit: limit)
            try writer.representation(of: value)
            return writer.text
        }
    }

    /// `repr(value)`.
    static func representation(_ value: TemplateValue, limit: Int) throws(Failure) -> String {
        var writer = PythonText(limit: limit)
        try writer.representation(of: value)
        return writer.text
    }

    struct JSONStyle {
        var indent: String?
        var itemSeparator = ", "
        var keySeparator = ": "
        var isASCII = false
        var sortsKeys = false
    }

    /// `json.dumps(value)`.
    static func json(_ value: TemplateValue, style: JSONStyle, limit: Int) throws(Failure) -> String {
        var writer = PythonText(limit: limit)
        try writer.json(value, style, depth: 0)
        return writer.text
    }

    private mutating func append(_ more: String) throws(Failure) {
        text += more
        guard text.utf8.count <= limit else { throw .tooLarge(limit: limit) }
    }

    // MARK: repr

    private mutating func representation(of value: TemplateValue) throws(Failure) {
        switch value {
        case .undefined: try append("Undefined")
        case .none: try append("None")
        case .bool(let value): try append(value ? "True" : "False")
        case .int(let value): try append(String(value))
        case .bigInt(let text): try append(text)
        case .float(let value): try append(Self.float(value))
        case .text(let text): try append(text.isSafe ? "Markup(\(Self.quoted(text.string)))" : Self.quoted(text.string))
        case .list(let list): try sequence(list.items, "[", "]")
        case .tuple(let list): try sequence(list.items, "(", list.items.count == 1 ? ",)" : ")")
        case .dict(let dict):
            try append("{")
            for (place, (key, value)) in zip(dict.keys, dict.values).enumerated() {
                if place > 0 { try append(", ") }
                try representation(of: key)
                try append(": ")
                try representation(of: value)
            }
            try append("}")
        case .namespace, .macro, .loop, .function, .method:
            // Python prints an address here, different in every run.
            throw .unsupported("printing a \(value.typeName)")
        }
    }

    private mutating func sequence(_ items: [TemplateValue], _ open: String, _ close: String) throws(Failure) {
        try append(open)
        for (place, item) in items.enumerated() {
            if place > 0 { try append(", ") }
            try representation(of: item)
        }
        try append(close)
    }

    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var result = String(Character(quote))
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result += "\\" + String(Character(scalar))
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let value = scalar.value
                let width = value < 0x100 ? 2 : value < 0x10000 ? 4 : 8
                result += "\\" + (width == 2 ? "x" : width == 4 ? "u" : "U") + hex(value, width: width)
            }
        }
        return result + String(Character(quote))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if 0x20...0x7E ~= scalar.value { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func hex(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The shortest digits that read back as the value, with an exponent below 1e-4 and from 1e16.
    static func float(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
        let sign = value < 0 ? "-" : ""
        var exponent = 0
        var digits = ""
        let parts = value.magnitude.description.split(separator: "e")
        if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        digits = String(halves[0]) + (halves.count > 1 ? String(halves[1]) : "")
        // The value is 0.d1d2d3… times ten to the power of `point`.
        var point = halves[0].utf8.count + exponent
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.hasSuffix("0") { digits.removeLast() }
        if point > 16 || point < -3 {
            let power = point - 1
            let mantissa = digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
            let magnitude = String(abs(power))
            return sign + mantissa + "e" + (power < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "") + magnitude
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + "\(digits.prefix(point)).\(digits.dropFirst(point))"
    }

    // MARK: JSON

    private mutating func json(_ value: TemplateValue, _ style: JSONStyle, depth: Int) throws(Failure) {
        switch value {
        case .none: try append("null")
        case .bool(let value): try append(value ? "true" : "false")
        case .int(let value): try append(String(value))
        case .bigInt(let text): try append(text)
        case .float(let value):
            try append(value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : Self.float(value))
        case .text(let text): try append(Self.jsonString(text.string, isASCII: style.isASCII))
        case .list(let list), .tuple(let list):
            guard !list.items.isEmpty else { return try append("[]") }
            try append("[")
            for (place, item) in list.items.enumerated() {
                try separate(place, style, depth)
                try json(item, style, depth: depth + 1)
            }
            try breakLine(style, depth)
            try append("]")
        case .dict(let dict):
            guard dict.count > 0 else { return try append("{}") }
            try append("{")
            for (place, (name, value)) in try members(of: dict, style).enumerated() {
                try separate(place, style, depth)
                try append(Self.jsonString(name, isASCII: style.isASCII) + style.keySeparator)
                try json(value, style, depth: depth + 1)
            }
            try breakLine(style, depth)
            try append("}")
        case .undefined, .namespace, .macro, .loop, .function, .method:
            throw .notJSON(value.typeName)
        }
    }

    private func members(of dict: TemplateDict, _ style: JSONStyle) throws(Failure) -> [(String, TemplateValue)] {
        var members: [(String, TemplateValue)] = []
        for (key, value) in zip(dict.keys, dict.values) {
            switch key {
            case .text(let text): members.append((text.string, value))
            case .none: members.append(("null", value))
            case .bool(let flag): members.append((flag ? "true" : "false", value))
            case .int(let number): members.append((String(number), value))
            case .float(let number): members.append((Self.float(number), value))
            default: throw .notJSON(key.typeName)
            }
        }
        return style.sortsKeys ? members.sorted { PythonString.isLess($0.0, $1.0) } : members
    }

    private mutating func separate(_ place: Int, _ style: JSONStyle, _ depth: Int) throws(Failure) {
        if place > 0 { try append(style.itemSeparator) }
        try breakLine(style, depth + 1)
    }

    private mutating func breakLine(_ style: JSONStyle, _ depth: Int) throws(Failure) {
        guard let indent = style.indent else { return }
        try append("\n" + String(repeating: indent, count: depth))
    }

    private static func jsonString(_ text: String, isASCII: Bool) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20 || (isASCII && scalar.value > 0x7E):
                for unit in String(Character(scalar)).utf16 { result += "\\u" + hex(UInt32(unit), width: 4) }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
