extension TemplateEvaluator {
    static let filterNames: Set<String> = [
        "abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "indent", "int",
        "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
        "round", "safe", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim", "unique", "upper",
        "wordcount",
    ]

    /// Jinja's other filters.
    static let unsupportedFilterNames: Set<String> = [
        "batch", "center", "filesizeformat", "forceescape", "format", "groupby", "pprint", "random", "slice", "striptags",
        "truncate", "urlencode", "urlize", "wordwrap", "xmlattr",
    ]

    func apply(_ filter: TemplateFilter, to value: TemplateValue, _ scope: TemplateScope) throws(Failure) -> TemplateValue {
        try made(try apply(filter.name, to: value, try evaluate(filter.arguments, scope)))
    }

    func apply(_ name: String, to value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        try spend(value.weight)
        switch name {
        case "default", "d":
            let bound = try arguments.bound(to: ["default_value", "boolean"], of: name)
            if case .undefined = value { return bound[0] ?? .text("") }
            return bound[1]?.isTrue ?? false && !value.isTrue ? bound[0] ?? .text("") : value
        case "tojson": return try json(value, arguments)
        case "map": return try map(value, arguments)
        case "select", "reject", "selectattr", "rejectattr": return try select(name, value, arguments)
        case "join": return try join(value, arguments)
        case "sort", "unique", "dictsort", "min", "max": return try ordered(name, value, arguments)
        case "replace", "indent", "trim": return try changedText(name, value, arguments)
        case "int", "float", "round", "sum", "attr": return try withOptions(name, value, arguments)
        default:
            _ = try arguments.bound(to: [], of: "filter '\(name)'")
            return try simple(name, value)
        }
    }

    /// Filters without arguments.
    private func simple(_ name: String, _ value: TemplateValue) throws(Failure) -> TemplateValue {
        switch name {
        case "length", "count": return .int(try length(of: value))
        case "list": return .list(try items(of: value))
        case "items":
            if case .undefined = value { return .list([]) }
            guard case .dict(let dict) = value else { throw .badValue("a \(value.typeName)", of: "filter 'items'") }
            return .list(dict.pairs)
        case "first", "last":
            let items = try items(of: value)
            guard let item = name == "first" ? items.first : items.last else {
                return .undefined(.notThere("No \(name) item, sequence was empty."))
            }
            return item
        case "reverse":
            if case .text(let text) = value {
                var reversed = String.UnicodeScalarView()
                reversed.append(contentsOf: text.string.unicodeScalars.reversed())
                return .text(String(reversed))
            }
            return .list(try items(of: value).reversed())
        case "abs":
            try refuseUndefined(value)
            if let integer = value.integer { return integer < 0 ? try signed("-", .int(integer)) : .int(integer) }
            guard let number = value.number else { throw .badOperand("abs()", operand: value.typeName) }
            return .float(abs(number))
        default:
            return try text(name, value)
        }
    }

    /// Filters that look at a value as text.
    private func text(_ name: String, _ value: TemplateValue) throws(Failure) -> TemplateValue {
        var text = TemplateText(try string(value))
        if case .text(let given) = value { text = given }
        switch name {
        case "string": return .text(text)
        case "safe": return .text(TemplateText(text.string, isSafe: true))
        case "escape", "e": return .text(TemplateText(text.escaped, isSafe: true))
        case "wordcount": return .int(PythonString.splitWords(text.string, limit: .max).count)
        case "title": return .text(TemplateText(Self.titled(text.string), isSafe: text.isSafe))
        default: return try call(name, of: text, CallArguments())
        }
    }

    /// Jinja's own `title`: words begin behind spaces, hyphens and opening brackets only.
    private static func titled(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for scalar in text.unicodeScalars {
            result += isInWord ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
            isInWord = !(PythonString.isSpace(scalar.value) || "-({[<".unicodeScalars.contains(scalar))
        }
        return result
    }

    private func length(of value: TemplateValue) throws(Failure) -> Int {
        switch value {
        case .undefined: return 0
        case .text(let text): return text.string.unicodeScalars.count
        case .list(let list), .tuple(let list): return list.items.count
        case .dict(let dict): return dict.count
        default: throw .noLength(value.typeName)
        }
    }

    // MARK: Text

    private func changedText(
        _ name: String, _ value: TemplateValue, _ arguments: CallArguments
    ) throws(Failure) -> TemplateValue {
        var text = TemplateText(try string(value))
        if case .text(let given) = value { text = given }
        switch name {
        case "trim":
            let characters = try arguments.bound(to: ["chars"], of: name)[0]
            return try call("strip", of: text, CallArguments(positional: characters.map { [$0] } ?? []))
        case "replace":
            let bound = try arguments.bound(to: ["old", "new", "count"], of: name)
            guard let old = bound[0], let new = bound[1] else { throw .badArguments(of: "filter 'replace'") }
            let parts = [old, new] + (bound[2].map { [$0] } ?? [])
            var texts: [TemplateValue] = []
            for part in parts { texts.append(part.integer == nil ? .text(try string(part)) : part) }
            return try call("replace", of: text, CallArguments(positional: texts))
        default:
            return try indented(text, try arguments.bound(to: ["width", "first", "blank"], of: name))
        }
    }

    private func indented(_ text: TemplateText, _ options: [TemplateValue?]) throws(Failure) -> TemplateValue {
        var indent = "    "
        switch options[0] {
        case .text(let given)?: indent = given.string
        case let width?:
            guard let count = width.integer, count <= 1000 else { throw .badValue("its width", of: "filter 'indent'") }
            indent = String(repeating: " ", count: max(0, count))
        case nil: break
        }
        let indentsFirst = options[1]?.isTrue ?? false
        let indentsBlank = options[2]?.isTrue ?? false
        var lines = PythonString.splitLines(text.string + "\n", keepsEnds: false)
        try spend(lines.count)
        for place in lines.indices.dropFirst() where indentsBlank || !lines[place].isEmpty {
            lines[place] = indent + lines[place]
        }
        if indentsFirst, let first = lines.first { lines[0] = indent + first }
        try limitJoined(lines, "\n")
        return .text(TemplateText(lines.joined(separator: "\n"), isSafe: text.isSafe))
    }

    private func json(_ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        let bound = try arguments.bound(to: ["ensure_ascii", "indent", "separators", "sort_keys"], of: "filter 'tojson'")
        var style = PythonText.JSONStyle()
        style.isASCII = bound[0]?.isTrue ?? false
        style.sortsKeys = bound[3]?.isTrue ?? false
        switch bound[1] {
        case nil, .some(.none): break
        case .text(let text)?: style.indent = text.string
        case let width?:
            guard let count = width.integer, count <= 1000 else { throw .badValue("its indent", of: "filter 'tojson'") }
            style.indent = String(repeating: " ", count: max(0, count))
        }
        if style.indent != nil { style.itemSeparator = "," }
        if let separators = bound[2], separators.isTrue {
            let parts = try items(of: separators)
            guard parts.count == 2 else { throw .badUnpacking(wanted: 2, found: parts.count) }
            style.itemSeparator = try string(parts[0])
            style.keySeparator = try string(parts[1])
        }
        return .text(try PythonText.json(value, style: style, limit: Self.textLimit))
    }

    private func join(_ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> TemplateValue {
        let bound = try arguments.bound(to: ["d", "attribute"], of: "filter 'join'")
        var parts: [String] = []
        for item in try items(of: value) {
            let item = try bound[1].map { path throws(Failure) in try member(path, of: item) } ?? item
            parts.append(try string(item))
        }
        let separator = try bound[0].map { value throws(Failure) in try string(value) } ?? ""
        try limitJoined(parts, separator)
        return .text(parts.joined(separator: separator))
    }
}
