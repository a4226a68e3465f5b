package import JSONText

extension RunPlan {
    /// The same keys and values as nested JSON objects; reads back with `init(yaml:file:)`.
    package var json: JSONValue { nested(fields.filter { $0.value != .nothing }.map { ($0.key, $0.value.json) }) }

    private func nested(_ members: [(key: String, value: JSONValue)]) -> JSONValue {
        var object = JSONObject()
        var sections: [(name: String, members: [(key: String, value: JSONValue)])] = []
        for (key, value) in members {
            guard let dot = key.firstIndex(of: ".") else {
                sections.append((key, [("", value)]))
                continue
            }
            let name = String(key[..<dot]), rest = String(key[key.index(after: dot)...])
            if sections.last?.name == name {
                sections[sections.count - 1].members.append((rest, value))
            } else {
                sections.append((name, [(rest, value)]))
            }
        }
        for section in sections {
            object[section.name] =
                section.members.first?.key == "" ? section.members[0].value : nested(section.members)
        }
        return .object(object)
    }
}

extension PlanValue {
    package var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .whole(let value): JSONValue(value)
        case .number(let value): JSONValue(value)
        case .flag(let value): .bool(value)
        case .list(let items): .array(items.map(JSONValue.string))
        case .nothing: .null
        }
    }
}
