package import JSONText

/// A JSON Schema of the 2020-12 core subset: what a structured answer must look like.
///
/// `format` is not checked, as the standard has it; `multipleOf` is counted in decimals, so that 19.99 is a multiple of 0.01.
package struct JSONSchema: Sendable, Hashable {
    private let root: JSONValue

    /// - Throws: `JSONSchemaError` for something that is no schema: a wrong type, a pattern nobody can read, a reference to
    ///   nowhere, a keyword this subset does not know.
    package init(_ value: JSONValue) throws(JSONSchemaError) {
        root = value
        try check(value, at: "#")
    }

    package func accepts(_ value: JSONValue) -> Bool { accepts(value, root, depth: 0) }

    package var json: JSONValue { root }

    /// Every object has exactly the keys it requires: what strict modes of chat APIs ask for.
    package var requiresEveryKey: Bool { Self.requiresEveryKey(root) }

    private static func requiresEveryKey(_ schema: JSONValue) -> Bool {
        let keys = schema["properties"]?.objectValue?.keys ?? []
        let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard keys.allSatisfy(required.contains) else { return false }
        let parts =
            (schema["properties"]?.objectValue?.members ?? []).map(\.value) + [schema["items"]].compactMap(\.self)
        return parts.allSatisfy(requiresEveryKey)
    }

    /// Keywords that say nothing about validity.
    private static let notes: Set<String> = [
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly",
        "writeOnly",
        "format", "$anchor",
    ]
    private static let types: Set<String> = ["null", "boolean", "object", "array", "number", "string", "integer"]
    private static let schemaLists: Set<String> = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let schemaMaps: Set<String> = [
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas",
    ]
    private static let schemas: Set<String> = [
        "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
    ]
    private static let counts: Set<String> = [
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
        "maxContains",
    ]
    private static let bounds: Set<String> = [
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ]
    private static let deepest = 64
}

/// Why a value is no schema; `place` is a JSON pointer.
package enum JSONSchemaError: Error, Sendable, Hashable {
    case notASchema(place: String)
    case wrongValue(keyword: String, place: String)
    case unknownKeyword(String, place: String)
    case badPattern(String, place: String)
    case unknownReference(String, place: String)
}

extension JSONSchema {
    private func check(_ schema: JSONValue, at place: String) throws(JSONSchemaError) {
        if schema.boolValue != nil { return }
        guard let object = schema.objectValue else { throw .notASchema(place: place) }
        for member in object.members {
            let key = member.key, value = member.value, here = place + "/" + key
            func require(_ isRight: Bool) throws(JSONSchemaError) {
                if !isRight { throw .wrongValue(keyword: key, place: here) }
            }
            if Self.notes.contains(key) || key == "const" {
                continue
            } else if Self.schemas.contains(key) {
                try check(value, at: here)
            } else if Self.schemaLists.contains(key) {
                let list = value.arrayValue ?? []
                try require(!list.isEmpty)
                for (index, element) in list.enumerated() { try check(element, at: "\(here)/\(index)") }
            } else if Self.schemaMaps.contains(key) {
                try require(value.objectValue != nil)
                for inner in value.objectValue?.members ?? [] {
                    if key == "patternProperties" { try checkPattern(inner.key, at: here) }
                    try check(inner.value, at: here + "/" + inner.key)
                }
            } else if Self.counts.contains(key) {
                try require((value.doubleValue ?? -1) >= 0 && value.doubleValue == value.doubleValue?.rounded())
            } else if Self.bounds.contains(key) {
                try require(value.doubleValue.map { key != "multipleOf" || $0 > 0 } ?? false)
            } else {
                try checkOther(key, value, at: here)
            }
        }
    }

    private func checkOther(_ key: String, _ value: JSONValue, at here: String) throws(JSONSchemaError) {
        let isRight: Bool
        switch key {
        case "type":
            let names = value.stringValue.map { [$0] } ?? (value.arrayValue ?? []).map { $0.stringValue ?? "" }
            isRight = !names.isEmpty && names.allSatisfy(Self.types.contains)
        case "enum": isRight = value.arrayValue != nil
        case "required":
            isRight = value.arrayValue?.allSatisfy { $0.stringValue != nil } ?? false
        case "dependentRequired":
            isRight = value.objectValue?.members.allSatisfy { $0.value.arrayValue != nil } ?? false
        case "uniqueItems": isRight = value.boolValue != nil
        case "pattern":
            isRight = value.stringValue != nil
            try checkPattern(value.stringValue ?? "", at: here)
        case "$ref":
            guard let reference = value.stringValue else { throw .wrongValue(keyword: key, place: here) }
            guard target(of: reference) != nil else { throw .unknownReference(reference, place: here) }
            isRight = true
        default: throw .unknownKeyword(key, place: here)
        }
        if !isRight { throw .wrongValue(keyword: key, place: here) }
    }

    private func checkPattern(_ pattern: String, at place: String) throws(JSONSchemaError) {
        do { _ = try Regex(pattern) } catch { throw .badPattern(pattern, place: place) }
    }

    /// `#` and `#/$defs/name`; other documents are not fetched.
    private func target(of reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var value: JSONValue? = root
        for part in reference.dropFirst().split(separator: "/") {
            let key = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            let inner = value
            value = inner?[key] ?? Int(key).flatMap { inner?[$0] }
        }
        return value
    }
}

extension JSONSchema {
    private func accepts(_ value: JSONValue, _ schema: JSONValue, depth: Int) -> Bool {
        if let verdict = schema.boolValue { return verdict }
        // A schema that only refers to itself never ends.
        guard let object = schema.objectValue, depth < Self.deepest else { return false }
        func holds(_ key: String, _ test: (JSONValue) -> Bool) -> Bool { object[key].map(test) ?? true }
        func inner(_ value: JSONValue, _ schema: JSONValue) -> Bool { accepts(value, schema, depth: depth + 1) }
        guard holds("type", { Self.isOfType(value, $0) }),
            holds("enum", { ($0.arrayValue ?? []).contains { Self.isEqual($0, value) } }),
            holds("const", { Self.isEqual($0, value) }),
            holds("$ref", { $0.stringValue.flatMap(target).map { inner(value, $0) } ?? false }),
            holds("allOf", { ($0.arrayValue ?? []).allSatisfy { inner(value, $0) } }),
            holds("anyOf", { ($0.arrayValue ?? []).contains { inner(value, $0) } }),
            holds("oneOf", { ($0.arrayValue ?? []).count { inner(value, $0) } == 1 }),
            holds("not", { !inner(value, $0) })
        else { return false }
        if let condition = object["if"] {
            let branch = inner(value, condition) ? object["then"] : object["else"]
            if let branch, !inner(value, branch) { return false }
        }
        switch value {
        case .string(let text): return acceptsText(text, object)
        case .number: return value.doubleValue.map { acceptsNumber($0, value, object) } ?? false
        case .array(let elements): return acceptsList(elements, object, inner)
        case .object(let members): return acceptsObject(members, object, inner)
        case .null, .bool: return true
        }
    }

    private func acceptsText(_ text: String, _ schema: JSONObject) -> Bool {
        // Length counts code points: an é of two is two.
        let length = text.unicodeScalars.count
        guard isWithin(length, schema["minLength"], schema["maxLength"]) else { return false }
        return schema["pattern"]?.stringValue.map { Self.matches(text, $0) } ?? true
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.contains(regex)
    }

    private func acceptsNumber(_ number: Double, _ value: JSONValue, _ schema: JSONObject) -> Bool {
        func holds(_ key: String, _ test: (Double) -> Bool) -> Bool { schema[key]?.doubleValue.map(test) ?? true }
        return holds("minimum") { number >= $0 } && holds("maximum") { number <= $0 }
            && holds("exclusiveMinimum") { number > $0 } && holds("exclusiveMaximum") { number < $0 }
            && holds("multipleOf") { step in
                let quotient = number / step
                return abs(quotient - quotient.rounded()) <= 1e-9 * max(1, abs(quotient))
            }
    }

    private func acceptsList(
        _ elements: [JSONValue], _ schema: JSONObject, _ inner: (JSONValue, JSONValue) -> Bool
    ) -> Bool {
        guard isWithin(elements.count, schema["minItems"], schema["maxItems"]) else { return false }
        let first = schema["prefixItems"]?.arrayValue ?? []
        guard zip(elements, first).allSatisfy(inner) else { return false }
        if let rest = schema["items"], !elements.dropFirst(first.count).allSatisfy({ inner($0, rest) }) { return false }
        if let wanted = schema["contains"] {
            let found = elements.count { inner($0, wanted) }
            let least = schema["minContains"]?.doubleValue ?? 1, most = schema["maxContains"]?.doubleValue ?? .infinity
            if Double(found) < least || Double(found) > most { return false }
        }
        guard schema["uniqueItems"]?.boolValue == true else { return true }
        for (place, element) in elements.enumerated()
        where elements[..<place].contains(where: { Self.isEqual($0, element) }) {
            return false
        }
        return true
    }

    private func acceptsObject(
        _ members: JSONObject, _ schema: JSONObject, _ inner: (JSONValue, JSONValue) -> Bool
    ) -> Bool {
        guard isWithin(members.count, schema["minProperties"], schema["maxProperties"]) else { return false }
        for name in schema["required"]?.arrayValue ?? [] where members[name.stringValue ?? ""] == nil { return false }
        for rule in schema["dependentRequired"]?.objectValue?.members ?? [] where members[rule.key] != nil {
            for name in rule.value.arrayValue ?? [] where members[name.stringValue ?? ""] == nil { return false }
        }
        for rule in schema["dependentSchemas"]?.objectValue?.members ?? [] where members[rule.key] != nil {
            if !inner(.object(members), rule.value) { return false }
        }
        let patterns = schema["patternProperties"]?.objectValue?.members ?? []
        for member in members {
            if let names = schema["propertyNames"], !inner(.string(member.key), names) { return false }
            var isKnown = false
            if let own = schema["properties"]?[member.key] {
                isKnown = true
                if !inner(member.value, own) { return false }
            }
            for pattern in patterns where Self.matches(member.key, pattern.key) {
                isKnown = true
                if !inner(member.value, pattern.value) { return false }
            }
            if !isKnown, let others = schema["additionalProperties"], !inner(member.value, others) { return false }
        }
        return true
    }

    private func isWithin(_ count: Int, _ least: JSONValue?, _ most: JSONValue?) -> Bool {
        Double(count) >= least?.doubleValue ?? 0 && Double(count) <= most?.doubleValue ?? .infinity
    }

    private static func isOfType(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
        let names = wanted.stringValue.map { [$0] } ?? (wanted.arrayValue ?? []).compactMap(\.stringValue)
        return names.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
                ("number", .number):
                true
            case ("integer", .number): value.doubleValue.map { $0 == $0.rounded() } ?? false
            default: false
            }
        }
    }

    /// Numbers by value; `true` is not 1.
    private static func isEqual(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.number, .number): one.doubleValue == other.doubleValue
        case (.array(let first), .array(let second)):
            first.count == second.count && zip(first, second).allSatisfy(isEqual)
        case (.object(let first), .object(let second)):
            first.count == second.count
                && first.members.allSatisfy { member in second[member.key].map { isEqual(member.value, $0) } ?? false }
        default: one == other
        }
    }
}
