extension TemplateEvaluator {
    static let testNames: Set<String> = [
        "boolean", "callable", "defined", "divisibleby", "eq", "==", "equalto", "escaped", "even", "false", "float", "ge", "gt",
        "greaterthan", "in", "integer", "iterable", "le", "lower", "lt", "lessthan", "mapping", "ne", "none", "number", "odd",
        "sameas", "sequence", "string", "true", "undefined", "upper",
    ]

    func passes(_ test: TemplateFilter, _ value: TemplateValue, _ scope: TemplateScope) throws(Failure) -> Bool {
        try passes(test.name, value, try evaluate(test.arguments, scope))
    }

    func passes(_ name: String, _ value: TemplateValue, _ arguments: CallArguments) throws(Failure) -> Bool {
        if let sign = Self.comparisons[name] {
            guard arguments.positional.count == 1, arguments.named.isEmpty else { throw .badArguments(of: "test '\(name)'") }
            return try holds(value, sign, arguments.positional[0])
        }
        switch name {
        case "divisibleby", "sameas":
            guard arguments.positional.count == 1, arguments.named.isEmpty else { throw .badArguments(of: "test '\(name)'") }
            if name == "sameas" { return try isSame(value, arguments.positional[0]) }
            return try operate("%", value, arguments.positional[0]).isEqual(to: .int(0))
        case "even": return try operate("%", value, .int(2)).isEqual(to: .int(0))
        case "odd": return try operate("%", value, .int(2)).isEqual(to: .int(1))
        default: break
        }
        guard arguments.positional.isEmpty, arguments.named.isEmpty else { throw .badArguments(of: "test '\(name)'") }
        return try has(name, value)
    }

    private static let comparisons: [String: TemplateExpression.Comparison] = [
        "eq": .equal, "==": .equal, "equalto": .equal, "ne": .unequal, "lt": .less, "lessthan": .less, "le": .lessOrEqual,
        "gt": .greater, "greaterthan": .greater, "ge": .greaterOrEqual, "in": .isIn,
    ]

    /// Python's `is`, where it does not depend on how values are stored.
    private func isSame(_ value: TemplateValue, _ other: TemplateValue) throws(Failure) -> Bool {
        switch (value, other) {
        case (.none, .none): return true
        case (.bool(let one), .bool(let two)): return one == two
        case (.none, _), (_, .none), (.bool, _), (_, .bool): return false
        default: throw .unsupported("sameas for a \(value.typeName)")
        }
    }

    private func has(_ name: String, _ value: TemplateValue) throws(Failure) -> Bool {
        switch (name, value) {
        case ("defined", .undefined): false
        case ("defined", _): true
        case ("undefined", .undefined): true
        case ("none", .none): true
        case ("boolean", .bool): true
        case ("true", .bool(let flag)): flag
        case ("false", .bool(let flag)): !flag
        case ("integer", .int), ("integer", .bigInt): true
        case ("float", .float): true
        case ("number", .bool), ("number", .int), ("number", .bigInt), ("number", .float): true
        case ("string", .text): true
        case ("mapping", .dict): true
        // Python asks whether it can be walked; what is undefined is walked as nothing.
        case ("iterable", .text), ("iterable", .list), ("iterable", .tuple), ("iterable", .dict), ("iterable", .undefined),
            ("iterable", .loop):
            true
        case ("sequence", .text), ("sequence", .list), ("sequence", .tuple), ("sequence", .dict), ("sequence", .undefined): true
        case ("callable", .macro), ("callable", .function), ("callable", .method), ("callable", .undefined): true
        case ("escaped", .text(let text)): text.isSafe
        case ("lower", _): try passesCase("islower", value)
        case ("upper", _): try passesCase("isupper", value)
        default: false
        }
    }

    private func passesCase(_ method: String, _ value: TemplateValue) throws(Failure) -> Bool {
        try call(method, of: TemplateText(try string(value)), CallArguments()).isTrue
    }
}
