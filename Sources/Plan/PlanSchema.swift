package import JSONText

/// The JSON schema of the plan file, for editors that complete and check as one types.
package enum PlanSchema {
    /// - Parameter about: What a key means, in a sentence, by its full name.
    package static func json(about: (String) -> String?) -> JSONValue {
        var root = object(of: PlanKey.all.map { ($0.name.split(separator: ".").map(String.init), $0) }, about: about)
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["title"] = "A training plan of hone"
        root["required"] = ["version", "model", "method", "data"]
        if var properties = root["properties"]?.objectValue {
            properties["overrides"] = [
                "type": "object", "additionalProperties": ["type": "string"],
                "description": "Red lints that were taken on, each with its reason",
            ]
            root["properties"] = .object(properties)
        }
        return .object(root)
    }

    private static func object(of keys: [(path: [String], key: PlanKey)], about: (String) -> String?) -> JSONObject {
        var properties = JSONObject()
        for (path, key) in keys where properties[path[0]] == nil {
            if path.count == 1 {
                properties[path[0]] = .object(property(key, about: about(key.name)))
            } else {
                let inner = keys.filter { $0.path[0] == path[0] }.map { entry -> (path: [String], key: PlanKey) in
                    (Array(entry.path.dropFirst()), entry.key)
                }
                properties[path[0]] = .object(object(of: inner, about: about))
            }
        }
        return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
    }

    private static func property(_ key: PlanKey, about: String?) -> JSONObject {
        var object = JSONObject()
        if let about { object["description"] = .string(about) }
        switch key.kind {
        case .text: object["type"] = "string"
        case .whole: object["type"] = "integer"
        case .number: object["type"] = "number"
        case .flag: object["type"] = "boolean"
        case .choice(let words): object["enum"] = .array(words.map(JSONValue.string))
        case .list: object["anyOf"] = [["type": "string"], ["type": "array", "items": ["type": "string"]]]
        }
        if let range = key.range {
            object[range.lowIsAllowed ? "minimum" : "exclusiveMinimum"] = JSONValue(range.low)
            object[range.highIsAllowed ? "maximum" : "exclusiveMaximum"] = JSONValue(range.high)
        }
        return object
    }
}
