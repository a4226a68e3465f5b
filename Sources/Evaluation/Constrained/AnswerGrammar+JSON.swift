import JSONText

extension AnswerGrammar {
    /// The shape that known answers have in common. Nil where they are no JSON objects or arrays.
    ///
    /// Objects with the same keys in the same order share a shape; texts of which there are few and often the same ones
    /// become a list to choose from.
    package static func inferred(from answers: [String]) -> AnswerGrammar? {
        let values = answers.compactMap { JSONAnswer.structure(in: $0) }
        guard !values.isEmpty, values.count == answers.count else { return nil }
        return shape(of: values, Spacing(answers, values))
    }

    /// The space behind commas and colons, as most answers have it.
    private struct Spacing {
        let comma: AnswerGrammar
        let colon: AnswerGrammar

        init(_ answers: [String], _ values: [JSONValue]) {
            let compact = zip(answers, values).count { trimmed($0) == $1.text() }
            let spaced = zip(answers, values).count { trimmed($0) == $1.text(.pythonStyle) }
            let gap: AnswerGrammar =
                compact * 2 > answers.count
                ? .sequence([]) : spaced * 2 > answers.count ? .text(" ") : .repeated(.choice([.text(" "), .text("\n")]))
            comma = .sequence([.text(","), gap])
            colon = .sequence([.text(":"), gap])
        }
    }

    private static func shape(of values: [JSONValue], _ spacing: Spacing) -> AnswerGrammar {
        var kinds: [JSONValue.Kind: [JSONValue]] = [:], order: [JSONValue.Kind] = []
        for value in values {
            if kinds[value.kind] == nil { order.append(value.kind) }
            kinds[value.kind, default: []].append(value)
        }
        let shapes = order.map { kind in shape(of: kinds[kind] ?? [], kind, spacing) }
        return shapes.count == 1 ? shapes[0] : .choice(shapes)
    }

    private static func shape(of values: [JSONValue], _ kind: JSONValue.Kind, _ spacing: Spacing) -> AnswerGrammar {
        switch kind {
        case .null: .text("null")
        case .bool: .choice([.text("true"), .text("false")])
        case .number: .number(isWhole: values.allSatisfy { $0.intValue != nil })
        case .string: texts(values.compactMap(\.stringValue))
        case .array: list(of: values.flatMap { $0.arrayValue ?? [] }, spacing)
        case .object: objects(values.compactMap(\.objectValue), spacing)
        }
    }

    private static func texts(_ texts: [String]) -> AnswerGrammar {
        let distinct = Set(texts)
        guard distinct.count <= mostListed, distinct.count * 4 <= texts.count else { return .string }
        return .choice(distinct.sorted().map { .text(JSONValue($0).text()) })
    }

    private static let mostListed = 24

    private static func list(of elements: [JSONValue], _ spacing: Spacing) -> AnswerGrammar {
        guard !elements.isEmpty else { return .text("[]") }
        let element = shape(of: elements, spacing)
        return .sequence([.text("["), .optional(separated(element, by: spacing.comma)), .text("]")])
    }

    private static func separated(_ element: AnswerGrammar, by comma: AnswerGrammar) -> AnswerGrammar {
        .sequence([element, .repeated(.sequence([comma, element]))])
    }

    private static func objects(_ objects: [JSONObject], _ spacing: Spacing) -> AnswerGrammar {
        var variants: [[String]: [JSONObject]] = [:], order: [[String]] = []
        for object in objects {
            if variants[object.keys] == nil { order.append(object.keys) }
            variants[object.keys, default: []].append(object)
        }
        return .choice(
            order.map { keys in
                var parts: [AnswerGrammar] = [.text("{")]
                for (place, key) in keys.enumerated() {
                    if place > 0 { parts.append(spacing.comma) }
                    parts.append(.text(JSONValue(key).text()))
                    parts.append(spacing.colon)
                    parts.append(shape(of: (variants[keys] ?? []).compactMap { $0[key] }, spacing))
                }
                return .sequence(parts + [.text("}")])
            })
    }
}
