extension TemplateParser {
    /// One expression, or several joined by commas.
    mutating func tuple(withConditional: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        let first = try expression(withConditional: withConditional)
        guard token == .sign(",") else { return first }
        var items = [first]
        while skip(sign: ",") {
            if endsTuple { break }
            items.append(try expression(withConditional: withConditional))
        }
        return .tuple(items)
    }

    private var endsTuple: Bool {
        switch token {
        case .variableEnd, .blockEnd, .sign(")"), .end: true
        default: false
        }
    }

    /// In the head of a loop or an `if`, an `if` belongs to the tag and not to the expression.
    mutating func expression(withConditional: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        try deeper { parser throws(ChatTemplateError) in
            withConditional ? try parser.conditionalExpression() : try parser.anyOf()
        }
    }

    private mutating func conditionalExpression() throws(ChatTemplateError) -> TemplateExpression {
        var value = try anyOf()
        try chain { parser throws(ChatTemplateError) in
            guard parser.skip(word: "if") else { return false }
            let condition = try parser.anyOf()
            let otherwise = parser.skip(word: "else") ? try parser.expression() : nil
            value = .conditional(value, condition: condition, otherwise: otherwise)
            return true
        }
        return value
    }

    /// Repeats a step that makes the tree one level deeper, as long as it says it found something.
    private mutating func chain(
        _ step: (inout TemplateParser) throws(ChatTemplateError) -> Bool
    ) throws(ChatTemplateError) {
        while try step(&self) {
            chainLength += 1
            guard chainLength <= Self.chainLimit else { throw failure(.tooDeep(limit: Self.chainLimit)) }
        }
    }

    private mutating func anyOf() throws(ChatTemplateError) -> TemplateExpression {
        var value = try allOf()
        try chain { parser throws(ChatTemplateError) in
            guard parser.skip(word: "or") else { return false }
            value = .any(value, try parser.allOf())
            return true
        }
        return value
    }

    private mutating func allOf() throws(ChatTemplateError) -> TemplateExpression {
        var value = try negation()
        try chain { parser throws(ChatTemplateError) in
            guard parser.skip(word: "and") else { return false }
            value = .all(value, try parser.negation())
            return true
        }
        return value
    }

    private mutating func negation() throws(ChatTemplateError) -> TemplateExpression {
        guard skip(word: "not") else { return try comparison() }
        return .not(try deeper { parser throws(ChatTemplateError) in try parser.negation() })
    }

    private mutating func comparison() throws(ChatTemplateError) -> TemplateExpression {
        let value = try sum()
        var others: [(sign: TemplateExpression.Comparison, other: TemplateExpression)] = []
        while let sign = comparisonSign() { others.append((sign, try sum())) }
        return others.isEmpty ? value : .compare(value, others)
    }

    private mutating func comparisonSign() -> TemplateExpression.Comparison? {
        switch token {
        case .sign(let sign):
            guard let comparison = TemplateExpression.Comparison(rawValue: sign) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where nextToken == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func sum() throws(ChatTemplateError) -> TemplateExpression {
        try operations(["+", "-"]) { parser throws(ChatTemplateError) in try parser.joined() }
    }

    private mutating func joined() throws(ChatTemplateError) -> TemplateExpression {
        var parts = [try product()]
        while skip(sign: "~") { parts.append(try product()) }
        return parts.count == 1 ? parts[0] : .joined(parts)
    }

    private mutating func product() throws(ChatTemplateError) -> TemplateExpression {
        try operations(["*", "/", "//", "%"]) { parser throws(ChatTemplateError) in
            try parser.operations(["**"]) { parser throws(ChatTemplateError) in try parser.unary(withFilters: true) }
        }
    }

    private mutating func operations(
        _ signs: Set<String>, _ operand: (inout TemplateParser) throws(ChatTemplateError) -> TemplateExpression
    ) throws(ChatTemplateError) -> TemplateExpression {
        var value = try operand(&self)
        try chain { parser throws(ChatTemplateError) in
            guard case .sign(let sign) = parser.token, signs.contains(sign) else { return false }
            parser.advance()
            value = .operation(sign, value, try operand(&parser))
            return true
        }
        return value
    }

    private mutating func unary(withFilters: Bool) throws(ChatTemplateError) -> TemplateExpression {
        var value: TemplateExpression
        if case .sign(let sign) = token, sign == "-" || sign == "+" {
            advance()
            value = .signed(sign, try deeper { parser throws(ChatTemplateError) in try parser.unary(withFilters: false) })
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtered(value) : value
    }

    private mutating func primary() throws(ChatTemplateError) -> TemplateExpression {
        let found = token
        switch found {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return .constant(.bool(true))
            case "false", "False": return .constant(.bool(false))
            case "none", "None": return .constant(.none)
            case "caller", "varargs", "kwargs", "self", "super", "cycler", "joiner", "lipsum":
                throw failure(.unsupported(name))
            default: return .name(name)
            }
        case .string(var text):
            advance()
            while case .string(let more) = token {
                text += more
                advance()
            }
            return .constant(.string(text))
        case .integer(let text):
            advance()
            return .constant(.integer(text))
        case .float(let value):
            advance()
            return .constant(.float(value))
        case .sign("("):
            advance()
            if skip(sign: ")") { return .tuple([]) }
            let inner = try tuple()
            try expect(.sign(")"))
            return inner
        case .sign("["):
            advance()
            return .list(try items(until: "]"))
        case .sign("{"):
            advance()
            return try dict()
        default:
            throw unexpected(wanted: "an expression")
        }
    }

    private mutating func items(until end: String) throws(ChatTemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !skip(sign: end) {
            if !items.isEmpty {
                try expect(.sign(","))
                if skip(sign: end) { break }
            }
            items.append(try expression())
        }
        return items
    }

    private mutating func dict() throws(ChatTemplateError) -> TemplateExpression {
        var pairs: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !skip(sign: "}") {
            if !pairs.isEmpty {
                try expect(.sign(","))
                if skip(sign: "}") { break }
            }
            let key = try expression()
            try expect(.sign(":"))
            pairs.append((key, try expression()))
        }
        return .dict(pairs)
    }

    private mutating func postfix(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var value = value
        try chain { parser throws(ChatTemplateError) in
            switch parser.token {
            case .sign("."):
                parser.advance()
                if case .integer(let index) = parser.token {
                    parser.advance()
                    value = .element(value, .constant(.integer(index)))
                } else {
                    value = .attribute(value, try parser.expectName())
                }
            case .sign("["):
                parser.advance()
                value = try parser.subscripted(value)
            case .sign("("):
                value = .call(value, try parser.arguments())
            default: return false
            }
            return true
        }
        return value
    }

    private mutating func subscripted(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var start: TemplateExpression?
        if token != .sign(":") {
            let index = try expression()
            if token == .sign(",") { throw failure(.unsupported("several indices in one pair of brackets")) }
            if skip(sign: "]") { return .element(value, index) }
            start = index
        }
        try expect(.sign(":"))
        let stop = token == .sign(":") || token == .sign("]") ? nil : try expression()
        let step = skip(sign: ":") && token != .sign("]") ? try expression() : nil
        try expect(.sign("]"))
        return .slice(value, start: start, stop: stop, step: step)
    }

    private mutating func arguments() throws(ChatTemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        try expect(.sign("("))
        var isFirst = true
        while !skip(sign: ")") {
            if !isFirst {
                try expect(.sign(","))
                if skip(sign: ")") { break }
            }
            isFirst = false
            if token == .sign("*") || token == .sign("**") { throw failure(.unsupported("arguments unpacked by *")) }
            if case .name(let name) = token, nextToken == .sign("=") {
                advance()
                advance()
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty else { throw unexpected(wanted: "an argument with its name") }
                arguments.positional.append(try expression())
            }
        }
        return arguments
    }

    private mutating func filtered(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var value = value
        try chain { parser throws(ChatTemplateError) in
            switch parser.token {
            case .sign("|"):
                parser.advance()
                value = .filter(value, try parser.filter())
            case .name("is"):
                parser.advance()
                value = try parser.test(value)
            case .sign("("):
                value = .call(value, try parser.arguments())
            default: return false
            }
            return true
        }
        return value
    }

    private mutating func filter() throws(ChatTemplateError) -> TemplateFilter {
        let line = line
        var name = try expectName()
        while skip(sign: ".") { name += "." + (try expectName()) }
        guard TemplateEvaluator.filterNames.contains(name) else {
            let isJinjas = TemplateEvaluator.unsupportedFilterNames.contains(name)
            throw failure(isJinjas ? .unsupported("the filter \(name)") : .unknownFilter(name), at: line)
        }
        return TemplateFilter(name: name, arguments: token == .sign("(") ? try arguments() : TemplateArguments())
    }

    mutating func filterChain() throws(ChatTemplateError) -> [TemplateFilter] {
        var filters = [try filter()]
        try chain { parser throws(ChatTemplateError) in
            guard parser.skip(sign: "|") else { return false }
            filters.append(try parser.filter())
            return true
        }
        return filters
    }

    private mutating func test(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        let isNegated = skip(word: "not")
        let line = line
        let name = try expectName()
        guard TemplateEvaluator.testNames.contains(name) else { throw failure(.unknownTest(name), at: line) }
        var test = TemplateFilter(name: name, arguments: TemplateArguments())
        if token == .sign("(") {
            test.arguments = try arguments()
        } else if startsTestArgument {
            if token == .name("is") { throw unexpected(wanted: "one test at a time") }
            let argument = try primary()
            test.arguments.positional = [try postfix(argument)]
        }
        return isNegated ? .not(.test(value, test)) : .test(value, test)
    }

    private var startsTestArgument: Bool {
        switch token {
        case .name("else"), .name("or"), .name("and"), .name("if"), .name("not"), .name("in"): false
        case .name, .string, .integer, .float, .sign("["), .sign("{"): true
        default: false
        }
    }
}
