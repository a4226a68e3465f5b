import JSONText

extension JSONSchema {
    /// The schema all of these answers fit: types, keys that are always there, no others. Nil where one is no JSON object or
    /// array.
    package static func inferred(from answers: some Sequence<String>) -> JSONSchema? {
        var values: [JSONValue] = []
        for answer in answers {
            guard let value = JSONAnswer.structure(in: answer) else { return nil }
            values.append(value)
        }
        return values.isEmpty ? nil : try? JSONSchema(schema(of: values))
    }

    private static func schema(of values: [JSONValue]) -> JSONValue {
        var types: [String] = []
        for value in values.map(type) where !types.contains(value) { types.append(value) }
        // A whole number is a number too.
        if types.contains("number") { types.removeAll { $0 == "integer" } }
        var schema: JSONObject = [:]
        schema["type"] = types.count == 1 ? .string(types[0]) : .array(types.map { .string($0) })
        let objects = values.compactMap(\.objectValue), lists = values.compactMap(\.arrayValue)
        if !objects.isEmpty {
            var keys: [String] = []
            for key in objects.flatMap(\.keys) where !keys.contains(key) { keys.append(key) }
            schema["properties"] = .object(JSONObject(keys.map { key in (key, Self.schema(of: objects.compactMap { $0[key] })) }))
            schema["required"] = .array(keys.filter { key in objects.allSatisfy { $0[key] != nil } }.map { .string($0) })
            schema["additionalProperties"] = false
        }
        let elements = lists.flatMap(\.self)
        if !elements.isEmpty { schema["items"] = Self.schema(of: elements) }
        return .object(schema)
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .number: value.intValue != nil ? "integer" : "number"
        }
    }
}
