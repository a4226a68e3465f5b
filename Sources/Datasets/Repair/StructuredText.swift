import JSONText

/// Texts that were meant to be JSON.
enum StructuredText {
    /// The JSON inside a code fence that is the whole text; nil for anything else.
    static func withoutFence(_ text: String) -> String? {
        var body = text[...]
        while let last = body.last, last.isWhitespace { body.removeLast() }
        body = body.drop(while: \.isWhitespace)
        guard body.hasPrefix("```"), body.hasSuffix("```"), let lineEnd = body.firstIndex(of: "\n") else { return nil }
        let inside = body[body.index(after: lineEnd)...].dropLast(3)
        guard let value = try? JSONValue.parse(String(inside)), value.objectValue != nil || value.arrayValue != nil
        else { return nil }
        var bare = inside
        while let last = bare.last, last.isWhitespace { bare.removeLast() }
        return String(bare)
    }

    /// A Python dict or list as the JSON it stands for; nil when the text is JSON already or neither.
    static func pythonLiteral(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first(where: { $0 > 0x20 }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            (try? JSONValue.parse(text)) == nil
        else { return nil }
        return try? JSONValue.parse(jsonSpelling(of: text))
    }

    /// Strings in double quotes, `None`, `True` and `False` in JSON's words, no comma before a closing bracket.
    private static func jsonSpelling(of text: String) -> String {
        var json = ""
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.first {
            rest.removeFirst()
            switch scalar {
            case "'", "\"": json += quoted(&rest, until: scalar)
            case _ where scalar.properties.isAlphabetic:
                var word = String(scalar)
                while rest.first?.properties.isAlphabetic == true { word.unicodeScalars.append(rest.removeFirst()) }
                json += ["None": "null", "True": "true", "False": "false"][word] ?? word
            case "}", "]":
                while json.last?.isWhitespace == true { json.removeLast() }
                if json.last == "," { json.removeLast() }
                json.unicodeScalars.append(scalar)
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json
    }

    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>, until quote: Unicode.Scalar) -> String {
        var content = ""
        while let scalar = rest.popFirst(), scalar != quote {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                content.unicodeScalars.append(scalar)
                continue
            }
            switch escaped {
            case "n": content += "\n"
            case "t": content += "\t"
            case "r": content += "\r"
            default: content.unicodeScalars.append(escaped)
            }
        }
        return JSONValue.string(content).text()
    }
}
