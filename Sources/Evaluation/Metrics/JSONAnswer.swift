package import JSONText

/// The JSON in a model's output, read twice: as strict as the program that will consume it, and as kind as a person.
package struct JSONAnswer: Sendable, Hashable {
    /// The whole output, where it is one object or array and nothing else.
    package let strict: JSONValue?
    /// The strict value, else what stands in one code fence, else the first balanced object or array in the text.
    package let found: JSONValue?

    package init(_ output: String) {
        let whole = Self.structure(in: output)
        strict = whole
        found = whole ?? Self.fenced(in: output) ?? Self.balanced(in: output)
    }

    /// A bare word or number parses too but is no structured answer.
    static func structure(in text: String) -> JSONValue? {
        guard let value = try? JSONValue.parse(text), value.kind == .object || value.kind == .array else { return nil }
        return value
    }

    private static func fenced(in text: String) -> JSONValue? {
        guard let open = text.firstRange(of: "```") else { return nil }
        let rest = text[open.upperBound...]
        guard let lineEnd = rest.firstIndex(where: \.isNewline) else { return nil }
        let body = rest[lineEnd...]
        guard let close = body.firstRange(of: "```") else { return nil }
        return structure(in: String(body[..<close.lowerBound]))
    }

    private static func balanced(in text: String) -> JSONValue? {
        let bytes = Array(text.utf8)
        var start = 0
        while let open = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }) {
            if let end = endOfStructure(bytes, from: open) {
                return structure(in: String(decoding: bytes[open...end], as: UTF8.self))
            }
            start = open + 1
        }
        return nil
    }

    /// The bracket that closes the one at `open`; brackets inside strings do not count.
    private static func endOfStructure(_ bytes: [UInt8], from open: Int) -> Int? {
        var depth = 0, isInString = false, isEscaped = false
        for place in open..<bytes.count {
            let byte = bytes[place]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return place }
            default: break
            }
        }
        return nil
    }
}

/// The leaves of a JSON value with their paths: what a field-level score compares.
package struct JSONFields: Sendable, Hashable {
    /// Path (`items[0].price`) to leaf. An empty object or array is a leaf of its own.
    package private(set) var leaves: [String: JSONValue] = [:]

    package init(_ value: JSONValue) { add(value, at: "") }

    /// Share of fields that agree, as F1 of precision and recall. Two values without any field agree fully.
    package func f1(against expected: JSONFields) -> Double {
        let right = leaves.count { path, value in expected.leaves[path].map { isSame($0, value) } ?? false }
        let total = leaves.count + expected.leaves.count
        return total == 0 ? 1 : 2 * Double(right) / Double(total)
    }

    /// Every field agrees.
    package func matches(_ expected: JSONFields) -> Bool {
        leaves.count == expected.leaves.count
            && leaves.allSatisfy { path, value in expected.leaves[path].map { isSame($0, value) } ?? false }
    }

    private mutating func add(_ value: JSONValue, at path: String) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object { add(member.value, at: path.isEmpty ? member.key : path + "." + member.key) }
        case .array(let elements) where !elements.isEmpty:
            for (place, element) in elements.enumerated() { add(element, at: "\(path)[\(place)]") }
        default: leaves[path] = value
        }
    }
}

/// Numbers are equal by value, so that `1.0` is `1`; everything else as written.
private func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
    if let first = one.doubleValue, let second = other.doubleValue { return first == second }
    return one == other
}
